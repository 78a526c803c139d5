# SPDX-License-Identifier: Apache-2.0
"""The manager-based task of `manager_tasks` as a ManagerBasedRLEnvWarp, from the same cfg."""

import contextlib
import io

import warp as wp
from causal_contracts.lab.warp_terms import register_warp_frontend
from isaaclab.envs import ManagerBasedRLEnv
from isaaclab.managers import EventTermCfg
from isaaclab_experimental.envs import ManagerBasedRLEnvWarp
from isaaclab_experimental.envs.frontend import WarpFrontend
from manager_tasks import Running, Task
from rules import bundle
from warp_tasks import clear_rows

register_warp_frontend()
# the task's own Warp term, below
WarpFrontend.WARP_ROOT_PREFIXES = (*WarpFrontend.WARP_ROOT_PREFIXES, __name__)

SEVERAL = bundle(
    "a_press: button_slide < -0.005 => door_hinge := 1.5707964 rest 0.1, latching",
    "b_stop: door_hinge > 0.3 => button_slide := 0.0 rest 0.0, level",
    "c_half: button_slide < -0.007 => door_hinge := 0.8 rest 0.1, level",
)
"""One trigger for two effects, and an effect that is a trigger."""


def joints_to_zero(env, env_mask):
    """In place: Isaac Lab's writers set a flag on the host, which a replayed stage forgets."""
    data = env.scene["microwave"].data
    for rows in (data.joint_pos.warp, data.joint_vel.warp):
        wp.launch(clear_rows, dim=rows.shape, inputs=[env_mask, rows], device=env.device)


def joints_to_zero_in_torch(env, env_ids):
    """What `joints_to_zero` does."""
    data = env.scene["microwave"].data
    for rows in (data.joint_pos.torch, data.joint_vel.torch):
        rows[env_ids if isinstance(env_ids, slice) else env_ids.long()] = 0.0


class RunningWarp(Running):
    """A task of one kind: ``torch``, or Warp with its stages ``eager`` or ``replayed``."""

    def __init__(self, kind: str, *changes: str, cfg: Task | None = None) -> None:
        cfg = Task() if cfg is None else cfg
        cfg.observations.policy.joint_pos.noise = None
        zero = joints_to_zero_in_torch if kind == "torch" else joints_to_zero
        cfg.events.scene = EventTermCfg(func=zero, mode="reset")
        if kind == "eager":
            cfg.manager_call_config = {"default": 1}
        env_class = ManagerBasedRLEnv if kind == "torch" else built_by_the_frontend
        super().__init__(*changes, cfg=cfg, env_class=env_class)


def built_by_the_frontend(cfg: Task) -> ManagerBasedRLEnvWarp:
    """The cfg of torch terms as a Warp environment, as ``--frontend warp`` builds it."""
    return WarpFrontend.build_env(cfg, "any task")


def build(kind: str, cfg: Task) -> RunningWarp:
    """The task of that kind, built without a word."""
    with contextlib.redirect_stdout(io.StringIO()):
        return RunningWarp(kind, cfg=cfg)
