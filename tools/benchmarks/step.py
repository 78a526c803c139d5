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
from typing import Any

import torch
import warp as wp
from causal_contracts.lab.quiet_build import quiet_build
from causal_contracts.preview.scene import build_scene

from . import floor
from .clock import Timing
from .forms import BEARABLE
from .report import write_json
from .step_env import ASSET, BUTTON, StepEnv, build
from .step_ways import Way, ways_of

SLOW, TURNS_OF_SLOW = 10, 3
"""A rule with which fewer steps than this are bearable is timed less often."""


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
    print(f"{result['device']}; {options.turns} turns of {options.steps} steps each")
    for num_envs in options.envs or [256 if options.device == "cpu" else 65536]:
        case = measure(num_envs, options)
        result["cases"].append(case)
        print(table(case, markdown=options.markdown), flush=True)
    if options.json:
        write_json(options.json, result)
    return 0


def measure(num_envs: int, options: argparse.Namespace) -> dict[str, Any]:
    """Microseconds of an environment step in each way, in turns, of the same doors opened."""
    with contextlib.closing(build_scene(ASSET, hand_joints=[BUTTON])) as scene:
        env, undo = build(scene, num_envs, options.device)
        try:
            ways = ways_of(env)
            samples = in_turns(env, ways, options.steps, options.turns)
        finally:
            undo()
            with quiet_build(lambda message: None):
                env.close()
    return {
        "num_envs": num_envs,
        "steps": options.steps,
        "turns": options.turns,
        "rules": {
            name: {
                **dataclasses.asdict(Timing.of(each)),
                "more": share(each, samples[ways[name].bare]),
            }
            for name, each in samples.items()
        },
    }


def in_turns(env: StepEnv, ways: dict[str, Way], steps: int, turns: int) -> dict[str, list[float]]:
    """Microseconds per step of every way, as often as it is bearable.

    Turns are many and short, since what a rule adds is less than what the machine drifts by.
    """
    samples: dict[str, list[float]] = {name: [] for name in ways}
    bearable = {}

    def use(name: str) -> None:
        """The same doors are open either way, so that the physics costs the same."""
        ways[name].use(env)
        env.press(0.0 if ways[name].acts else env.effect.target)

    for name in ways:  # warm-up
        use(name)
        env.reset()
        once(env, 3)
        bearable[name] = max(1, int(BEARABLE / (once(env, 3) * 1e-6)))
    for turn in range(turns):
        for name in ways:
            last = (min(TURNS_OF_SLOW, turns) if bearable[name] < SLOW else turns) - 1
            if turn > last:
                continue
            use(name)
            once(env, 2)
            samples[name].append(once(env, min(steps, bearable[name])))
            settled = turn == last and not env.episodes_end
            if settled and not env.acts():
                raise RuntimeError(f"'{name}' opens other doors than those pressed")
    return samples


def share(samples: list[float], bare: list[float]) -> float:
    """How much more a step takes than without a rule: the median over the rounds, a fraction."""
    return Timing.of([mine / base - 1 for mine, base in zip(samples, bare, strict=False)]).median


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
        lines.append(f"  {'':40}{'median':>12}{'min':>12}{'max':>12}{'more':>10}")
    for name, timing in case["rules"].items():
        cells = [f"{timing[key]:,.1f}" for key in ("median", "min", "max")]
        cells.append(f"{timing['more']:+.2%}")
        if markdown:
            lines.append("| " + " | ".join([name, *cells]) + " |")
        else:
            lines.append(
                f"  {name:40}" + "".join(f"{c:>12}" for c in cells[:3]) + f"{cells[3]:>10}"
            )
    return "\n".join(lines)
