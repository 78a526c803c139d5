# SPDX-License-Identifier: Apache-2.0

"""Warp-first twins of the direct tasks in `lab_tasks`: the same cfg, the same joints written."""

import contextlib
from collections.abc import Iterator

import numpy as np
import torch
import warp as wp
from causal_contracts.lab.mixin import CompiledCouplingMixin
from causal_contracts.lab.warp_mixin import WarpCouplingMixin
from isaaclab_experimental.envs import DirectRLEnvWarp
from isaaclab_experimental.envs.interactive_scene_warp import InteractiveSceneWarp
from lab_tasks import BUTTON, PressTask, running


@wp.kernel
def press(actions: wp.array2d(dtype=wp.float32), column: int, out: wp.array2d(dtype=wp.float32)):
    env = wp.tid()
    out[env, column] = wp.float32(-0.01) * actions[env, 0]


@wp.kernel
def clear_rows(mask: wp.array(dtype=wp.bool), out: wp.array2d(dtype=wp.float32)):
    env, column = wp.tid()
    if mask[env]:
        out[env, column] = 0.0


@wp.kernel
def end(
    ends: wp.array(dtype=wp.bool), terminated: wp.array(dtype=wp.bool), out: wp.array(dtype=wp.bool)
):
    env = wp.tid()
    terminated[env] = ends[env]
    out[env] = ends[env]


class TorchPressTask(PressTask):
    """`PressTask` with joints written where they lie, as its Warp twin does."""

    def _reset_idx(self, env_ids):
        CompiledCouplingMixin._reset_idx(self, env_ids)
        rows = slice(None) if env_ids is None else env_ids.long()
        for name, robot in self.robots.items():
            robot.data.joint_pos.torch[rows] = 0.0
            robot.data.joint_vel.torch[rows] = 0.0
            self.targets[name][rows] = 0.0


class WarpPressTask(WarpCouplingMixin, DirectRLEnvWarp):
    """The action presses the button of every microwave; the test says which episodes end."""

    def __init__(self, cfg):
        cfg.scene.class_type = InteractiveSceneWarp
        super().__init__(cfg)
        self.robots = dict(self.scene.articulations)
        self.robot = next(iter(self.robots.values()))
        shape = (self.num_envs, self.robot.num_joints)
        self.targets = {name: wp.zeros(shape, dtype=wp.float32) for name in self.robots}
        self.ends = wp.zeros(self.num_envs, dtype=wp.bool)
        self.actions = wp.zeros((self.num_envs, 1), dtype=wp.float32)
        self.torch_obs_buf = torch.zeros(self.num_envs, 1)
        self.torch_reward_buf = torch.zeros(self.num_envs)
        self.torch_reset_terminated = wp.to_torch(self.reset_terminated)
        self.torch_reset_time_outs = wp.to_torch(self.reset_time_outs)

    def _pre_physics_step(self, actions):
        wp.copy(self.actions, actions)
        for name, robot in self.robots.items():
            column = robot.joint_names.index(BUTTON)
            inputs = [self.actions, column, self.targets[name]]
            wp.launch(press, dim=self.num_envs, inputs=inputs)

    def _apply_action(self):
        for name, robot in self.robots.items():
            robot.actuators.target_command.set_position_mask(
                value=self.apply_couplings(self.targets[name], name)
            )

    def _get_observations(self):
        return {}

    def _get_rewards(self):
        pass

    def _get_dones(self):
        inputs = [self.ends, self.reset_terminated, self.reset_buf]
        wp.launch(end, dim=self.num_envs, inputs=inputs)

    def _reset_idx(self, mask=None):
        super()._reset_idx(mask)
        mask = self._ALL_ENV_MASK if mask is None else mask
        for name, robot in self.robots.items():
            # written as Isaac Lab's own Warp tasks do: its `*_mask` writers set a flag on the host,
            # which a replay forgets, and then the solver restarts from other accelerations
            for rows in (robot.data.joint_pos.warp, robot.data.joint_vel.warp, self.targets[name]):
                wp.launch(clear_rows, dim=rows.shape, inputs=[mask, rows])

    def measured(self, name=None) -> np.ndarray:
        robot = self.robot if name is None else self.robots[name]
        return robot.data.joint_pos.torch.numpy().copy()


class EagerGraphs:
    """In place of Isaac Lab's graph cache: every stage runs each time, nothing is recorded."""

    def capture_or_replay(self, stage, fn, args=(), kwargs=None):
        del stage
        return fn(*args, **(kwargs or {}))


@contextlib.contextmanager
def running_warp(task, cfg, *, captured: bool = True) -> Iterator:
    """As `lab_tasks.running`, with its stages recorded or not."""
    with running(task, cfg, reset=False) as env:
        if not captured:
            env._graph_cache = EagerGraphs()
        env.reset()
        yield env
