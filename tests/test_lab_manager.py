# SPDX-License-Identifier: Apache-2.0
"""Contracts as manager terms in a real ManagerBasedRLEnv, against arithmetic on positions."""

import re
import sys
import types
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("isaaclab", reason="isaaclab is not installed")

import isaaclab.envs.mdp as isaac_mdp
import torch
from causal_contracts.lab import mdp
from lab_device import DEVICE
from manager_tasks import DT, MICROWAVE
from running_tasks import (
    ON_BOTH,
    PRESSED,
    TARGET,
    THRESHOLD,
    TWO_SECONDS,
    on,
    pressing,
    running,
    share,
)

PAGE = Path(__file__).resolve().parents[1] / "exts/causal_contracts.lab/docs/manager_based.md"


@pytest.fixture(scope="module")
def task(request):
    """One environment at a time; pytest groups the tests by it."""
    yield from running(request.param)


@ON_BOTH
def test_every_observation_and_reward_equals_arithmetic_on_recorded_positions(task):
    task.env.reset()
    rng, latched = np.random.default_rng(1), np.zeros(6, bool)
    for _ in range(60):
        before, _door = task.pos()
        _, reward, *_ = task.step(rng.choice([0.0, PRESSED], 6, p=[0.8, 0.2]))
        after, door = task.pos()
        fired = before < THRESHOLD
        latched |= fired
        expected = {
            "fired": fired,
            "latched": latched,
            "active": latched,
            "margin": -(after - THRESHOLD),
            "progress": share(door),
            "threshold": np.full(6, THRESHOLD),
            "target": np.full(6, TARGET),
            "enabled": np.ones(6),
        }
        for name, values in expected.items():
            assert task.signal(name) == pytest.approx(values.astype(float), abs=1e-6), name
        earned = share(door) + 10 * np.where(latched, share(door), 0)
        assert reward.numpy() == pytest.approx(DT * earned, abs=1e-6)
        assert (task.commanded() == np.where(latched, TARGET, 0)).all()
        reached = share(door) >= 0.95
        assert mdp.effect_reached(task.env).tolist() == reached.tolist()
    assert latched.any() and not fired.all()


@ON_BOTH
def test_observations_are_new_float_tensors(task):
    task.env.reset()
    names = [name for name in mdp.__all__ if getattr(mdp, name).__module__.endswith("observations")]
    assert len(names) == 8
    for name in names:
        observe = getattr(mdp, name)
        found = observe(task.env)
        assert (found.dtype, found.shape) == (torch.float32, (6, 1)), name
        found.fill_(123.0)
        assert not (observe(task.env) == 123.0).any(), name


@ON_BOTH
def test_a_pressed_door_opens_and_stays_open_until_its_environment_is_reset(task):
    task.env.reset()
    for _ in range(TWO_SECONDS):
        task.step(pressing([1, 2, 4], 6))
    assert (share(task.pos()[1]) > 0.95).tolist() == [False, True, True, False, True, False]
    for _ in range(TWO_SECONDS):
        task.step(0.0)
    assert (share(task.pos()[1]) > 0.95).tolist() == [False, True, True, False, True, False]
    task.env.reset(torch.tensor([0, 2], dtype=torch.int32))
    for _ in range(TWO_SECONDS):
        task.step(0.0)
    door = task.pos()[1]
    assert (share(door) > 0.95).tolist() == [False, True, False, False, True, False]
    assert abs(door[[0, 2, 3, 5]]).max() < 0.01
    assert task.signal("latched").tolist() == [0, 1, 0, 0, 1, 0]


@ON_BOTH
@pytest.mark.parametrize("env_ids", [slice(None), None, torch.tensor([0, 1, 2, 3, 4, 5])])
def test_a_reset_takes_every_kind_of_ids_and_closes_the_doors(task, env_ids):
    for _ in range(20):
        task.step(PRESSED)
    assert task.signal("latched").all() and task.pos()[1].min() > 0.3
    task.env.reset(env_ids)
    task.step(0.0)
    assert not task.signal("latched").any() and not task.action.has_fired.any()
    assert not task.commanded().any()


@on(())
def test_resets_outside_inference_mode_follow_steps_inside(task):
    with torch.inference_mode():
        for _ in range(3):
            task.step(PRESSED)
    task.env.reset()
    task.step(PRESSED)
    with torch.inference_mode():
        task.env.reset()
        task.step(PRESSED)
    mdp.set_run_state(task.env, mdp.get_run_state(task.env))
    task.env.reset()


@on(())
def test_a_term_of_no_dimension_leaves_the_policys_actions_alone(task):
    assert task.env.action_manager.action_term_dim == [1, 0]
    assert task.action.raw_actions.shape == task.action.processed_actions.shape == (6, 0)
    assert task.action.IO_descriptor.description.startswith("Writes the drive targets")


@on(())
def test_names_of_isaac_labs_library_and_ours_do_not_meet(task):
    assert not set(mdp.__all__) & set(dir(isaac_mdp))
    assert sorted(mdp.__all__) == mdp.__all__


@on(())
def test_another_terms_name_is_answered_with_what_it_is(task):
    with pytest.raises(TypeError, match="'press' is a JointPositionAction, not a ContractAction"):
        mdp.contract_fired(task.env, action_name="press")
    with pytest.raises(ValueError, match=r"no contracts \['x'\] run here; there are \['press_open"):
        mdp.effect_progress(task.env, contract_ids=["x"])


@on(("level",), ("level", "ovphysx"))
def test_a_level_contract_lets_go_of_the_door(task):
    task.env.reset()
    for _ in range(TWO_SECONDS):
        before = task.pos()[0]
        task.step(pressing([0, 3], 6))
        assert (task.signal("active") == (before < THRESHOLD)).all()
    assert (share(task.pos()[1]) > 0.95).tolist() == [True, False, False, True, False, False]
    for _ in range(TWO_SECONDS):
        task.step(0.0)
    assert abs(task.pos()[1]).max() < 0.1
    assert not task.signal("latched").any() and task.action.has_fired[:, 0].tolist() == [
        True, False, False, True, False, False,
    ]  # fmt: skip


@on(None)
def test_every_snippet_of_the_page_runs(task, monkeypatch, tmp_path):
    snippets = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    assert len(snippets) >= 6
    snippets = [each.replace('device="cpu"', f'device="{DEVICE}"') for each in snippets]
    for path in MICROWAVE.parent.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.chdir(tmp_path)
    page = types.ModuleType("page")
    monkeypatch.setitem(sys.modules, "page", page)  # where dataclasses look their names up
    try:
        for number, snippet in enumerate(snippets):
            exec(compile(snippet, f"snippet {number} of {PAGE.name}", "exec"), vars(page))
    finally:
        if hasattr(page, "env"):
            page.env.close()
    assert (tmp_path / "run.pt").is_file()
