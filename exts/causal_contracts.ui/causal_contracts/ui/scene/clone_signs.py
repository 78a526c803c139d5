# SPDX-License-Identifier: Apache-2.0
"""Looks of clones to colours for the ground under them and lettered badges over them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import omni.ui as ui
from causal_contracts.preview.live.view import Look
from omni.ui import scene as sc

from ..panel import style
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
_ROUND = np.array([[math.cos(turn), math.sin(turn)] for turn in np.linspace(0, math.tau, 11)[:-1]])


class CloneSigns:
    """One mesh of badges and a letter a clone, since every item costs time in each frame."""

    def __init__(self) -> None:
        self._mesh: CloneMesh | None = None
        self.looks: tuple[Look, ...] = ()
        self._letters: list[sc.Label] = []
        self._size = 0.0
        point = [[0.0, 0.0, 0.0]] * 3
        self._badges = sc.PolygonMesh(point, [[1.0] * 4] * 3, [3], [0, 1, 2], visible=False)
        self._over = sc.Transform()

    def make(self, mesh: CloneMesh) -> None:
        """Begin with these clones."""
        self.clear()
        self._mesh = mesh
        with self._over:
            self._letters = [_letter(at) for at in mesh.tops().tolist()]

    def clear(self) -> None:
        """Show none."""
        self._mesh, self.looks, self._letters, self._size = None, (), [], 0.0
        self._over.clear()
        self._badges.visible = False

    def set(self, looks: tuple[Look, ...]) -> bool:
        """Take what the clones are at; returns whether that differs from before."""
        if looks == self.looks:
            return False
        before, self.looks = self.looks or (None,) * len(looks), looks
        for letter, look, was in zip(self._letters, looks, before, strict=True):
            if look != was:
                letter.text = SIGNS[look].glyph
                letter.visible = bool(SIGNS[look].glyph)
        return True

    def ground(self, marked: int | None) -> np.ndarray:
        """Colours of the squares under the clones, one of them brighter, (num_envs, 3)."""
        colors = np.array([_UNDER[look] for look in self.looks])
        if marked is not None:
            colors[marked] += 0.25 * (_BRIGHT - colors[marked])
        return colors

    def draw(self, camera: OrbitCamera, height: float) -> None:
        """Turn the badges to the camera, in a picture `height` pixels high."""
        mesh = self._mesh
        signed = [clone for clone, look in enumerate(self.looks) if SIGNS[look].glyph]
        self._badges.visible = bool(signed)
        if mesh is None or not signed:
            return
        centre = mesh.tops()[signed]
        pixel = 2 * (centre - camera.eye) @ -camera.axes[2] / (camera.focal * height)
        across = self._across(mesh, camera, height)
        rim = 0.5 * across * pixel[:, None, None] * (_ROUND @ camera.axes[:2])
        colors = [SIGNS[self.looks[clone]].color for clone in signed]
        self._badges.positions = (centre[:, None] + rim).reshape(-1, 3).tolist()
        self._badges.colors = [color for color in colors for _ in _ROUND]
        self._badges.vertex_counts = [len(_ROUND)] * len(signed)
        self._badges.vertex_indices = list(range(len(_ROUND) * len(signed)))
        if across != self._size:
            self._size = across
            for letter in self._letters:
                letter.size = 0.78 * across

    def _across(self, mesh: CloneMesh, camera: OrbitCamera, height: float) -> float:
        """Of a badge [pixels], in whole steps so that letters are not made anew all the time."""
        square = mesh.spacing * camera.focal * height / (2 * camera.distance)
        return float(np.clip(round(0.24 * square), *BADGE))


def _letter(at: Sequence[float]) -> sc.Label:
    # On one transform the translation would be lost.
    with (
        sc.Transform(transform=sc.Matrix44.get_translation_matrix(*at)),
        sc.Transform(look_at=sc.Transform.LookAt.CAMERA, scale_to=sc.Space.SCREEN),
    ):
        return sc.Label("", color=style.DARK, alignment=ui.Alignment.CENTER, visible=False)
