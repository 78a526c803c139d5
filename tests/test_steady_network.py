# SPDX-License-Identifier: Apache-2.0
"""The learner's settings where level contracts act, and its normaliser on still joints."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("isaaclab", reason="Isaac Lab is not installed")

import torch
from causal_contracts.lab.tasks.rsl_rl_model import SteadyMLP
from causal_contracts.lab.train.facts import asset_facts
from causal_contracts.lab.train.rsl_rl_learner import plain
from tensordict import TensorDict

DATA = Path(__file__).parents[1] / "data"


def network(observation_normalised: bool = True) -> SteadyMLP:
    obs = TensorDict({"policy": torch.zeros(64, 3)}, batch_size=64)
    return SteadyMLP(
        obs, {"actor": ["policy"]}, "actor", 2, (64, 64), "elu", observation_normalised
    )


def test_the_first_plate_that_rises_does_not_read_as_a_hundred_spreads():
    model = network()
    model.obs_normalizer.update(torch.zeros(64, 3))
    risen = model.obs_normalizer(torch.ones(1, 3))
    assert risen.tolist() == [pytest.approx([1 / 0.3] * 3)]


def test_the_plain_policy_normalises_as_the_trained_one():
    torch.manual_seed(0)
    model = network()
    model.obs_normalizer.update(torch.randn(64, 3))
    seen = torch.randn(16, 3)
    wanted = model.mlp(model.obs_normalizer(seen))
    assert torch.allclose(plain(model)(seen), wanted, atol=1e-6)


def test_without_a_normaliser_there_is_nothing_to_steady():
    model = network(observation_normalised=False)
    assert model.obs_normalizer(torch.ones(1)).item() == 1.0


@pytest.mark.parametrize(("name", "held"), [("stove", True), ("car", False)])
def test_an_asset_with_a_level_contract_has_a_trigger_that_must_be_held(name, held):
    assert asset_facts(DATA / name / f"{name}.usda").held is held
