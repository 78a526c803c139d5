# SPDX-License-Identifier: Apache-2.0
"""An edit of one contract among many costs what one contract costs: counted, not timed."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from causal_contracts.core import usd_author, usd_bundle, usd_check
from causal_contracts.preview.live import content
from causal_contracts.ui.state import layer_memory
from editor_stage import editor, frames
from pxr import Usd

ROOT = Path(__file__).resolve().parents[1]
MANY = 60


@pytest.fixture
def state(tmp_path, monkeypatch):
    """An editor on a crowd of contracts, read, checked and shown, with one selected."""
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    from benchmarks.crowd import write_crowd

    path = write_crowd(tmp_path / "crowd.usda", joints=16, contracts=MANY)
    state = editor(tmp_path, Usd.Stage.Open(str(path)))
    state.select("rule_010")
    frames(state, 1.0)
    state.rows()
    yield state
    state.destroy()
    for name in [one for one in sys.modules if one.split(".")[0] == "benchmarks"]:
        del sys.modules[name]


@pytest.fixture
def counted(monkeypatch):
    """Contracts by what was done with them, and properties that were remembered."""
    found = {}

    def count(owner, name, what, of=lambda result: 1):
        real = getattr(owner, name)
        found.setdefault(what, 0)

        def counting(*given, **named):
            result = real(*given, **named)
            found[what] += of(result)
            return result

        monkeypatch.setattr(owner, name, counting)

    count(usd_bundle, "_part", "read")
    count(usd_check, "check_contract", "checked")
    count(usd_check, "check_together", "checked together")
    count(usd_author, "_contract_properties", "kept by the writer", len)
    count(layer_memory, "_names", "kept for undo", len)
    count(content, "couplings_of", "encoded", lambda made: len(made["couplings"]))
    return found


def all_told(state, live, counted):
    """What one edit cost up to the frame in which the preview and the table have taken it in."""
    made = state._row_cache.made
    frames(state)
    state.rows()
    live.of(state.live_bundle)
    return {**counted, "rows": state._row_cache.made - made}


def test_a_typed_threshold_reads_checks_draws_and_encodes_its_contract_alone(state, counted):
    live = content.Content()
    live.of(state.live_bundle)
    counted.update(dict.fromkeys(counted, 0))
    assert state.enter_threshold("-4.2 mm") is None
    assert all_told(state, live, counted) == {
        "read": 1,
        "checked": 1,
        "checked together": 0,
        "kept by the writer": 1,
        "kept for undo": 2,  # before and after
        "encoded": 1,
        "rows": 1,
    }


def test_a_typed_target_is_checked_beside_the_others_once(state, counted):
    live = content.Content()
    live.of(state.live_bundle)
    counted.update(dict.fromkeys(counted, 0))
    assert state.enter_target("33 deg") is None
    told = all_told(state, live, counted)
    assert (told["read"], told["checked"], told["checked together"]) == (1, 1, 1)


def test_a_drag_reads_and_checks_nothing_until_it_ends(state, counted):
    live = content.Content()
    live.of(state.live_bundle)
    counted.update(dict.fromkeys(counted, 0))
    assert state.begin_gesture() is None
    for number in range(5):
        state.set_threshold(-0.004 - 1e-4 * number)
        told = all_told(state, live, counted)
        assert (told["read"], told["checked"], told["kept for undo"]) == (0, 0, 0)
        assert (told["encoded"], told["rows"]) == (number + 1, 1)
    assert state.end_gesture() is None
    assert all_told(state, live, counted)["read"] == 1
