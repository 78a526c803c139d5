# SPDX-License-Identifier: Apache-2.0
"""Sample assets of the repository to the configurations of their tasks, one function per gym id."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from causal_contracts.core.issue import ContractError, error
from causal_contracts.preview.causality import judged
from causal_contracts.preview.episode import read_contracts
from causal_contracts.preview.hand import hand_joints
from causal_contracts.preview.scene import Scene, build_scene

from ..backends import ContractPhysicsCfg
from .contract_task_cfg import ContractTaskCfg, contract_task_cfg

_scenes: list[Scene] = []
"""Temporary layers around the assets; they live as long as the process."""


def microwave() -> ContractTaskCfg:
    """A button that opens a door."""
    return _sample("microwave")


def coffee_maker() -> ContractTaskCfg:
    """A button that opens a lid."""
    return _sample("coffee_maker")


def car() -> ContractTaskCfg:
    """A tailgate that opens the rear window, and a button that opens the fuel flap."""
    return _sample("car")


def stove() -> ContractTaskCfg:
    """Four knobs that raise a plate each, as long as they are turned."""
    return _sample("stove")


def sample_asset(name: str) -> Path:
    """The USD file of a sample asset.

    Raises:
        ContractError: there is no repository around this installation.
    """
    parents = Path(__file__).resolve().parents
    data = next(
        (p / "data" for p in parents if (p / "data" / name / f"{name}.usda").exists()), None
    )
    if data is None:
        what = f"the sample asset '{name}' is not installed; it is in the repository alone"
        fix = "clone the repository and install it with: pip install -e '.[lab]'"
        raise ContractError(error(name, what, fix))
    return data / name / f"{name}.usda"


def _sample(name: str) -> ContractTaskCfg:
    asset = sample_asset(name)
    articulation, bundle, _ = read_contracts(asset)
    names = [joint.name for joint in articulation.movable]
    hand = hand_joints(judged(bundle, names), names)
    scene = build_scene(asset, articulation.root, hand_joints=hand)
    _scenes.append(scene)
    cfg = contract_task_cfg(scene, articulation, bundle)
    physics: Any = ContractPhysicsCfg()  # from which `physics=NAME` on the command line chooses
    cfg.sim.physics = physics
    cfg.couplings = str(asset)  # a path can be written to the run's log, a bundle cannot
    return cfg
