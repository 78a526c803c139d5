# SPDX-License-Identifier: Apache-2.0
"""Manager-based Isaac Lab tasks on the microwave, one per thing to prove."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import isaaclab.envs.mdp as mdp
import torch
from causal_contracts.core import read_bundle
from causal_contracts.lab import mdp as contracts
from causal_contracts.lab.pinned_memory import avoid_pinned_memory
from causal_contracts.lab.solver_graph import replay_on_cpu
from isaaclab.actuators import ImplicitActuatorCfg
from isaaclab.assets import ArticulationCfg
from isaaclab.envs import ManagerBasedRLEnv, ManagerBasedRLEnvCfg
from isaaclab.managers import (
    CurriculumTermCfg,
    DatasetExportMode,
    EventTermCfg,
    ObservationGroupCfg,
    ObservationTermCfg,
    RecorderManagerBaseCfg,
    RewardTermCfg,
    SceneEntityCfg,
    TerminationTermCfg,
)
from isaaclab.scene import InteractiveSceneCfg
from isaaclab.sim import SimulationCfg, UsdFileCfg
from isaaclab.utils import configclass
from isaaclab.utils.noise import GaussianNoiseCfg
from isaaclab_newton.physics import MJWarpSolverCfg, NewtonCfg
from lab_device import DEVICE

MICROWAVE = Path(__file__).resolve().parents[1] / "data/microwave/microwave.usda"
DT = 1 / 60
SIGNALS = ("fired", "latched", "active", "margin", "progress", "threshold", "target", "enabled")


@configclass
class Scene(InteractiveSceneCfg):
    microwave: ArticulationCfg = ArticulationCfg(
        prim_path="{ENV_REGEX_NS}/Microwave",
        spawn=UsdFileCfg(usd_path=str(MICROWAVE)),
        actuators={
            "all": ImplicitActuatorCfg(joint_names_expr=[".*"], stiffness=None, damping=None)
        },
    )


@configclass
class Actions:
    press = mdp.JointPositionActionCfg(
        asset_name="microwave", joint_names=["button_slide"], use_default_offset=False
    )
    contracts = contracts.ContractActionCfg(asset_name="microwave", couplings=str(MICROWAVE))


@configclass
class Observations:
    @configclass
    class Contracts(ObservationGroupCfg):
        concatenate_terms = False
        fired = ObservationTermCfg(func=contracts.contract_fired)
        latched = ObservationTermCfg(func=contracts.contract_latched)
        active = ObservationTermCfg(func=contracts.contract_active)
        margin = ObservationTermCfg(func=contracts.contract_margin)
        progress = ObservationTermCfg(func=contracts.contract_progress)
        threshold = ObservationTermCfg(func=contracts.contract_threshold)
        target = ObservationTermCfg(func=contracts.contract_target)
        enabled = ObservationTermCfg(func=contracts.contract_enabled)

    @configclass
    class Policy(ObservationGroupCfg):
        joint_pos = ObservationTermCfg(
            func=mdp.joint_pos,
            params={"asset_cfg": SceneEntityCfg("microwave")},
            noise=GaussianNoiseCfg(std=0.01),
        )
        latched = ObservationTermCfg(func=contracts.contract_latched)

    policy: Policy = Policy()
    contracts: Contracts = Contracts()


@configclass
class Rewards:
    progress = RewardTermCfg(func=contracts.effect_progress, weight=1.0)
    given_cause = RewardTermCfg(func=contracts.effect_given_cause, weight=10.0)


@configclass
class Terminations:
    time_out = TerminationTermCfg(func=mdp.time_out, time_out=True)


@configclass
class ResetOnly:
    scene = EventTermCfg(func=mdp.reset_scene_to_default, mode="reset")


@configclass
class Task(ManagerBasedRLEnvCfg):
    decimation: int = 1
    episode_length_s: float = 1.0e4
    seed: int | None = 7
    sim: SimulationCfg = SimulationCfg(
        dt=DT,
        device=DEVICE,
        physics=NewtonCfg(solver_cfg=MJWarpSolverCfg(integrator="implicitfast")),
        save_logs_to_file=False,
        logging_level="ERROR",
    )
    scene: Scene = Scene(num_envs=6, env_spacing=2.0)
    actions: Actions = Actions()
    observations: Observations = Observations()
    rewards: Rewards = Rewards()
    terminations: Terminations = Terminations()
    events: Any = ResetOnly()


@configclass
class ContractEvents(ResetOnly):
    threshold = EventTermCfg(
        func=contracts.randomize_contract_threshold,
        mode="reset",
        params={"distribution_params": (0.5, 1.5), "operation": "scale"},
    )
    target = EventTermCfg(
        func=contracts.randomize_contract_target,
        mode="reset",
        params={"distribution_params": (-0.3, 0.0)},
    )
    enabled = EventTermCfg(
        func=contracts.randomize_contract_enabled, mode="reset", params={"probability": 0.7}
    )


@configclass
class Reached(Terminations):
    reached = TerminationTermCfg(func=contracts.effect_reached)


@configclass
class FireRate:
    fire_rate = CurriculumTermCfg(func=contracts.contract_fire_rate)


@configclass
class Recorded(RecorderManagerBaseCfg):
    initial = contracts.InitialContractStateRecorderCfg()
    states = contracts.PostStepContractStateRecorderCfg()


ASSET = SceneEntityCfg("microwave")
BODIES = SceneEntityCfg("microwave", body_names=".*")


@configclass
class IsaacLabEvents:
    """What Isaac Lab's own tasks randomise."""

    mass = EventTermCfg(
        func=mdp.randomize_rigid_body_mass,
        mode="startup",
        params={
            "asset_cfg": BODIES,
            "mass_distribution_params": (0.6, 1.6),
            "operation": "scale",
        },
    )
    material = EventTermCfg(
        func=mdp.randomize_rigid_body_material,
        mode="startup",
        params={
            "asset_cfg": BODIES,
            "static_friction_range": (0.4, 1.2),
            "dynamic_friction_range": (0.3, 1.0),
            "restitution_range": (0.0, 0.2),
            "num_buckets": 16,
        },
    )
    friction = EventTermCfg(
        func=mdp.randomize_joint_parameters,
        mode="reset",
        params={
            "asset_cfg": SceneEntityCfg("microwave", joint_names=".*"),
            "friction_distribution_params": (0.0, 0.02),
            "operation": "abs",
        },
    )
    gains = EventTermCfg(
        func=mdp.randomize_actuator_gains,
        mode="reset",
        params={
            "asset_cfg": SceneEntityCfg("microwave", joint_names=".*"),
            "stiffness_distribution_params": (0.8, 1.3),
            "damping_distribution_params": (0.8, 1.2),
            "operation": "scale",
        },
    )
    joints = EventTermCfg(
        func=mdp.reset_joints_by_offset,
        mode="reset",
        params={
            "asset_cfg": ASSET,
            "position_range": (-0.004, 0.2),
            "velocity_range": (-0.1, 0.1),
        },
    )


