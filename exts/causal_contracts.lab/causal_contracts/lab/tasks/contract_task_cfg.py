# SPDX-License-Identifier: Apache-2.0
"""An asset with contracts to the configuration of a ContractTask on Newton or PhysX."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

from causal_contracts.core.articulation import Articulation
from causal_contracts.core.model import Bundle
from causal_contracts.preview.causality import judged
from causal_contracts.preview.scene import Scene
from isaaclab.envs import DirectRLEnvCfg
from isaaclab.sim import SimulationCfg, UsdFileCfg
from isaaclab.utils import configclass

from ..clones_env import ClonesSceneCfg
from .physics import physics_cfg
from .press_map import press_joints

DT = 1 / 120
"""Physics step [s]."""
DECIMATION = 4
"""Physics steps per environment step: the policy acts 30 times a second."""


@configclass
class ContractTaskCfg(DirectRLEnvCfg):
    """Press the triggers of one asset; see `contract_task_cfg`, which fills this in."""

    decimation = DECIMATION
    episode_length_s = 4.0
    action_space = 1
    observation_space = 3
    seed = 0
    sim: SimulationCfg = SimulationCfg(dt=DT, save_logs_to_file=False, logging_level="ERROR")
    scene: ClonesSceneCfg = ClonesSceneCfg(  # pyright: ignore[reportIncompatibleVariableOverride]
        num_envs=64, env_spacing=0.0
    )

    couplings: Any = None
    """A Bundle, or the path of a couplings.json or USD asset."""
    couplings_native: bool = False
    """Measure the contracts and let none act."""
    couplings_window: float = 2.0
    """Seconds that an effect may take."""
    couplings_policy_joints: Sequence[str] = ()
    """The commanded trigger joints, in the order of the actions."""

    press_stops: Sequence[Sequence[float]] = ()
    """Drive targets of each commanded joint at actions -1, -0.5, 0, 0.5 and 1 [rad or m]."""
    press_shy: Sequence[float] = ()
    """Farthest start off the rest position, signed [rad or m]."""
    rest_targets: dict[str, float] = {}  # noqa: RUF012 - copied by configclass
    """Drive target of a joint that nothing acts on [rad or m], by name; else its start."""


def contract_task_cfg(
    scene: Scene,
    articulation: Articulation,
    bundle: Bundle,
    *,
    native: bool = False,
    backend: str = "newton",
    num_envs: int = 64,
    seed: int = 0,
    device: str = "cpu",
    window: float = 2.0,
) -> ContractTaskCfg:
    """The task of one asset.

    The episode lasts twice the window, so that a press in its first half is counted.

    Args:
        scene: the asset as `causal_contracts.preview.scene.build_scene` wraps it; it must outlive
            the environment.
        articulation: what the asset offers.
        bundle: the contracts.
        native: bind with every contract switched off; nothing else differs.
        backend: ``newton`` or ``physx``.
        num_envs: number of environments.
        seed: of everything random.
        device: torch device.
        window: seconds that an effect may take.

    Raises:
        ContractError: no contract can run or none can be pressed.
    """
    presses = press_joints(articulation, bundle)
    cfg = ContractTaskCfg()
    cfg.episode_length_s = 2 * window
    cfg.action_space = len(presses)
    cfg.observation_space = 2 * len(presses) + len(
        judged(bundle, [joint.name for joint in articulation.movable])
    )
    cfg.seed = seed
    _fill_sim(cfg, scene, backend, device)
    _fill_scene(cfg, scene, backend, num_envs)
    cfg.couplings = bundle
    cfg.couplings_native = native
    cfg.couplings_window = window
    cfg.couplings_policy_joints = [press.name for press in presses]
    cfg.press_stops = [list(press.stops) for press in presses]
    cfg.press_shy = [press.shy for press in presses]
    cfg.rest_targets = {j.name: j.rest for j in articulation.movable if j.rest is not None}
    return cfg


def _fill_sim(cfg: ContractTaskCfg, scene: Scene, backend: str, device: str) -> None:
    cfg.sim.device = device
    cfg.sim.gravity = scene.gravity
    cfg.sim.physics = physics_cfg(backend)
    cfg.sim.render_interval = cfg.decimation


def _fill_scene(cfg: ContractTaskCfg, scene: Scene, backend: str, num_envs: int) -> None:
    cfg.scene.num_envs = num_envs
    # Newton gives every environment a world of its own, see `clones_env`; PhysX clones on the CPU
    # share one collision space.
    cfg.scene.env_spacing = 0.0 if backend == "newton" else math.ceil(scene.spacing)
    cfg.scene.asset.spawn = UsdFileCfg(usd_path=str(scene.asset_layer))
    cfg.scene.asset.articulation_root_prim_path = scene.articulation
    cfg.scene.asset.init_state.joint_pos = {
        re.escape(name): position for name, position in scene.joint_states.items()
    }
