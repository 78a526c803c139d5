# SPDX-License-Identifier: Apache-2.0
"""The sample assets on real physics: every cause has its effect, and nothing else has."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from causal_contracts.core import check_asset
from causal_contracts.core.couplings_json import encode_couplings, read_couplings
from causal_contracts.core.usd_bundle import read_bundle
from causal_contracts.preview.episode import Settings, preview_asset

DATA = Path(__file__).parent.parent / "data"
NAMES = ("microwave", "coffee_maker", "car", "stove")
SIMS = ("physx", "isaaclab-newton")
NUM_ENVS = 64


def asset(name):
    return DATA / name / f"{name}.usda"


@pytest.mark.parametrize("name", NAMES)
def test_the_checker_finds_nothing_in_a_sample_asset(name):
    assert [str(issue) for issue in check_asset(asset(name))] == []


@pytest.mark.parametrize("name", NAMES)
def test_the_couplings_json_beside_an_asset_is_its_export(name):
    committed = (DATA / name / "couplings.json").read_bytes()
    bundle = read_bundle(asset(name))
    assert encode_couplings(bundle) == committed
    assert read_couplings(committed) == bundle


@pytest.fixture(scope="module")
def previews():
    """Both simulations of an asset, run once and kept for the comparison."""
    kept = {}

    def preview(name, sim):
        if (name, sim) not in kept:
            settings = Settings(sim, NUM_ENVS, seed=7)
            couplings = DATA / name / "couplings.json"
            kept[name, sim] = preview_asset(asset(name), settings=settings, couplings=couplings)
        return kept[name, sim]

    return preview


@pytest.mark.parametrize("sim", SIMS)
@pytest.mark.parametrize("name", NAMES)
def test_effect_follows_cause_and_nothing_else_on_64_clones(previews, name, sim):
    report = previews(name, sim).report
    assert report.verdict.ok, report.verdict
    assert report.overall.effect_given_cause == 1.0
    assert report.overall.effect_given_no_cause == 0.0
    ids = [contract.id for contract in read_bundle(asset(name)).contracts]
    assert [row.id for row in report.contracts] == ids
    for row in report.contracts:
        assert row.cells.cause_effect == NUM_ENVS // 2
        assert row.cells.no_cause_no_effect == NUM_ENVS // 2
    assert report.nan_clones == []


@pytest.mark.parametrize("sim", SIMS)
@pytest.mark.parametrize("name", ("microwave", "coffee_maker", "car"))
def test_a_reset_of_half_the_clones_clears_their_latches_and_no_other(previews, name, sim):
    reset = previews(name, sim).recording.latch_reset
    assert reset.exact
    assert reset.reset == tuple(range(0, NUM_ENVS, 2))
    assert set(reset.cleared) <= set(reset.reset)
    assert reset.cleared and reset.kept and not set(reset.kept) & set(reset.reset)


@pytest.mark.parametrize("name", NAMES)
def test_physx_and_newton_come_to_rest_at_the_same_positions(previews, name):
    physx, newton = (previews(name, sim).recording for sim in SIMS)
    columns = [newton.joint_names.index(joint) for joint in physx.joint_names]
    both = np.stack([physx.positions, newton.positions[..., columns]])
    still = (np.ptp(both[:, -12:], axis=1) < 1e-3).all(axis=0)
    assert still.mean() > 0.75  # knobs pressed last still turn back at the end
    assert np.abs(both[0, -1] - both[1, -1])[still].max() < 0.02  # rad or m


@pytest.mark.parametrize("name", NAMES)
def test_without_the_contracts_nothing_opens(name):
    settings = Settings("physx", 16, seed=7, native=True)
    report = preview_asset(asset(name), settings=settings).report
    assert report.overall.effect_given_cause == 0.0
    assert report.overall.effect_given_no_cause == 0.0
