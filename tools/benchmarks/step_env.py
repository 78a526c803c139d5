# SPDX-License-Identifier: Apache-2.0
"""data/microwave as a task that `tools/bench step` steps with one rule after another."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import warp as wp
from causal_contracts.core import Bundle, SetDriveTarget
from causal_contracts.core import read_bundle as read
from causal_contracts.lab.clones_env import ClonesEnv, clones_env_cfg
from causal_contracts.lab.mixin import CompiledCouplingMixin
from causal_contracts.lab.quiet_build import announce_compilations, quiet_build
from causal_contracts.preview.scene import Scene

ASSET = Path(__file__).resolve().parents[2] / "data/microwave/microwave.usda"
BUTTON, PRESSED = "button_slide", -0.008
"""What half of the environments hold, and where [m]."""
EPISODE = 240
"""Steps of an episode, two seconds, where episodes end; some do in every step."""

Rule = Callable[[torch.Tensor, torch.Tensor], Any]
"""Positions and targets to targets, as a torch tensor."""


class StepEnv(CompiledCouplingMixin, ClonesEnv):
    """A task as users write it: targets of its own, then the rule, then the drives."""

    rule: Rule | None = None
    stage: wp.Graph | None = None
    """What replaces `_apply_action` where it was captured."""
    mixin = False
    """Whether the task asks `apply_couplings`, whatever is bound, instead of calling `rule`."""
    episodes_end = False

    def __init__(self, cfg: Any) -> None:
        super().__init__(cfg)
        self.wanted = wp.to_torch(self.targets).clone()
        """What the task itself commands [rad or m], shape (num_envs, num_joints)."""
        self.commanded = wp.to_torch(self.targets)
        self.kept: list[Any] = []
        """What the captured stages read and write."""

    def _apply_action(self) -> None:
        if self.stage is not None:
            wp.capture_launch(self.stage)
            return
        command = self.asset.actuators.target_command
        if self.mixin:
            command.set_position_index(value=self.apply_couplings(self.wanted))
            return
        self.commanded.copy_(self.wanted)
        targets = self.commanded
        if self.rule is not None:
            targets = self.rule(self.asset.data.joint_pos.torch, targets)
        value = self.targets if targets is self.commanded else wp.from_torch(targets)
        command.set_position_mask(value=value)

    def _get_dones(self) -> tuple[torch.Tensor, torch.Tensor]:
        if not self.episodes_end:
            return super()._get_dones()
        return self._never, self.episode_length_buf >= EPISODE

    def press(self, door_target: float) -> None:
        """Hold the button of every second environment, and command its door as the task does."""
        self.wanted.zero_()
        self.wanted[::2, self.asset.joint_names.index(BUTTON)] = PRESSED
        self.wanted[::2, self.door] = door_target

    def end_episodes(self, *, end: bool) -> None:
        """Let episodes end from now on, each at a time of its own, or none."""
        self.episodes_end = end
        device, size = self.episode_length_buf.device, (self.num_envs,)
        generator = torch.Generator(device).manual_seed(0)
        ages = torch.randint(0, EPISODE, size, generator=generator, device=device)
        self.episode_length_buf.copy_(ages if end else torch.zeros_like(ages))

    @property
    def bundle(self) -> Bundle:
        """The asset's own contract."""
        return self.cfg.couplings  # pyright: ignore[reportAttributeAccessIssue]

    @property
    def effect(self) -> SetDriveTarget:
        """What the contract does to the door."""
        effect = self.bundle.contracts[0].effect
        assert isinstance(effect, SetDriveTarget), f"{effect} is no drive target"
        return effect

    @property
    def door(self) -> int:
        """The effect joint's column."""
        return self.asset.joint_names.index(self.effect.joint)

    def acts(self) -> bool:
        """Whether the doors of the pressed half are commanded open and no other."""
        commanded = self.asset.actuators.target_command.position.torch[:, self.door]
        opened = torch.isclose(commanded, commanded.new_tensor(self.effect.target))
        return bool(opened[::2].all() and not opened[1::2].any())


def build(scene: Scene, num_envs: int, device: str) -> tuple[StepEnv, Callable[[], None]]:
    """The environment, ready to step, and what undoes the replay of its solver."""
    with quiet_build(lambda message: None):
        announce_compilations()
        cfg = clones_env_cfg(scene, num_envs=num_envs, dt=1 / 120, device=device)
        cfg.couplings = read(ASSET)  # pyright: ignore[reportAttributeAccessIssue]
        env = StepEnv(cfg)
        undo: Callable[[], None] = lambda: None  # noqa: E731
        if device == "cpu":
            from causal_contracts.lab.solver_graph import replay_on_cpu

            undo = replay_on_cpu()
        env.reset()
    return env, undo
