# SPDX-License-Identifier: Apache-2.0
"""`tools/bench train`: an RSL-RL iteration on data/microwave, with the rule and without.

An iteration is a rollout of one episode in every environment and a PPO update, on Isaac Lab and
Newton. The rules take turns from iteration to iteration of one training, so that a drift of the
machine hits all of them.
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
from causal_contracts.core import CouplingTerm
from causal_contracts.lab.baselines import BASELINES
from causal_contracts.lab.tasks.contract_task import ContractTask
from causal_contracts.lab.tasks.contract_task_cfg import contract_task_cfg
from causal_contracts.lab.train.rsl_rl_learner import train_rsl_rl
from causal_contracts.lab.train.running_task import running_task
from causal_contracts.preview.episode import read_contracts
from causal_contracts.preview.scene import build_scene

from . import clock, floor
from .clock import Timing
from .report import write_json
from .step import share, table

ASSET = Path(__file__).resolve().parents[2] / "data/microwave/microwave.usda"
BEARABLE = 0.05
"""Seconds of one apply beyond which an iteration would be of nothing else."""

Rule = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
"""Positions and targets to targets, shape (num_envs, num_joints)."""


class TrainTask(ContractTask):
    """The contract task with another rule in the place of the mixin's."""

    rule: Rule | None = None
    """None: the mixin, with its metrics, as users have it."""

    def apply_couplings(self, targets: torch.Tensor, articulation: Any = None) -> torch.Tensor:
        """Apply whichever rule has its turn."""
        if self.rule is None:
            return super().apply_couplings(targets, articulation)
        return self.rule(self.binding.joint_pos(), targets)


def run(options: argparse.Namespace) -> int:
    """Print one table per number of environments."""
    wp.config.log_level = wp.LOG_WARNING
    result: dict[str, Any] = {
        "benchmark": "train",
        "asset": "data/microwave",
        "device": floor.device_name(options.device),
        "date": floor.today(),
        "cases": [],
    }
    print(result["device"])
    for num_envs in options.envs or [64 if options.device == "cpu" else 4096]:
        case = measure(num_envs, options.device, options.iterations)
        result["cases"].append(case)
        print(table(case, markdown=options.markdown, what="a PPO iteration"), flush=True)
    if options.json:
        write_json(options.json, result)
    return 0


def measure(num_envs: int, device: str, iterations: int) -> dict[str, Any]:
    """Microseconds of an iteration under each rule, in turns."""
    articulation, bundle, _ = read_contracts(ASSET)
    with contextlib.closing(build_scene(ASSET, hand_joints=["button_slide"])) as scene:
        cfg = contract_task_cfg(scene, articulation, bundle, num_envs=num_envs, device=device)
        with running_task(cfg, lambda message: None, TrainTask) as task:
            rules = rules_of(task)
            samples: dict[str, list[float]] = {name: [] for name in rules}
            train_in_turns(task, rules, samples, iterations)
    return {
        "num_envs": num_envs,
        "steps": task.max_episode_length,
        "rules": {
            name: {**dataclasses.asdict(Timing.of(each)), "more": share(each, samples["no rule"])}
            for name, each in samples.items()
        },
    }


def train_in_turns(
    task: TrainTask, rules: dict[str, Rule | None], samples: dict[str, list[float]], rounds: int
) -> None:
    """One training; the first turn of each rule is its warm-up."""
    names = list(rules)
    turns = [name for _ in range(rounds + 1) for name in names]
    wait = torch.cuda.synchronize if "cuda" in str(task.device) else (lambda: None)
    began = time.perf_counter()

    def after_update(steps: int) -> None:
        nonlocal began
        del steps
        wait()
        now = time.perf_counter()
        done = len(names) * (rounds + 1) - len(turns)
        name = turns.pop(0)
        if done >= len(names):
            samples[name].append((now - began) * 1e6)
        if turns:
            task.rule = rules[turns[0]]
        began = time.perf_counter()

    task.rule = rules[turns[0]]
    train_rsl_rl(task, iterations=len(turns), logs=None, after_update=after_update)


def rules_of(task: TrainTask) -> dict[str, Rule | None]:
    """No rule, the term alone and in the mixin, and the baselines that can be borne."""
    compiled, num_envs, device = task.binding.compiled, task.num_envs, str(task.device)
    term = CouplingTerm(compiled, num_envs, device, frontend="torch")
    rules: dict[str, Rule | None] = {
        "no rule": lambda joint_pos, targets: targets,
        "term": lambda joint_pos, targets: term.apply(joint_pos, targets),  # pyright: ignore
        "mixin with metrics": None,
    }
    joint_pos = task.binding.joint_pos()
    for name in ("torch.where", "transition loop", "per-environment Python"):
        baseline = BASELINES[name](compiled, num_envs, device)
        once = clock.eager([lambda: baseline.apply(joint_pos, task.targets.clone())], device, 0.01)  # noqa: B023
        if once.min * 1e-6 < BEARABLE:
            rules[name] = lambda pos, targets, rule=baseline: rule.apply(pos, targets.clone())
        else:
            print(f"  left out: {name}, {once.min * 1e-3:,.0f} ms an apply")
    return rules
