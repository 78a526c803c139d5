# SPDX-License-Identifier: Apache-2.0
"""`tools/bench step`: a whole DirectRLEnv step on data/microwave, with the rule and without.

Isaac Lab on Newton; half of the environments hold the button, so the rule acts there. On the CPU
the solver's graph is replayed, as the preview does it; on CUDA Isaac Lab does so itself. The rules
take turns on one environment, so that a drift of the machine hits all of them.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import warp as wp
from causal_contracts.core import (
    Bundle,
    CompiledCouplings,
    CouplingTerm,
    SetDriveTarget,
    compile_bundle,
)
from causal_contracts.core import read_bundle as read
from causal_contracts.lab.baselines import BASELINES
from causal_contracts.lab.clones_env import ClonesEnv, clones_env_cfg
from causal_contracts.lab.quiet_build import announce_compilations, quiet_build
from causal_contracts.preview.scene import Scene, build_scene

from . import floor
from .clock import Timing
from .forms import BEARABLE
from .report import write_json

ASSET = Path(__file__).resolve().parents[2] / "data/microwave/microwave.usda"
PRESSED = -0.008
"""Where the button is held [m]."""
REPETITIONS = 15
SLOW, REPETITIONS_OF_SLOW = 10, 3
"""A rule with which fewer steps than this are bearable is timed less often."""

Rule = Callable[[torch.Tensor, torch.Tensor], Any]
"""Positions and targets to targets, as a torch tensor."""
ALONE, CAPTURED = "no rule", "no rule, captured"
"""What a step costs by itself, as users of torch write it and as Warp-first tasks do."""


class StepEnv(ClonesEnv):
    """A task as users write it: targets of its own, then the rule, then the drives."""

    rule: Rule | None = None
    stage: wp.Graph | None = None
    """What replaces `_apply_action` where it was captured."""

    def __init__(self, cfg: Any) -> None:
        super().__init__(cfg)
        self.wanted = wp.to_torch(self.targets).clone()
        """What the task itself commands [rad or m], shape (num_envs, num_joints)."""
        self._commanded = wp.to_torch(self.targets)
        self.kept: list[Any] = []
        """What the captured stages read and write."""

    def _apply_action(self) -> None:
        if self.stage is not None:
            wp.capture_launch(self.stage)
            return
        self._commanded.copy_(self.wanted)
        targets = self._commanded
        if self.rule is not None:
            targets = self.rule(self.asset.data.joint_pos.torch, targets)
        value = self.targets if targets is self._commanded else wp.from_torch(targets)
        self.asset.actuators.target_command.set_position_mask(value=value)


def run(options: argparse.Namespace) -> int:
    """Print one table per number of environments; a process holds one environment."""
    wp.config.log_level = wp.LOG_WARNING
    result: dict[str, Any] = {
        "benchmark": "step",
        "asset": "data/microwave",
        "device": floor.device_name(options.device),
        "date": floor.today(),
        "cases": [],
    }
    print(result["device"])
    for num_envs in options.envs or [256 if options.device == "cpu" else 65536]:
        case = measure(num_envs, options.device, options.steps)
        result["cases"].append(case)
        print(table(case, markdown=options.markdown), flush=True)
    if options.json:
        write_json(options.json, result)
    return 0


def measure(num_envs: int, device: str, steps: int) -> dict[str, Any]:
    """Microseconds of an environment step under each rule, in turns, of the same doors opened."""
    bundle = read(ASSET)
    with contextlib.closing(build_scene(ASSET, hand_joints=["button_slide"])) as scene:
        env, undo = build(scene, num_envs, device)
        try:
            names = tuple(env.asset.joint_names)
            env.wanted.zero_()
            env.wanted[::2, names.index("button_slide")] = PRESSED
            (contract,) = bundle.contracts
            effect = contract.effect
            assert isinstance(effect, SetDriveTarget), f"{contract.id} sets no drive target"
            door = names.index(effect.joint)
            one, sixteen = (compile_bundle(repeated(bundle, n), names) for n in (1, 16))
            rules = rules_of(one, sixteen, num_envs, device)
            stages = stages_of(one, sixteen, env)
            names_of_rules = [*rules, *stages]
            samples: dict[str, list[float]] = {name: [] for name in names_of_rules}
            bearable = {}

            def use(name: str) -> None:
                """The same doors are open either way, so that the physics costs the same."""
                env.rule, env.stage = rules.get(name), stages.get(name)
                env.wanted[::2, door] = effect.target if name in (ALONE, CAPTURED) else 0.0

            for name in names_of_rules:  # warm-up
                use(name)
                env.reset()
                once(env, 3)
                bearable[name] = max(1, int(BEARABLE / (once(env, 3) * 1e-6)))
            for repetition in range(REPETITIONS):
                for name in names_of_rules:
                    repetitions = REPETITIONS_OF_SLOW if bearable[name] < SLOW else REPETITIONS
                    if repetition >= repetitions:
                        continue
                    use(name)
                    once(env, 1)
                    samples[name].append(once(env, min(steps, bearable[name])))
                    if repetition == repetitions - 1 and not acts(env, door, effect.target):
                        raise RuntimeError(f"'{name}' opens other doors than those pressed")
        finally:
            undo()
            with quiet_build(lambda message: None):
                env.close()
    return {
        "num_envs": num_envs,
        "steps": steps,
        "rules": {
            name: {
                **dataclasses.asdict(Timing.of(each)),
                "more": share(each, samples[CAPTURED if name in stages else ALONE]),
            }
            for name, each in samples.items()
        },
    }


def acts(env: StepEnv, door: int, target: float) -> bool:
    """Whether the doors of the pressed half are commanded open and no other."""
    commanded = env.asset.actuators.target_command.position.torch[:, door]
    opened = torch.isclose(commanded, commanded.new_tensor(target))
    return bool(opened[::2].all() and not opened[1::2].any())


def share(samples: list[float], bare: list[float]) -> float:
    """How much more a step takes than without a rule: the median over the rounds, a fraction."""
    return Timing.of([mine / base - 1 for mine, base in zip(samples, bare, strict=False)]).median


def build(scene: Scene, num_envs: int, device: str) -> tuple[StepEnv, Callable[[], None]]:
    """The environment, ready to step, and what undoes the replay of its solver."""
    with quiet_build(lambda message: None):
        announce_compilations()
        env = StepEnv(clones_env_cfg(scene, num_envs=num_envs, dt=1 / 120, device=device))
        undo: Callable[[], None] = lambda: None  # noqa: E731
        if device == "cpu":
            from causal_contracts.lab.solver_graph import replay_on_cpu

            undo = replay_on_cpu()
        env.reset()
    return env, undo


def rules_of(
    one: CompiledCouplings, sixteen: CompiledCouplings, num_envs: int, device: str
) -> dict[str, Rule | None]:
    """No rule, the term with 1 and 16 contracts, and the baselines with 1."""
    rules: dict[str, Rule | None] = {ALONE: None}
    for label, compiled in (("1 contract", one), ("16 contracts", sixteen)):
        rules[f"term, {label}"] = in_place(compiled, num_envs, device)
        rules[f"term recorded, {label}"] = recorded(compiled, num_envs, device)
    for name in ("torch.where in place", "torch.where", "transition loop"):
        rules[name] = BASELINES[name](one, num_envs, device).apply
    many = BASELINES["torch.where in place"](sixteen, num_envs, device)
    rules["torch.where in place, 16 contracts"] = many.apply
    rules["per-environment Python"] = BASELINES["per-environment Python"](
        one, num_envs, device
    ).apply
    return rules


def in_place(compiled: CompiledCouplings, num_envs: int, device: str) -> Rule:
    """The term over the task's own targets."""
    term = CouplingTerm(compiled, num_envs, device, frontend="torch")
    return lambda joint_pos, targets: term.apply(joint_pos, targets, out=targets)


