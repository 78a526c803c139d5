# SPDX-License-Identifier: Apache-2.0
"""The physics presets of contract tasks, in a real task on every backend that is here."""

from __future__ import annotations

import gymnasium
import numpy as np
import pytest

pytest.importorskip("isaaclab", reason="Isaac Lab is not installed")

import torch
import warp as wp
from causal_contracts.core import ContractError
from causal_contracts.lab.backends import (
    BACKENDS,
    ContractPhysicsCfg,
    physics_cfg,
    prepare_backend,
)
from causal_contracts.lab.quiet_build import quiet_build
from causal_contracts.lab.solver_graph import replay_on_cpu
from isaaclab.physics import PhysxAutoCfg
from isaaclab.sim import SimulationCfg
from isaaclab.utils import configclass
from isaaclab_newton.physics import NewtonCfg
from isaaclab_ov.physics import OvPhysxCfg
from isaaclab_tasks.utils import resolve_presets, resolve_task_config
from lab_device import DEVICE
from lab_tasks import BUTTON, DOOR, TARGET, PressCfg, PressTask, close

pytestmark = pytest.mark.skipif(DEVICE != "cpu", reason="these tasks choose the CPU themselves")


@configclass
class PresetTaskCfg(PressCfg):
    """The task with a choice of physics, as `isaaclab train` takes it."""

    sim: SimulationCfg = SimulationCfg(
        dt=1 / 120,
        device="cpu",
        physics=ContractPhysicsCfg(),
        save_logs_to_file=False,
        logging_level="ERROR",
    )


def pressed(cfg, backend) -> tuple[np.ndarray, np.ndarray]:
    """Buttons and doors over 1.5 s in which two of four buttons are held in."""
    undo = [prepare_backend(backend, cfg.sim.device)]
    with quiet_build(lambda message: None):
        env = PressTask(cfg)
    undo += [lambda: close(env), replay_on_cpu()]
    try:
        env.reset()
        trace = []
        for step in range(90):
            env.step(torch.tensor([[1.0], [0.0], [float(step < 20)], [0.0]]))
            trace.append((env.positions(BUTTON), env.positions(DOOR)))
    finally:
        for each in reversed(undo):
            each()
    return tuple(np.array(trace).swapaxes(0, 1))


def test_the_task_presses_and_opens_alike_on_both_presets():
    doors = {}
    for backend in ("newton_mjwarp", "physx"):
        cfg = resolve_presets(PresetTaskCfg(), [backend])
        buttons, doors[backend] = pressed(cfg, backend)
        assert buttons[15] == pytest.approx([-0.01, 0, -0.01, 0], abs=1.5e-3)
        assert doors[backend][-1] == pytest.approx([TARGET, 0, TARGET, 0], abs=0.05)
    newton, physx = doors.values()
    assert np.abs(newton[-1] - physx[-1]).max() < 0.05


@pytest.mark.parametrize(
    ("override", "kind"),
    [
        (None, NewtonCfg),
        ("physics=newton_mjwarp", NewtonCfg),
        ("physics=ovphysx", OvPhysxCfg),
        ("physics=physx", PhysxAutoCfg),
        ("presets=newton_mjwarp", NewtonCfg),
    ],
)
def test_the_command_line_of_isaac_lab_chooses_the_backend(override, kind):
    name = "Causal-Press-Preset"
    entry = {"env_cfg_entry_point": PresetTaskCfg}
    gymnasium.register(name, entry_point="lab_tasks:PressTask", kwargs=entry)
    try:
        cfg, _ = resolve_task_config(name, None, overrides=[override] if override else [])
    finally:
        del gymnasium.registry[name]
    assert type(cfg.sim.physics) is kind
    if kind is NewtonCfg:
        assert cfg.sim.physics.solver_cfg.integrator == "implicitfast"


@pytest.mark.parametrize("name", [*BACKENDS, "newton"])
def test_a_backend_gives_a_configuration_of_its_own_each_time(name):
    one, other = physics_cfg(name), physics_cfg(name)
    assert one is not other
    assert one.to_dict() == other.to_dict()


def test_the_names_are_the_presets_and_the_default_is_newton():
    fields = set(ContractPhysicsCfg.__dataclass_fields__)
    assert fields == {*BACKENDS, "default"}
    assert physics_cfg("newton").to_dict() == ContractPhysicsCfg().default.to_dict()


@pytest.mark.parametrize("ask", [physics_cfg, prepare_backend])
def test_an_unknown_name_is_refused_with_those_there_are(ask):
    with pytest.raises(ContractError, match=r"there are newton, newton_mjwarp, physx, .*'newton'"):
        ask("newtn")


def test_a_cuda_device_without_a_driver_is_refused():
    if wp.is_cuda_available():
        pytest.skip("there is a CUDA driver here")
    with pytest.raises(ContractError, match=r"'cuda:0' cannot be used.*use device 'cpu'"):
        prepare_backend("newton", "cuda:0")


def test_preparing_is_undone():
    if wp.is_cuda_available():
        pytest.skip("there is a CUDA driver here, so pinned memory is real")
    before = wp.zeros
    undo = prepare_backend("physx")
    assert wp.zeros(3, dtype=wp.float32, device="cpu", pinned=True).shape == (3,)
    undo()
    assert wp.zeros is before
    prepare_backend("newton")()
    assert wp.zeros is before
