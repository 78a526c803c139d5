# SPDX-License-Identifier: Apache-2.0
"""Sample assets as real ContractTasks, small enough for the default suite."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from causal_contracts.lab.tasks.contract_task_cfg import contract_task_cfg
from causal_contracts.lab.train.running_task import running_task
from causal_contracts.preview.episode import read_contracts
from causal_contracts.preview.scene import build_scene
from lab_device import DEVICE

DATA = Path(__file__).resolve().parents[1] / "data"


def asset(name: str) -> Path:
    return DATA / name / f"{name}.usda"


@contextlib.contextmanager
def sample_task(name: str, *, seconds: float | None = None, **options) -> Iterator:
    """A running, reset task on a sample asset; `seconds` is the length of its episodes."""
    articulation, bundle, _ = read_contracts(asset(name))
    with contextlib.closing(build_scene(asset(name), articulation.root)) as scene:
        cfg = contract_task_cfg(scene, articulation, bundle, **{"device": DEVICE, **options})
        if seconds is not None:
            cfg.episode_length_s = seconds
        with running_task(cfg, lambda message: None) as task:
            task.reset()
            yield task