def recorded(compiled: CompiledCouplings, num_envs: int, device: str) -> Rule:
    """The same as a recorded call, since Newton's positions and the task's targets stay put."""
    term = CouplingTerm(compiled, num_envs, device, frontend="torch")
    call: Callable[[], None] | None = None

    def rule(joint_pos: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        nonlocal call
        if call is None:
            call = term.recorded(joint_pos, targets, out=targets)
        call()
        return targets

    return rule


def stages_of(
    one: CompiledCouplings, sixteen: CompiledCouplings, env: StepEnv
) -> dict[str, wp.Graph]:
    """`_apply_action` as one graph, as Warp-first tasks run it: without the term and with it."""
    return {
        CAPTURED: captured(env, None),
        "term captured, 1 contract": captured(env, one),
        "term captured, 16 contracts": captured(env, sixteen),
    }


def captured(env: StepEnv, compiled: CompiledCouplings | None) -> wp.Graph:
    """A graph of the task's targets, the rule over them where there is one, and the drives."""
    wanted, targets = wp.from_torch(env.wanted), env.targets
    term = compiled and CouplingTerm(compiled, env.num_envs, env.device, frontend="warp")

    def stage() -> None:
        wp.copy(targets, wanted)
        if term is not None:
            term.apply(env.asset.data.joint_pos.warp, targets, out=targets)
        env.asset.actuators.target_command.set_position_mask(value=targets)

    stage()  # what is compiled or allocated at first is not captured
    with wp.ScopedCapture(env.device) as capture:
        stage()
    assert capture.graph is not None
    env.kept.append((wanted, term))
    return capture.graph


def repeated(bundle: Bundle, count: int) -> Bundle:
    """`count` copies of the asset's contract, under ids of their own."""
    first = bundle.contracts[0]
    copies = (dataclasses.replace(first, id=f"{first.id}_{i:02d}") for i in range(count))
    return dataclasses.replace(bundle, contracts=tuple(copies))


def once(env: StepEnv, steps: int) -> float:
    """Microseconds per step over `steps` steps."""
    wait = torch.cuda.synchronize if "cuda" in str(env.device) else (lambda: None)
    wait()
    start = time.perf_counter()
    with torch.inference_mode():
        for _ in range(steps):
            env.step(env.no_action)
    wait()
    return (time.perf_counter() - start) / steps * 1e6


def table(case: dict[str, Any], *, markdown: bool, what: str = "a step") -> str:
    """A line per rule: median, min, max, and how much more than no rule."""
    lines = [f"\n{case['num_envs']:,} environments, {what} in us"]
    if markdown:
        lines += [
            "",
            "| rule | median | min | max | more than no rule |",
            "|---|---:|---:|---:|---:|",
        ]
    else:
        lines.append(f"  {'':36}{'median':>12}{'min':>12}{'max':>12}{'more':>10}")
    for name, timing in case["rules"].items():
        cells = [f"{timing[key]:,.1f}" for key in ("median", "min", "max")]
        cells.append(f"{timing['more']:+.2%}")
        if markdown:
            lines.append("| " + " | ".join([name, *cells]) + " |")
        else:
            lines.append(
                f"  {name:36}" + "".join(f"{c:>12}" for c in cells[:3]) + f"{cells[3]:>10}"
            )
    return "\n".join(lines)
