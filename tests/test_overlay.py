# SPDX-License-Identifier: Apache-2.0
"""One state for all viewports: awake while wanted, and of one selection with the panel."""

from __future__ import annotations

import pytest
from causal_contracts.ui.signals import Closing
from causal_contracts.ui.state.editor_state import EditorState
from causal_contracts.ui.state.overlay import Overlay
from causal_contracts.ui.state.prim_contracts import concern_of, may_concern
from editor_stage import box_editor, frames
from pxr import Sdf


class Arrows:
    """Stands for scene.arrows.ContractArrows: notes what it was given."""

    def __init__(self, state: EditorState) -> None:
        self.state, self.visible, self.there = state, True, True

    def destroy(self) -> None:
        self.there = False


class Viewports:
    """An overlay, what it drew, and how often the host is held."""

    def __init__(self, panel, **how) -> None:
        self.drawn, self.holds = [], 0
        self.overlay = Overlay(panel, hold=self.hold, **how)

    def hold(self):
        self.holds += 1

        def let_go():
            self.holds -= 1

        return Closing(let_go)

    def make(self, state):
        self.drawn.append(Arrows(state))
        return self.drawn[-1]

    def there(self):
        return [one for one in self.drawn if one.there]


@pytest.fixture
def panel(tmp_path):
    return box_editor(tmp_path, "second")


def test_it_wakes_with_the_first_viewport_and_sleeps_after_the_last(panel):
    ports = Viewports(panel)
    assert not ports.overlay.awake and ports.holds == 0
    held = [ports.overlay.join(ports.make) for _ in range(2)]
    assert ports.overlay.awake and ports.holds == 1
    assert len({id(one.state) for one in ports.there()}) == 1 and len(ports.there()) == 2
    held[0].close()
    assert ports.overlay.awake and len(ports.there()) == 1
    held[1].close()
    assert not ports.overlay.awake and ports.holds == 0 and ports.there() == []


def test_switching_it_off_takes_the_arrows_away_and_on_draws_them_again(panel):
    ports = Viewports(panel, wanted=False)
    ports.overlay.join(ports.make)
    assert ports.drawn == [] and not ports.overlay.awake
    ports.overlay.want(True)
    ports.overlay.want(True)
    assert len(ports.drawn) == 1 and ports.overlay.awake
    ports.overlay.want(False)
    assert ports.there() == [] and ports.holds == 0
    ports.overlay.want(True)
    assert len(ports.there()) == 1
    ports.overlay.close()
    ports.overlay.close()
    assert ports.there() == [] and ports.holds == 0


def test_a_selection_in_either_is_the_selection_in_both(panel):
    ports = Viewports(panel)
    ports.overlay.join(ports.make)
    arrows = ports.there()[0]
    assert arrows.state.selection == panel.selection == ("press", "second")
    arrows.state.select("press")
    frames(panel)
    assert panel.selection == ("press",)
    panel.select("second")
    frames(panel)
    assert arrows.state.selection == ("second",)


def test_a_click_reaches_a_panel_that_is_hidden(panel):
    ports = Viewports(panel)
    ports.overlay.join(ports.make)
    panel.suspend()
    state = ports.there()[0].state
    state.add()
    frames(panel)
    assert panel.selection == state.selection == ("button_slide_moves_lid_hinge",)


def test_a_prim_that_carries_contracts_concerns_all_of_them(panel):
    found = concern_of(panel, "/Box")
    assert (found.ids, found.joint, found.title) == (
        ("press", "second"),
        None,
        "2 contracts on this asset",
    )


def test_a_joint_concerns_the_contracts_that_name_it(panel):
    panel.set_effect("/Box/button_slide", ["second"])
    panel.set_trigger("/Box/lid_hinge", ["second"])
    panel.delete(["press"])
    found = concern_of(panel, "/Box/lid_hinge")
    assert (found.ids, found.joint) == (("second",), "/Box/lid_hinge")
    assert found.title == "1 contract with this joint"
    panel.delete(["second"])
    assert concern_of(panel, "/Box/lid_hinge").ids == ()


def test_a_joint_that_no_contract_names_concerns_none(panel):
    layer = panel.host.stage().GetRootLayer()
    Sdf.CopySpec(layer, "/Box/lid_hinge", layer, "/Box/third")
    panel.refresh()
    found = concern_of(panel, "/Box/third")
    assert (found.ids, found.joint) == ((), "/Box/third") and len(panel.ids) == 2


def test_other_prims_concern_nothing(panel):
    stage = panel.host.stage()
    assert concern_of(panel, "/Box/lid") is None
    assert [
        may_concern(stage.GetPrimAtPath(path))
        for path in ("/Box", "/Box/lid_hinge", "/Box/lid", "/gone")
    ] == [True, True, False, False]
