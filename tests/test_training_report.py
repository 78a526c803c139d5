# SPDX-License-Identifier: Apache-2.0
"""The report of a gate: published form, file law, numbers of the summary, table and picture."""

from __future__ import annotations

import io
import json
import math
import struct
from dataclasses import replace
from pathlib import Path

import jsonschema
import msgspec
import numpy as np
import pytest
from causal_contracts.core.issue import ContractError
from causal_contracts.lab.train.arm import Evaluation, Iteration, NanRecord, Rates
from causal_contracts.lab.train.curves import MAX_LINES, _footer, draw_curves, write_curves
from causal_contracts.lab.train.report import (
    json_schema,
    read_training_report,
    to_json,
    write_training_report,
)
from causal_contracts.lab.train.summary import iteration_row, latency, nan_row, training_report
from causal_contracts.lab.train.table import (
    LIVE_HEADER,
    live_row,
    print_training_report,
    shown_iterations,
)
from hand_made_arms import (
    FACTS,
    ID,
    contract_arm,
    evaluation,
    iteration,
    native_arm,
    rates,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from rich.console import Console

PUBLISHED = Path(__file__).parent.parent / "config" / "coupling_training_report.schema.json"
SCHEMA = json.loads(PUBLISHED.read_bytes())


def report(contract=None, native=None, facts=FACTS, **options):
    return training_report(contract or contract_arm(), native or native_arm(), facts, **options)


def nobody_pressed(iterations=3):
    rows = tuple(iteration(n, rates(64, 0), 0.0) for n in range(1, iterations + 1))
    nothing = {
        "iterations": rows,
        "contracts": {ID: rates(64 * iterations, 0)},
        "evaluation": evaluation(pressed=0),
        "scripted": evaluation(pressed=0),
    }
    return report(contract_arm(**nothing), native_arm(**nothing))


def text_of(one, width=130):
    console = Console(width=width, record=True, file=io.StringIO())
    print_training_report(one, console)
    return console.export_text()


COUNTS = st.integers(0, 10**6)
CELL = st.tuples(COUNTS, COUNTS).map(lambda pair: (min(pair), max(pair)))
RATES = st.builds(Rates, COUNTS, COUNTS, CELL, CELL)
NUMBER = st.floats(allow_nan=False, allow_infinity=False)
IDS = st.text("abcdefgh_", min_size=1, max_size=8)
LATENCIES = st.lists(st.floats(0, 600), max_size=5).map(tuple)
EVALUATION = st.lists(IDS, unique=True, max_size=3).flatmap(
    lambda ids: st.builds(
        Evaluation,
        COUNTS,
        NUMBER,
        st.fixed_dictionaries(dict.fromkeys(ids, COUNTS)),
        st.fixed_dictionaries(dict.fromkeys(ids, RATES)),
        st.fixed_dictionaries(dict.fromkeys(ids, LATENCIES)),
        st.floats(),
        st.fixed_dictionaries(dict.fromkeys(ids, COUNTS)),
    )
)
ITERATION = st.builds(Iteration, COUNTS, COUNTS, RATES, st.floats(), COUNTS, NUMBER)
CHANGES = st.fixed_dictionaries(
    {
        "iterations": st.lists(ITERATION, max_size=4).map(tuple),
        "contracts": st.dictionaries(IDS, RATES, max_size=3),
        "nan": st.builds(NanRecord, COUNTS, st.lists(COUNTS).map(tuple), COUNTS),
        "evaluation": EVALUATION,
        "scripted": EVALUATION,
    }
)


@settings(max_examples=25, deadline=None)
@given(CHANGES, CHANGES)
def test_any_arms_make_a_report_that_is_read_as_written_and_fits_the_schema(contract, native):
    settings_ = {"learning_rate": 1e-3, "clip": None, "hidden": [32, 32]}
    one = report(contract_arm(**contract), native_arm(**native), hyperparameters=settings_)
    data = to_json(one)
    assert read_training_report(data) == one
    jsonschema.validate(json.loads(data), SCHEMA)


def test_read_gives_back_what_write_wrote(tmp_path):
    one = report()
    write_training_report(one, tmp_path / "coupling_training_report.json")
    assert read_training_report(tmp_path / "coupling_training_report.json") == one
    assert [path.name for path in tmp_path.iterdir()] == ["coupling_training_report.json"]


def test_the_published_schema_is_current():
    """Renew it: tools/schema."""
    assert PUBLISHED.read_bytes() == json_schema()


def test_the_names_of_the_published_description_are_there():
    tree = json.loads(to_json(report()))
    assert {"verdict", "reasons", "versions", "seed", "arms"} <= set(tree)
    assert set(tree["arms"]) == {"contract", "native"}
    for arm in tree["arms"].values():
        for row in arm["iterations"]:
            wanted = {"press_rate", "effect_given_cause", "effect_given_no_cause", "reward"}
            assert wanted <= set(row)


def test_what_was_not_counted_is_null():
    tree = json.loads(to_json(nobody_pressed()))
    row = tree["arms"]["contract"]["iterations"][0]
    assert (row["press_rate"], row["effect_given_cause"]) == (0.0, None)
    assert tree["arms"]["contract"]["evaluation"]["contracts"][0]["latency"] is None
    empty = iteration_row(iteration(1, Rates(0, 0, (0, 0), (0, 0)), math.nan))
    assert (empty.press_rate, empty.effect_given_no_cause, empty.reward) == (None, None, None)


@pytest.mark.parametrize(
    ("path", "key", "value", "where"),
    [
        ((), "sixth", 1, r"unknown field `sixth`"),
        ((), "verdict", "perhaps", r"\$\.verdict"),
        (("arms", "native"), "nan", None, r"\$\.arms\.native\.nan"),
        (("arms", "contract", "iterations", 0), "press_rate", "x", r"iterations\[0\]\.press_rate"),
    ],
)
def test_the_reader_is_strict_and_says_where(path, key, value, where):
    tree = json.loads(to_json(report()))
    node = tree
    for step in path:
        node = node[step]
    node[key] = value
    with pytest.raises(msgspec.ValidationError, match=where):
        read_training_report(json.dumps(tree).encode())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(tree, SCHEMA)


def test_rates_are_counts_divided():
    row = iteration_row(iteration(3, Rates(10, 6, (3, 4), (1, 5), released=2), 0.25))
    assert row.released == 2
    assert (row.press_rate, row.effect_given_cause, row.effect_given_cause_n) == (0.6, 0.75, 4)
    assert (row.effect_given_no_cause, row.effect_given_no_cause_n) == (0.2, 5)


def test_presses_that_let_go_too_soon_are_noted_with_their_number():
    taps = replace(rates(1280, 3, after=3), causes=903, released=900)
    one = report(replace(contract_arm(), contracts={ID: taps}))
    (said,) = one.notes
    assert said.startswith("contract arm, training: not counted are the presses that let go before")
    assert said.endswith(f"the window of 2 s was over: {ID} 900 of 903")
    assert report().notes == []
    jsonschema.validate(json.loads(to_json(one)), SCHEMA)


def test_latency_is_told_by_its_own_values():
    values = np.random.default_rng(0).permutation(np.arange(1, 101) / 100)
    found = latency(tuple(values))
    assert (found.count, found.min, found.max) == (100, 0.01, 1.0)
    assert (found.median, found.p95) == (0.505, 0.95)
    assert found.seconds == sorted(found.seconds) and len(found.seconds) == 100
    assert latency(()) is None


def test_nan_environments_are_told_with_what_became_of_them():
    row = nan_row(NanRecord(3, (4, 17), 2))
    assert "2 environments went to NaN in 3 episodes" in row.text
    assert "2 of 2 were finite at the end" in row.text
    assert nan_row(NanRecord(0, (), 0)).text == "no environment went to NaN"


def test_skipped_contracts_and_warnings_of_the_check_are_in_the_report():
    facts = replace(FACTS, skipped=(("c", "it is disabled"),), notes=("a: is at its limit",))
    one = report(facts=facts)
    assert one.bundle.skipped[0].contract == "c"
    assert one.notes == ["a: is at its limit", "c: skipped, it is disabled"]
    assert one.verdict == "pass"


def test_a_checkpoint_is_named_relative_to_the_report(tmp_path):
    arm = contract_arm(policy=tmp_path / "contract" / "policy.pt")
    assert report(arm, folder=tmp_path).arms.contract.policy == "contract/policy.pt"


def test_arms_that_differ_in_more_than_the_arm_are_refused():
    native = native_arm()
    other = replace(native, request=replace(native.request, seed=3, num_envs=8))
    with pytest.raises(ContractError) as fault:
        report(native=other)
    assert [issue.address for issue in fault.value.issues] == [
        "arms.native.num_envs",
        "arms.native.seed",
    ]


def test_the_table_shows_both_arms_at_the_published_iterations():
    one = report(contract_arm(32), native_arm(32))
    assert shown_iterations(one) == [1, 5, 10, 20, 32]
    lines = [line.split() for line in text_of(one).splitlines()]
    rows = [line for line in lines if line and line[0] in ("1", "5", "10", "20", "32")]
    # press, effect, "of", counted, reward: native, then contract
    assert " ".join(rows[0]) == "1 0.05 0.00 of 3 0.00 0.03 1.00 of 2 0.03"
    assert " ".join(rows[4]) == "32 0.05 0.00 of 3 0.00 1.00 1.00 of 64 0.90"
    assert len(rows) == 5


def test_the_table_ends_with_the_verdict_and_shows_nothing_as_a_dash():
    lines = text_of(nobody_pressed()).rstrip().splitlines()
    assert lines[-1].startswith("[!!] fail")
    assert lines[4].split() == ["1", "0.00", "-", "0.00", "0.00", "-", "0.00"]


def test_a_live_row_stands_under_its_header_whatever_it_counts():
    for counted in (rates(64, 0), rates(64, 63), rates(100000, 90000, 89999)):
        row = live_row("contract", iteration(7, counted, 0.5), of=20)
        assert len(row) == len(LIVE_HEADER)
    lost = live_row("native", iteration(7, rates(), 0.5, nan_environments=2), of=20)
    assert lost.endswith("2 went to NaN")


def pixels(data, tmp_path):
    path = tmp_path / "curves.png"
    path.write_bytes(data)
    return np.asarray(Image.open(path).convert("RGB")).astype(int)


def near(image, color):
    rgb = [int(color[i : i + 2], 16) for i in (1, 3, 5)]
    return int((np.abs(image - rgb).max(axis=2) < 24).sum())


def test_the_picture_shows_both_curves_in_colours_and_lines_of_their_own(tmp_path):
    write_curves(report(), tmp_path / "curves.png")
    image = pixels((tmp_path / "curves.png").read_bytes(), tmp_path)
    assert image.shape[1] == 1540 and image.shape[0] > 700
    assert near(image[150:, :540], "#E0A030") > 800, "the native curves are missing"
    assert near(image[150:, 560:1030], "#4A9EDA") > 1500, "the contract curves are missing"
    assert near(image[150:, 1060:], "#76B900") > 100, "the latencies are missing"
    moved = pixels(draw_curves(report(contract_arm(8))), tmp_path)
    assert (image[:700, 560:1030] != moved[:700, 560:1030]).any()


def test_the_picture_of_nothing_and_of_much_can_be_drawn(tmp_path):
    ids = tuple(f"contract_number_{n}" for n in range(7))
    for one in (
        nobody_pressed(1),
        report(contract_arm(400), native_arm(400)),
        report(contract_arm(3, ids=ids), native_arm(3, ids=ids)),
        report(*(replace(arm, contracts={}) for arm in (contract_arm(0), native_arm(0)))),
    ):
        head = draw_curves(one)[:26]
        width, height = struct.unpack(">II", head[16:24])
        assert width == 1540 and 600 < height < 1400


def test_the_same_report_gives_the_same_picture():
    assert draw_curves(report()) == draw_curves(report())


def test_a_long_list_of_reasons_leaves_room_in_the_picture_for_what_is_not_counted():
    taps = replace(rates(1280, 3, after=3), causes=903, released=900)
    ids = tuple(f"contract_{number}" for number in range(9))
    arm = contract_arm(ids=ids)
    one = report(replace(arm, contracts=dict.fromkeys(ids, taps)), native_arm(ids=ids))
    one = msgspec.structs.replace(one, reasons=[f"reason {number}" for number in range(30)])
    lines = [line for line, _ in _footer(one)]
    assert len(lines) <= MAX_LINES and "more lines" in "".join(lines)
    assert any(line.startswith("note  contract arm, training: not counted are") for line in lines)
