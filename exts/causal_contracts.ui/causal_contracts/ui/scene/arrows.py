# SPDX-License-Identifier: Apache-2.0
"""An EditorState to arrows over the viewport: from each contract's trigger to its effect joint."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np
import omni.ui as ui
from causal_contracts.core.usd_bundle import absolute
from omni.ui import scene as sc

from ..host import StageChange
from ..panel import style
from ..signals import Subscriptions
from ..state.editor_state import EditorState
from ..state.rows import Row
from ..state.topics import Topic
from .arrow_shape import Arrow, arrow, head
from .joint_places import JointPlace, joint_places, stage_up
from .looks import rgb

LABELS = 4
"""With more contracts than this, only selected ones have their sentence shown."""
LABEL = 15
_DOT, _BADGE = 8.0, 18.0
"""Radii in units of the screen's space, of which ovui 0.1.1 puts two into a pixel."""
_TOPICS = (
    Topic.ARTICULATIONS,
    Topic.BUNDLE,
    Topic.ROWS,
    Topic.SELECTION,
    Topic.ISSUES,
    Topic.DRAFT,
)


class ContractArrows:
    """One arrow a contract of the picked articulation; a click selects the contract.

    Make it inside the scene of a SceneView whose camera looks at the state's stage. Everything is
    drawn anew between frames where a topic or a place changed, and at no other time.
    """

    def __init__(self, state: EditorState) -> None:
        self.state = state
        self.shown: dict[str, Arrow] = {}
        self._root = sc.Transform()
        self._held = Subscriptions()
        self._places: dict[str, JointPlace] = {}
        self._moved = self._drawn = False
        self._visible = False
        self.visible = True

    @property
    def visible(self) -> bool:
        """Whether the arrows are shown; nothing is read or drawn while they are not."""
        return self._visible

    @visible.setter
    def visible(self, on: bool) -> None:
        if on == self._visible:
            return
        self._visible = self._root.visible = on
        self._held.close()
        if on:
            host, state = self.state.host, self.state
            self._held.add(*(state.listen(topic, self._outdated) for topic in _TOPICS))
            self._held.add(host.watch_stage(self._stage_changed), host.on_frame(self._follow))
            self.draw()

    def destroy(self) -> None:
        """Drop every subscription and remove the arrows; a second time does nothing."""
        self.visible = False
        self._root.clear()
        self.shown = {}

    def draw(self) -> None:
        """Draw the arrows anew. Never call it inside one of their gestures."""
        self._drawn, self._moved = True, False
        self._root.clear()
        self.shown = {}
        rows = [row for one in self.state.ids if (row := self.state.row(one)) is not None]
        stage = self.state.host.stage()
        self._places = self._read()
        if stage is None or not rows:
            return
        up, between = stage_up(stage), Counter[tuple[str, ...]]()
        with self._root:
            for row in rows:
                ends = self._ends(row)
                if ends is None:
                    continue
                pair = tuple(sorted(row.joints))
                self.shown[row.id] = arrow(*ends, up, rank=between[pair])
                between[pair] += 1
                self._draw(row, self.shown[row.id], named=self._named(row, len(rows)))

    # -- what changed

    def _outdated(self) -> None:
        self._drawn = False

    def _stage_changed(self, change: StageChange) -> None:
        self._moved = self._moved or change.opened or change.structure or bool(change.properties)

    def _follow(self) -> None:
        if self._moved and self._drawn:
            self._moved = False
            self._drawn = self._read() == self._places
        if not self._drawn:
            self.draw()

    def _read(self) -> dict[str, JointPlace]:
        """Places of the joints that contracts name, by prim path."""
        stage = self.state.host.stage()
        rows = (self.state.row(one) for one in self.state.ids)
        names = {name for row in rows if row is not None for name in row.joints}
        paths = {path for name in names if (path := self._path(name)) is not None}
        return joint_places(stage, sorted(paths)) if stage is not None else {}

    def _path(self, name: str) -> str | None:
        joint, found = self.state.joint(name), self.state.articulation
        return absolute(joint, found) if joint is not None and found is not None else None

    def _ends(self, row: Row) -> tuple[np.ndarray, np.ndarray] | None:
        places = [self._places.get(self._path(name) or "") for name in row.joints]
        if len(places) != 2 or places[0] is None or places[1] is None:
            return None
        start, end = np.array(places[0].point), np.array(places[1].point)
        return (start, end) if np.linalg.norm(end - start) > 0 else None

    # -- one arrow

    def _named(self, row: Row, count: int) -> bool:
        return count <= LABELS or row.id in self.state.selection

    def _draw(self, row: Row, shape: Arrow, *, named: bool) -> None:
        selected = row.id in self.state.selection
        red, green, blue = rgb(style.STATE_COLORS[row.state])
        color = [red, green, blue, 1.0 if selected or not self.state.selection else 0.6]
        pick = self._pick(row.id)
        count = len(shape.curve)
        sc.Curve(
            shape.curve.tolist(),
            curve_type=sc.Curve.CurveType.LINEAR,
            colors=[color] * count,
            thicknesses=[4.0 if selected else 2.0] * count,
            intersection_thickness=12.0,
            gestures=[sc.ClickGesture(pick)],
        )
        with _at(shape.curve[0]), _facing():
            sc.Arc(_DOT, color=color, wireframe=False, gestures=[sc.ClickGesture(pick)])
        with _at(shape.curve[-1]), sc.Transform(scale_to=sc.Space.SCREEN):
            points, counts, indices = head(shape.heading)
            size = 1.4 if selected else 1.0
            sc.PolygonMesh((size * points).tolist(), [color] * len(points), counts, indices)
        with _at(shape.top), _facing():
            self._sign(row, color, pick, named=named)

    def _sign(
        self, row: Row, color: list[float], pick: Callable[[object], None], *, named: bool
    ) -> None:
        """The glyph on a disc, and the sentence above it."""
        radius = _BADGE if row.state.glyph else _DOT
        sc.Arc(radius, color=color, wireframe=False, gestures=[sc.ClickGesture(pick)])
        if row.state.glyph:
            sc.Label(
                row.state.glyph, size=LABEL - 2, color=style.DARK, alignment=ui.Alignment.CENTER
            )
        if named:
            # Twice, so that it can be read on bright and on dark ground.
            for right, down, ink in ((1.0, 1.0, style.DARK), (0.0, 0.0, style.TEXT)):
                lifted = sc.Matrix44.get_translation_matrix(2 * right, 2 * (LABEL - down), 0)
                with sc.Transform(transform=lifted):
                    sc.Label(row.sentence, size=LABEL, color=ink, alignment=ui.Alignment.CENTER)

    def _pick(self, contract_id: str) -> Callable[[object], None]:
        return lambda _: self.state.select(contract_id)


def _at(point: np.ndarray) -> sc.Transform:
    return sc.Transform(transform=sc.Matrix44.get_translation_matrix(*point.tolist()))


def _facing() -> sc.Transform:
    # Inside another transform: on one of both kinds the translation is lost.
    return sc.Transform(look_at=sc.Transform.LookAt.CAMERA, scale_to=sc.Space.SCREEN)
