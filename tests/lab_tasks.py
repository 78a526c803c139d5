# SPDX-License-Identifier: Apache-2.0
"""Real Isaac Lab direct tasks over the sample microwave: one action presses the button."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from causal_contracts.lab.mixin import CompiledCouplingMixin
from causal_contracts.lab.pinned_memory import avoid_pinned_memory
from causal_contracts.lab.quiet_build import quiet_build
from causal_contracts.lab.solver_graph import replay_on_cpu
from isaaclab.actuators import IdealPDActuatorCfg, ImplicitActuatorCfg
from isaaclab.assets import ArticulationCfg
from isaaclab.envs import DirectMARLEnv, DirectMARLEnvCfg, DirectRLEnv, DirectRLEnvCfg
from isaaclab.scene import InteractiveSceneCfg
from isaaclab.sim import SimulationCfg, UsdFileCfg
from isaaclab.utils import configclass
from isaaclab_newton.physics import MJWarpSolverCfg, NewtonCfg
from lab_device import DEVICE

MICROWAVE = Path(__file__).resolve().parents[1] / "data" / "microwave"
ASSET, COUPLINGS = MICROWAVE / "microwave.usda", MICROWAVE / "couplings.json"
DOOR, THRESHOLD, TARGET = "door_hinge", np.float32(-0.005), np.float32(np.pi / 2)
BUTTON = "button_slide"

IMPLICIT = ImplicitActuatorCfg(joint_names_expr=[".*"], stiffness=None, damping=None)
# Newton runs explicit actuators itself and then folds the decimation; gains as on the asset.
EXPLICIT = IdealPDActuatorCfg(
    joint_names_expr=[".*"],
    stiffness={"button_slide": 32.0, "door_hinge": 22.03},
    damping={"button_slide": 1.6, "door_hinge": 3.637},
)


def microwave_cfg(name: str = "Microwave", x: float = 0.0) -> ArticulationCfg:
    return ArticulationCfg(
        prim_path=f"{{ENV_REGEX_NS}}/{name}",
        spawn=UsdFileCfg(usd_path=str(ASSET)),
        init_state=ArticulationCfg.InitialStateCfg(pos=(x, 0.0, 0.0)),
        actuators={"all": IMPLICIT},
    )


@configclass
class MicrowaveSceneCfg(InteractiveSceneCfg):
    microwave: ArticulationCfg = microwave_cfg()


@configclass
class TwoMicrowavesSceneCfg(InteractiveSceneCfg):
    left: ArticulationCfg = microwave_cfg("Left")
    right: ArticulationCfg = microwave_cfg("Right", 1.0)


def newton() -> SimulationCfg:
    solver = MJWarpSolverCfg(integrator="implicitfast")
    return SimulationCfg(
        dt=1 / 120,
        device=DEVICE,
        physics=NewtonCfg(solver_cfg=solver),
        save_logs_to_file=False,
        logging_level="ERROR",
    )


@configclass
class PressCfg(DirectRLEnvCfg):
    decimation = 2
    episode_length_s = 1.0e6
    action_space = 1
    observation_space = 2
    seed = 0
    sim: SimulationCfg = newton()
    scene: InteractiveSceneCfg = MicrowaveSceneCfg(num_envs=4, env_spacing=2.0)
    couplings = str(COUPLINGS)
    couplings_strict = True
    couplings_native = False
    couplings_window = 2.0
    couplings_policy_joints: tuple = ()


@configclass
class PressMarlCfg(DirectMARLEnvCfg):
    decimation = 2
    episode_length_s = 1.0e6
    possible_agents = ["left_hand", "right_hand"]  # noqa: RUF012
    action_spaces = {"left_hand": 1, "right_hand": 1}  # noqa: RUF012
    observation_spaces = {"left_hand": 1, "right_hand": 1}  # noqa: RUF012
    state_space = 0
    seed = 0
    sim: SimulationCfg = newton()
    scene: InteractiveSceneCfg = MicrowaveSceneCfg(num_envs=4, env_spacing=2.0)
    couplings = str(COUPLINGS)


class Microwaves:
    """What both kinds of task share: targets by joint name, reset by writing joints."""

    def build(self) -> None:
        self.robots = dict(self.scene.articulations)
        self.robot = next(iter(self.robots.values()))
        shape = (self.num_envs, self.robot.num_joints)
        self.targets = {name: torch.zeros(shape, device=self.device) for name in self.robots}
        self.ends = torch.zeros(self.num_envs, dtype=torch.bool, device=self.device)
        self.checks = []

    def press(self, name: str, depth: torch.Tensor) -> None:
        column = self.robots[name].joint_names.index(BUTTON)
        self.targets[name][:, column] = -0.01 * depth

    def _apply_action(self) -> None:
        for name, robot in self.robots.items():
            robot.actuators.target_command.set_position_index(
                value=self.apply_couplings(self.targets[name], name)
            )

    def positions(self, joint: str, name: str | None = None) -> np.ndarray:
        robot = self.robot if name is None else self.robots[name]
        return robot.data.joint_pos.torch[:, robot.joint_names.index(joint)].numpy().copy()

    def measured(self, name: str | None = None) -> np.ndarray:
        robot = self.robot if name is None else self.robots[name]
        return robot.data.joint_pos.torch.numpy().copy()

    def _reset_idx(self, env_ids) -> None:
        super()._reset_idx(env_ids)
        for name, robot in self.robots.items():
            every = torch.arange(self.num_envs, dtype=torch.int32)
            ids = every if env_ids is None else every[env_ids]
            still = torch.zeros(len(ids), robot.num_joints)
            robot.write_joint_position_to_sim_index(position=still, env_ids=ids)
            robot.write_joint_velocity_to_sim_index(velocity=still, env_ids=ids)
            self.targets[name][ids.long()] = 0.0


class PressTask(Microwaves, CompiledCouplingMixin, DirectRLEnv):
    def __init__(self, cfg):
        super().__init__(cfg)
        self.build()

    def _pre_physics_step(self, actions):
        for name in self.robots:
            self.press(name, actions[:, 0])

    def _get_observations(self):
        return {"policy": self.robot.data.joint_pos.torch.clone()}

    def _get_rewards(self):
        return torch.zeros(self.num_envs)

    def _get_dones(self):
        for check in self.checks:
            check()
        return self.ends.clone(), torch.zeros_like(self.ends)


class PressMarlTask(Microwaves, CompiledCouplingMixin, DirectMARLEnv):
    def __init__(self, cfg):
        super().__init__(cfg)
        self.build()

    def _pre_physics_step(self, actions):
        self.press("microwave", torch.maximum(*(a[:, 0] for a in actions.values())))

    def _get_observations(self):
        return dict.fromkeys(self.cfg.possible_agents, torch.zeros(self.num_envs, 1))

    def _get_rewards(self):
        return dict.fromkeys(self.cfg.possible_agents, torch.zeros(self.num_envs))

    def _get_dones(self):
        agents = self.cfg.possible_agents
        nothing = torch.zeros_like(self.ends)
        return dict.fromkeys(agents, self.ends.clone()), dict.fromkeys(agents, nothing)


@contextlib.contextmanager
def running(task, cfg, *, reset: bool = True) -> Iterator:
    """The task built and reset, its solver replayed where that is Newton's; closed at the end."""
    with contextlib.ExitStack() as stack:
        ovphysx = "OvPhysx" in type(cfg.sim.physics).__name__
        if ovphysx:
            stack.callback(avoid_pinned_memory())
        with quiet_build(lambda message: None):
            env = task(cfg)
        stack.callback(close, env)
        if not ovphysx and cfg.sim.use_newton_actuators:  # eager: another region would replay
            stack.callback(replay_on_cpu())
        if reset:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                env.reset()
        yield env


def close(env) -> None:
    with quiet_build(lambda message: None):
        env.close()
