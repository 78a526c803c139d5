# SPDX-License-Identifier: Apache-2.0
"""Looks of clones to colours for the ground under them and lettered badges over them."""

from __future__ import annotations

import numpy as np
from causal_contracts.preview.live.view import Look
from omni.ui import scene as sc

from ..panel import style
from .badge_shape import ROUND, STROKES
from .camera import OrbitCamera
from .clone_mesh import CloneMesh
from .looks import SIGNS, rgb

BADGE = (11.0, 18.0)
"""Pixels across: where many clones are in the picture, and where few are."""
_TINT = 0.36
"""Share of the look's colour on the square under the clone."""
_GROUND = np.array(rgb(style.PANEL))
_UNDER = {
    look: _GROUND + (look is not Look.IDLE) * _TINT * (np.array(rgb(sign.color)) - _GROUND)
    for look, sign in SIGNS.items()
}
_BRIGHT = np.array(rgb(style.TEXT))
_NEARER = 0.9995
"""Of the way from the eye: a letter is sorted before its badge."""


class CloneSigns:
    """One mesh of badges with their letters, since every item costs time in each frame."""

    def __init__(self) -> None:
        self._mesh: CloneMesh | None = None
        self.looks: tuple[Look, ...] = ()
        self.letters: dict[int, str] = {}
        """The letter over each clone that has one."""
        point = [[0.0, 0.0, 0.0]] * 3
        self._badges = sc.PolygonMesh(point, [[1.0] * 4] * 3, [3], [0, 1, 2], visible=False)

    def make(self, mesh: CloneMesh) -> None:
        """Begin with these clones."""
        self.clear()
        self._mesh = mesh

    def clear(self) -> None:
        """Show none."""
        self._mesh, self.looks, self.letters = None, (), {}
        self._badges.visible = False

    def set(self, looks: tuple[Look, ...]) -> bool:
        """Take what the clones are at; returns whether that differs from before."""
        if looks == self.looks:
            return False
        self.looks = looks
        self.letters = {
            clone: SIGNS[look].glyph for clone, look in enumerate(looks) if SIGNS[look].glyph
        }
        return True

    def ground(self, marked: int | None) -> np.ndarray:
        """Colours of the squares under the clones, one of them brighter, (num_envs, 3)."""
        colors = np.array([_UNDER[look] for look in self.looks])
        if marked is not None:
            colors[marked] += 0.25 * (_BRIGHT - colors[marked])
        return colors

    def draw(self, camera: OrbitCamera, height: float) -> None:
        """Turn the badges to the camera, in a picture `height` pixels high."""
        mesh, letters = self._mesh, self.letters
        self._badges.visible = bool(letters)
        if mesh is None or not letters:
            return
        clones = np.array(list(letters))
        centre = mesh.tops()[clones]
        pixel = 2 * (centre - camera.eye) @ -camera.axes[2] / (camera.focal * height)
        across = (self._across(mesh, camera, height) * pixel)[:, None, None]
        parts = [(centre[:, None] + across * (0.5 * ROUND @ camera.axes[:2])).reshape(-1, 3)]
        inks = [SIGNS[self.looks[clone]].color for clone in letters for _ in ROUND]
        sides = [len(ROUND)] * len(letters)
        glyphs = np.array(list(letters.values()))
        for glyph in sorted(set(letters.values())):
            quads, of = (STROKES[glyph] @ camera.axes[:2]).reshape(-1, 3), glyphs == glyph
            corners = centre[of][:, None] + across[of] * quads
            parts.append((camera.eye + _NEARER * (corners - camera.eye)).reshape(-1, 3))
            sides += [4] * (len(parts[-1]) // 4)
        points = np.concatenate(parts)
        self._badges.positions = points.tolist()
        self._badges.colors = inks + [style.DARK] * (len(points) - len(inks))
        self._badges.vertex_counts = sides
        self._badges.vertex_indices = list(range(len(points)))

    def _across(self, mesh: CloneMesh, camera: OrbitCamera, height: float) -> float:
        """Of a badge [pixels]."""
        square = mesh.spacing * camera.focal * height / (2 * camera.distance)
        return float(np.clip(0.24 * square, *BADGE))
