# SPDX-License-Identifier: Apache-2.0
"""How the panel uses its width: columns, borders that are dragged, lists that are not cut."""

import pytest
from causal_contracts.ui.panel.arrangement import LEAST, SPLITS, Arrangement, arrangement, widths
from panel_process import play_all


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    return play_all(tmp_path_factory, "panel_columns_child.py")


def test_the_width_decides_how_many_columns_there_are():
    kinds = [
        (arrangement(width, unfolded=False), arrangement(width, unfolded=True))
        for width in (380, 899, 900, 1499, 1500, 4000)
    ]
    stacked, three = Arrangement.STACKED, Arrangement.THREE
    two = Arrangement.SIDE, Arrangement.BESIDE
    assert kinds == [(stacked, stacked)] * 2 + [two] * 2 + [(three, three)] * 2


@pytest.mark.parametrize("kind", [one for one in Arrangement if SPLITS[one]])
@pytest.mark.parametrize("total", [900.0, 1500.0, 3840.0])
@pytest.mark.parametrize("dragged", [0.0, 0.01, 0.5, 0.99])
def test_no_column_is_too_narrow_wherever_a_border_is_dragged(kind, total, dragged):
    splits = SPLITS[kind]
    found = widths(splits, total, [dragged] * len(splits))
    if total >= LEAST * (len(splits) + 1):
        assert min(*found, total - sum(found)) >= LEAST - 1e-9


def test_columns_stop_growing_by_themselves_and_a_drag_takes_them_further():
    splits = SPLITS[Arrangement.THREE]
    assert widths(splits, 3840.0, [0.0, 0.0]) == [560.0, 600.0]
    assert widths(splits, 3840.0, [0.25, 0.0]) == [960.0, 600.0]


def test_the_sections_stand_in_one_two_or_three_columns(seen):
    kinds = seen["arranged"]["kinds"]
    # name, form beside the table, preview beside the form, what says how to open it, all in view
    assert kinds["420"] == ["stacked", False, False, False, True]
    assert kinds["1000"] == ["side", True, False, False, True]
    assert kinds["1499"] == ["side", True, False, False, True]
    assert kinds["1500"] == ["three", True, True, True, True]
    assert kinds["2400"] == ["three", True, True, True, True]


def test_a_border_is_dragged_kept_and_put_back(seen):
    said = seen["borders"]
    before, after, back = said["ended"]
    assert after - before == pytest.approx(100, abs=1.5) and back == before
    # 1600 less 8 at each edge and two borders of 8; 27 % of that, and 100 pixels more
    assert said["kept"] == pytest.approx((0.27 * 1568 + 100) / 1568, abs=2e-3)
    assert said["least"] == LEAST


def test_the_third_column_opens_the_preview(seen):
    assert seen["invitation"] == {"unfolded": True, "kind": "three", "ready": True}


def test_a_short_list_is_driven_by_keys_and_by_the_mouse(seen):
    said = seen["lists"]
    assert said["shown"] == [True, False]
    assert said["chosen"] == said["left"] == "hold" and said["speed"] == 2.0


def test_rows_that_scroll_end_where_the_header_ends_and_the_thumb_scrolls_them(seen):
    said = seen["thumb"]
    assert said["ends"][0] == said["ends"][1] and said["narrow"][0] == said["narrow"][1]
    assert said["first"] == "rule_000" and said["last"] == "rule_059"


def test_a_large_import_is_paged_and_narrowed(seen):
    said = seen["many"]
    assert said["said"] == ["1 to 100 of 252", "101 to 200 of 252", "201 to 252 of 252"]
    assert said["grey"] == "off" and said["last"] == [True, False]
    assert said["narrowed"] == [True, None]
    assert said["kept"] == ["rule_12?", True] and said["ids"] == 250