def level(cfg: Task) -> None:
    bundle = read_bundle(MICROWAVE)
    cfg.actions.contracts.couplings = replace(
        bundle, contracts=tuple(replace(each, mode="level") for each in bundle.contracts)
    )


def contract_events(cfg: Task) -> None:
    cfg.scene.num_envs = 12
    cfg.episode_length_s = 2.0
    cfg.events = ContractEvents()
    cfg.terminations = Reached()
    cfg.curriculum = FireRate()
    cfg.recorders = Recorded(dataset_export_mode=DatasetExportMode.EXPORT_NONE)


def isaac_lab_events(cfg: Task) -> None:
    cfg.decimation = 2
    cfg.scene.num_envs = 16
    cfg.events = IsaacLabEvents()


def on_ovphysx(cfg: Task) -> None:
    from isaaclab_ov.physics import OvPhysxCfg

    avoid_pinned_memory()
    cfg.sim.physics = OvPhysxCfg()


CHANGES = {
    "level": level,
    "contract events": contract_events,
    "Isaac Lab events": isaac_lab_events,
    "ovphysx": on_ovphysx,
}


class Running:
    """A task in one environment, with what the tests read from it; close it before the next."""

    def __init__(
        self, *changes: str, cfg: Task | None = None, env_class: Any = ManagerBasedRLEnv
    ) -> None:
        cfg = Task() if cfg is None else cfg
        for change in changes:
            CHANGES[change](cfg)
        self._cleanup = contextlib.ExitStack()
        self.env = env_class(cfg)
        self._cleanup.callback(self.env.close)
        # recorded before some of Isaac Lab's events write the model, so those run eagerly
        if "ovphysx" not in changes and "Isaac Lab events" not in changes:
            self._cleanup.callback(replay_on_cpu())
        self.asset = self.env.scene["microwave"]
        self.button, self.door = (
            self.asset.joint_names.index(name) for name in ("button_slide", "door_hinge")
        )
        self.action = contracts.contract_action(self.env)
        self.env.reset()

    def pos(self) -> Any:
        """Measured positions, a NumPy copy: button and door, each (num_envs,)."""
        pos = self.asset.data.joint_pos.torch.cpu().numpy().copy()
        return pos[:, self.button], pos[:, self.door]

    def step(self, button: Any) -> Any:
        """One step with the button commanded to these positions."""
        command = torch.as_tensor(button, dtype=torch.float32, device=self.env.device)
        return self.env.step(command.expand(self.env.num_envs)[:, None])

    def commanded(self) -> Any:
        """The door's drive target of every environment."""
        return self.asset.actuators.target_command.position.torch[:, self.door].cpu().numpy()

    def signal(self, name: str) -> Any:
        """An observation of the one contract, (num_envs,)."""
        return self.env.obs_buf["contracts"][name][:, 0].cpu().numpy()

    def close(self) -> None:
        self._cleanup.close()
