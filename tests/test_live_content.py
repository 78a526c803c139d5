# SPDX-License-Identifier: Apache-2.0
"""What a worker and its panel keep of a couplings.json is what reading and writing it says."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
from causal_contracts.core.couplings_json import read_couplings
from causal_contracts.core.issue import ContractError
from causal_contracts.preview.live.changes import bundle_of, couplings_of
from causal_contracts.preview.live.content import Content

DATA = Path(__file__).resolve().parents[1] / "data"


@pytest.fixture
def bundle():
    return read_couplings(DATA / "stove" / "couplings.json")


def versions(bundle):
    """Some edits of it, one after another."""
    one, *others = bundle.contracts
    dragged = replace(one, trigger=replace(one.trigger, threshold=0.25))
    for contracts in (bundle.contracts, (dragged, *others), others, (one, *others), ()):
        yield replace(bundle, contracts=tuple(contracts))


def test_the_content_of_a_changed_bundle_is_that_of_its_couplings_json(bundle):
    content = Content()
    for now in versions(bundle):
        assert content.of(now) == couplings_of(now)
    infinite = replace(bundle.contracts[0].trigger, threshold=math.inf)
    with pytest.raises(ContractError):
        content.of(replace(bundle, contracts=(replace(bundle.contracts[0], trigger=infinite),)))
    assert content.of(bundle) == couplings_of(bundle)


def test_the_bundle_of_a_changed_content_is_that_of_its_couplings_json(bundle):
    content = Content()
    content.of(bundle)
    for now in versions(bundle):
        rows = couplings_of(now)
        assert content.bundle(rows) == bundle_of(rows) == now
        backwards = {**rows, "couplings": rows["couplings"][::-1]}
        assert content.bundle(backwards) == now
        assert content.of(now) == rows


def test_a_fault_in_a_changed_content_has_the_address_that_the_whole_gives_it(bundle):
    content = Content()
    rows = content.of(bundle)
    last = {**rows["couplings"][-1], "mode": 3}
    twice = [*rows["couplings"], rows["couplings"][0]]
    for couplings in ([*rows["couplings"][:-1], last], twice, [*rows["couplings"], 7]):
        with pytest.raises(ContractError) as known:
            content.bundle({**rows, "couplings": couplings})
        with pytest.raises(ContractError) as whole:
            bundle_of({**rows, "couplings": couplings})
        assert str(known.value) == str(whole.value)
    assert content.bundle(rows) == bundle
