# SPDX-License-Identifier: Apache-2.0
"""`tools/imagine`: everything in its order, with a table, a JSON file and a picture."""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import torch
from causal_contracts.core.atomic import write_atomically
from causal_contracts.core.model import Contract, SetDriveTarget

from . import open_loop, policy, real, world_model
from .open_loop import ARMS, GROUPS, OpenLoop
from .recording import Recording, record
from .rollout import Imagination

POLICIES = ("with the term", "term left out", "no contract input")
STARTS = {"moved": "starts where the joint was just moved by hand", "any": "starts anywhere"}
"""Which recorded states imagination starts from."""
PACKAGES = ("isaaclab", "newton", "warp-lang", "torch", "rsl-rl-lib")


@dataclass
class Clock:
    """Prints what is going on, and remembers how long it took."""

    began: float
    seconds: dict[str, float]

    def say(self, text: str) -> None:
        print(f"{time.perf_counter() - self.began:6.1f} s  {text}", flush=True)

    def done(self, phase: str) -> None:
        self.seconds[phase] = round(
            time.perf_counter() - self.began - sum(self.seconds.values()), 1
        )


def run(options: argparse.Namespace, contract: Contract) -> None:
    """Play, print the table, and write the files asked for.

    Raises ContractError where the asset cannot be simulated or a file cannot be written.
    """
    clock = Clock(time.perf_counter(), {})
    if options.device == "cpu":
        # The networks are small: threads would cost more than they bring, most on a busy machine.
        torch.set_num_threads(1)
    clock.say(f"building {options.envs} environments ...")
    with real.running(options.asset, contract, options.envs, options.device) as env:
        result, loops = play(env, options, clock)
    print(table(result))
    if options.json:
        write_atomically(options.json, (json.dumps(result, indent=1) + "\n").encode())
    if options.png:
        from .picture import draw

        write_atomically(options.png, draw(result, loops["moved"]))


def play(
    env: real.RealEnv, options: argparse.Namespace, clock: Clock
) -> tuple[dict[str, Any], dict[str, OpenLoop]]:
    """What was measured, and the windows behind it."""
    clock.done("build")
    clock.say(f"recording {options.decisions} decisions of a random hand ...")
    recording = record(env, options.decisions, options.seed)
    clock.done("record")
    with_input, without = (learn(recording, each, options, clock) for each in (True, False))
    clock.done("learn")
    term = Imagination(with_input, recording)
    absent = Imagination(without, recording)
    arms = dict(zip(ARMS, (absent, term, term), strict=True))
    loops = {}
    for starts in STARTS:
        windows = open_loop.find_windows(recording, options.horizon, moved=starts == "moved")
        loops[starts] = open_loop.imagine(recording, windows, arms)
    clock.done("open loop")
    left_out = Imagination(with_input, recording, term=False)
    policies = {}
    for name, model in zip(POLICIES, (term, left_out, absent), strict=True):
        policies[name] = train_policy(env, model, recording, name, options, clock)
    clock.done("policies")
    return facts(env, options, clock, loops, policies, (with_input, without), recording), loops


def learn(
    recording: Recording, contract: bool, options: argparse.Namespace, clock: Clock
) -> world_model.Ensemble:
    """One of the two ensembles."""
    what = "with" if contract else "without"
    clock.say(f"training {options.members} networks {what} the active flag as input ...")
    return world_model.train(
        recording,
        contract=contract,
        members=options.members,
        hidden=64,
        updates=options.updates,
        seed=options.seed,
    )


def train_policy(
    env: real.RealEnv,
    model: Imagination,
    recording: Recording,
    name: str,
    options: argparse.Namespace,
    clock: Clock,
) -> dict[str, Any]:
    """PPO in imagination alone, then the real environment."""
    num_envs = 50 * options.members
    imagined = policy.ImaginedEnv(model, recording, num_envs, options.seed)
    trained, rewards = policy.train(
        imagined, options.iterations, options.seed, lambda text: clock.say(f"PPO, {name}: {text}")
    )
    return {**policy.evaluate(env, model, trained), "rewards": [round(r, 4) for r in rewards]}


def facts(
    env: real.RealEnv,
    options: argparse.Namespace,
    clock: Clock,
    loops: dict[str, OpenLoop],
    policies: dict[str, Any],
    ensembles: tuple[world_model.Ensemble, world_model.Ensemble],
    recording: Recording,
) -> dict[str, Any]:
    """Plain values for JSON."""
    effect = env.compiled.contracts[0].effect
    assert isinstance(effect, SetDriveTarget)
    return {
        "example": "imagination",
        "asset": options.asset.name,
        "contract": str(env.compiled.contracts[0]),
        "unit": effect.unit or "rad or m",
        "rest": float(env.compiled.rest[0]),
        "target": float(env.compiled.target[0]),
        "seed": options.seed,
        "device": options.device,
        "versions": {name: version(name) for name in PACKAGES},
        "num_envs": env.num_envs,
        "decisions": options.decisions,
        "seconds_per_decision": env.step_dt,
        "horizon": options.horizon,
        "members": options.members,
        "updates": options.updates,
        "iterations": options.iterations,
        "one_step_error": {
            name: round(world_model.one_step_error(each, recording), 4)
            for name, each in zip(("with input", "without"), ensembles, strict=True)
        },
        "open_loop": {
            starts: {
                "windows": {group: loop.count(group) for group in GROUPS},
                "error": {arm: {group: loop.error(arm, group) for group in GROUPS} for arm in ARMS},
            }
            for starts, loop in loops.items()
        },
        "policies": policies,
        "seconds": clock.seconds,
    }


def table(result: dict[str, Any]) -> str:
    """The errors by arm and group, then what the policies do in reality."""
    steps, dt = result["horizon"], result["seconds_per_decision"]
    lines = [
        "",
        f"{result['asset']}, {result['contract']}",
        f"seed {result['seed']}, {result['num_envs']} environments x {result['decisions']} "
        f"decisions, {result['members']} networks, {result['device']}",
        "",
        f"Effect joint after {steps} imagined decisions ({steps * dt:.2g} s): mean error "
        f"[{result['unit']}], windows that no network saw",
    ]
    for starts, text in STARTS.items():
        found = result["open_loop"][starts]
        lines.append(f"\n  {text:44}{'windows':>8}" + "".join(f"{arm:>27}" for arm in ARMS))
        for group in GROUPS:
            errors = (found["error"][arm][group] for arm in ARMS)
            cells = ("-" if each is None else f"{each:.3f}" for each in errors)
            count = found["windows"][group]
            lines.append(f"  {group:44}{count:8}" + "".join(f"{cell:>27}" for cell in cells))
    lines.append("\nPolicies trained in imagination alone, 2 s in the real environment")
    for name, found in result["policies"].items():
        lines.append(
            f"  {name:20} pressed {found['pressed']:4} of {found['of']}, "
            f"effect reached in {found['opened']:4}"
        )
    spent = ", ".join(f"{phase} {seconds:g} s" for phase, seconds in result["seconds"].items())
    return "\n".join([*lines, "", f"{sum(result['seconds'].values()):.0f} s: {spent}"])
