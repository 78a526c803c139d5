# SPDX-License-Identifier: Apache-2.0
"""The contracts of one prim as rows for a property window: sentence, state, switch, X, Add."""

from __future__ import annotations

from collections.abc import Callable

import omni.ui as ui

from ..signals import Closing, Subscription
from ..state.editor_state import EditorState
from ..state.prim_contracts import Concern, concern_of, may_concern
from ..state.rows import Row
from ..state.shown_elsewhere import show
from . import style
from .controls import button, dot, tip
from .joint_uses import JointUses
from .refusals import Refusals
from .section import Section


class PropertyPane:
    """What a property window's widget asks for: whether to show, and the view of one prim.

    It has its own state, since the panel may be pinned to another articulation; it reads the
    stage while it shows a prim, and only then.

    Args:
        panel: the panel's state, in which contracts are edited.
        show: shows the panel.
        hold: lets the host follow the stage until the subscription is closed.
    """

    def __init__(
        self,
        panel: EditorState,
        show: Callable[[], object],
        hold: Callable[[], Subscription] = lambda: Closing(lambda: None),
    ) -> None:
        self._panel, self._show, self._hold = panel, show, hold
        self._state: EditorState | None = None
        self._held: Subscription | None = None
        self._view: PropertyView | None = None
        self._path = ""

    def look(self, path: str | None) -> bool:
        """Whether contracts concern the prim; None where not exactly one prim is selected."""
        stage = self._panel.host.stage()
        self._drop()
        if stage is None or path is None or not may_concern(stage.GetPrimAtPath(path)):
            self._sleep()
            return False
        state = self._wake()
        state.pick(path)
        concern = concern_of(state, path)
        if concern is None or not concern.ids:
            self._sleep()
            return False
        self._path = path
        return True

    def build(self) -> None:
        """Draw the prim that `look` was asked about into the current container."""
        self._drop()
        if self._state is not None:
            self._view = PropertyView(
                self._state, self._path, self._edit, (self._panel, self._show)
            )
            self._view.build()

    def close(self) -> None:
        """Let go of everything."""
        self._drop()
        self._sleep()

    def _wake(self) -> EditorState:
        if self._state is None:
            self._held = self._hold()
            self._state = EditorState(self._panel.host)
        return self._state

    def _sleep(self) -> None:
        if self._state is not None and self._held is not None:
            self._state.destroy()
            self._held.close()
        self._state = self._held = None

    def _drop(self) -> None:
        if self._view is not None:
            self._view.close()
            self._view = None

    def _edit(self, path: str, contract_id: str | None) -> None:
        show(self._panel, path, (contract_id,) if contract_id else ())
        self._show()


class PropertyView:
    """Rows, and why the last edit was refused.

    Args:
        state: reads the prim's articulation; apart from the panel's, which may show another.
        path: the prim.
        edit: shows a contract in the panel; gets its articulation and its id, None for none.
        panel: the panel's state and what shows it, to use a joint in the contract selected there.
    """

    def __init__(
        self,
        state: EditorState,
        path: str,
        edit: Callable[[str, str | None], object],
        panel: tuple[EditorState, Callable[[], object]],
    ) -> None:
        state.pick(path)
        self._rows, self._refusals = PrimRows(state, path, edit), Refusals(state)
        self._uses = JointUses(*panel, path)
        self.frame: ui.Frame | None = None

    def build(self) -> None:
        """Draw into the current container."""
        self.frame = frame = ui.Frame(height=0)
        frame.set_style(style.STYLE)
        with frame, ui.VStack(spacing=style.GAP, height=0):
            self._rows.build()
            self._uses.build()
            self._refusals.build()

    def close(self) -> None:
        """Listen no longer, and take the widgets away: whoever drew them may keep them."""
        self._rows.close()
        self._uses.close()
        self._refusals.close()
        if self.frame is not None:
            self.frame.destroy()
            self.frame = None


class PrimRows(Section):
    """One row a contract, and two buttons."""

    topics = ("bundle", "rows", "issues", "target", "articulations")

    def __init__(
        self, state: EditorState, path: str, edit: Callable[[str, str | None], object]
    ) -> None:
        super().__init__(state)
        self._path, self._edit = path, edit

    def draw(self) -> None:
        """The rows, or what to do where there are none."""
        concern = concern_of(self.state, self._path)
        with ui.VStack(spacing=style.GAP, height=0):
            if concern is None:
                why = self.state.why_not_listed(self._path) or "No contract concerns this prim."
                ui.Label(why, name="dim", word_wrap=True, identifier="prim empty", height=0)
                return
            for one in concern.ids:
                row = self.state.row(one)
                if row is not None:
                    self._row(row)
            self._buttons(concern)

    def _row(self, row: Row) -> None:
        why = self.state.why_no_edit()
        with ui.ZStack(height=style.TWO_LINES):
            ui.Rectangle(name="card")
            with ui.HStack(spacing=style.GAP):
                ui.Spacer(width=style.GAP)
                self._enabled(row, why)
                dot(row.state, row.state.glyph, row.tooltip)
                with ui.VStack():
                    ui.Spacer(height=style.GAP)
                    ui.Label(row.id, elided_text=True, identifier=f"prim id:{row.id}")
                    said = ui.Label(
                        row.sentence,
                        name="dim",
                        elided_text=True,
                        identifier=f"prim sentence:{row.id}",
                    )
                    tip(said, f"{row.sentence}, {row.mode}")
                    ui.Spacer(height=style.GAP)
                with ui.VStack(width=0):
                    ui.Spacer()
                    with ui.HStack(spacing=style.GAP, height=style.ROW, width=0):
                        button(
                            "Edit",
                            lambda: self._edit(self._path, row.id),
                            identifier=f"prim edit:{row.id}",
                            says="Edit it in the Causal Contracts panel.",
                        )
                        button(
                            "X",
                            lambda: self.state.delete([row.id]),
                            identifier=f"prim remove:{row.id}",
                            says="Remove the contract with all its properties.",
                            why_not=why,
                            width=style.ROW,
                        )
                    ui.Spacer()
                ui.Spacer(width=0)

    def _enabled(self, row: Row, why: str | None) -> None:
        with ui.VStack(width=18):
            ui.Spacer()
            box = ui.CheckBox(height=18, width=18, identifier=f"prim enabled:{row.id}")
            ui.Spacer()
        box.model.as_bool = row.enabled
        tip(box, why or "Whether the contract runs.")
        # Where it is refused, the topic `rows` is marked too, and the box shows the stage's value.
        box.model.add_value_changed_fn(
            lambda model: self.state.set_enabled(model.as_bool, [row.id]) and None
        )

    def _buttons(self, concern: Concern) -> None:
        with ui.HStack(spacing=style.GAP, height=style.ROW):
            ui.Label(concern.title, name="dim", elided_text=True, identifier="prim title")
            says = "Add a contract with this joint as its trigger." if concern.joint else None
            refused = self.state.why_no_joint(concern.joint) if concern.joint else None
            button(
                "+ Add",
                self._add,
                identifier="prim add",
                says=says or "Add a contract; joints and numbers are chosen for a start.",
                why_not=self.state.why_no_add() or refused,
            )
            button(
                "Open panel",
                lambda: self._edit(self._path, None),
                identifier="prim panel",
                says="Show this articulation in the Causal Contracts panel.",
            )

    def _add(self) -> None:
        concern = concern_of(self.state, self._path)
        self.state.add(concern.joint if concern else None)
