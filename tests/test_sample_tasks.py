# SPDX-License-Identifier: Apache-2.0
"""The sample assets are gym tasks that Isaac Lab's own commands find and train."""

from __future__ import annotations

import contextlib
import math
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

pytest.importorskip("isaaclab", reason="Isaac Lab is not installed")

import gymnasium
import torch
from causal_contracts.core.issue import ContractError
from causal_contracts.lab.backends import physics_cfg
from causal_contracts.lab.quiet_build import quiet_build
from causal_contracts.lab.solver_graph import replay_on_cpu
from causal_contracts.lab.tasks import sample_cfg
from causal_contracts.lab.tasks.samples import TASKS
from isaaclab_tasks.utils.hydra import resolve_task_config
from isaaclab_tasks.utils.parse_cfg import load_cfg_from_registry

ISAACLAB = Path(sys.executable).parent / "isaaclab"
SIZES = {
    "CausalContracts-Microwave-Direct-v0": (1, 3),
    "CausalContracts-CoffeeMaker-Direct-v0": (1, 3),
    "CausalContracts-Car-Direct-v0": (2, 6),
    "CausalContracts-Stove-Direct-v0": (4, 12),
}
"""Actions and observations: one trigger joint each, its position and velocity, and the effects."""


def test_isaac_lab_finds_the_tasks_by_their_entry_point():
    points = {point.value for point in entry_points(group="isaaclab.tasks")}
    assert "causal_contracts.lab.tasks.samples" in points
    assert set(TASKS) == set(SIZES)


@pytest.mark.parametrize("name", SIZES)
def test_every_task_has_a_configuration_for_both_learners(name):
    cfg = load_cfg_from_registry(name, "env_cfg_entry_point")
    assert (cfg.action_space, cfg.observation_space) == SIZES[name]
    assert Path(cfg.couplings).is_file()
    rsl_rl = load_cfg_from_registry(name, "rsl_rl_cfg_entry_point")
    skrl = load_cfg_from_registry(name, "skrl_cfg_entry_point")
    assert rsl_rl.algorithm.class_name == skrl["agent"]["class"] == "PPO"
    # the knobs of the stove are held, the rest is pressed: more noise, and a calmer normaliser
    std = 0.4 if "Stove" in name else 0.2
    assert rsl_rl.actor.distribution_cfg.init_std == std
    assert math.exp(skrl["models"]["policy"]["initial_log_std"]) == pytest.approx(std)
    assert ("SteadyMLP" in rsl_rl.actor.class_name) == ("Stove" in name)


@pytest.mark.parametrize("physics", ["newton_mjwarp", "ovphysx"])
def test_a_task_made_by_its_id_steps_on_the_physics_chosen(physics):
    name = "CausalContracts-Stove-Direct-v0"
    cfg, _ = resolve_task_config(name, None, overrides=[f"physics={physics}"])
    assert type(cfg.sim.physics) is type(physics_cfg(physics))
    cfg.scene.num_envs = 3
    with contextlib.ExitStack() as stack:
        stack.enter_context(quiet_build(lambda message: None))
        env = gymnasium.make(name, cfg=cfg)
        stack.callback(env.close)
        stack.callback(replay_on_cpu())
        seen, _ = env.reset()
        assert seen["policy"].shape == (3, 12)
        held = torch.tensor([[1.0, 0.0, 0.0, 0.0]]).repeat(3, 1)
        for _ in range(30):
            seen, reward, *_ = env.step(held)
        # one plate of four is up: a level contract holds as long as the knob is turned
        assert seen["policy"][:, 8:].round(decimals=1).tolist() == [[1.0, 0.0, 0.0, 0.0]] * 3
        assert reward.tolist() == pytest.approx([0.25] * 3, abs=0.01)
        for _ in range(30):
            seen, reward, *_ = env.step(torch.zeros_like(held))
        assert reward.tolist() == pytest.approx([0.0] * 3, abs=0.01)


def test_without_the_repository_the_asset_is_said_to_be_missing():
    with pytest.raises(ContractError, match="'toaster' is not installed; it is in the repository"):
        sample_cfg.sample_asset("toaster")


def command(*words: str, folder: Path) -> str:
    run = subprocess.run(
        [ISAACLAB, *words], capture_output=True, text=True, cwd=folder, timeout=500, check=False
    )
    assert run.returncode == 0, run.stdout[-2000:] + run.stderr[-2000:]
    return run.stdout


@pytest.mark.slow
def test_isaac_labs_own_commands_list_and_train_them(tmp_path):
    listed = command("list_envs", "--keyword", "CausalContracts", folder=tmp_path)
    assert all(name in listed for name in TASKS)
    told = command(
        *("train", "--rl_library", "rsl_rl", "--task", "CausalContracts-Microwave-Direct-v0"),
        *("--num_envs", "32", "--max_iterations", "3", "--device", "cpu", "agent.device=cpu"),
        folder=tmp_path,
    )
    assert "Learning iteration 2/3" in told and "Contracts/press_rate" in told
    assert list(tmp_path.rglob("model_2.pt"))
