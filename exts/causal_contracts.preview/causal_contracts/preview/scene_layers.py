# SPDX-License-Identifier: Apache-2.0
"""The temporary layers around an asset, and what is known of them; no USD is loaded for it."""

from __future__ import annotations

import math
import tempfile
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Scene:
    """Temporary layers around one asset; `close` removes them."""

    folder: tempfile.TemporaryDirectory[str] | None
    """Of the layers; None where whoever asked for the scene gave one, and removes it."""
    asset_layer: Path
    """Layer whose default prim /Asset references the author's file and can be spawned anywhere."""
    articulation: str
    """Path of the prim with the articulation root below /Asset, e.g. "/Model" or "/Model/a"."""
    gravity: tuple[float, float, float]
    """[stage distance/s^2], against the asset's up axis."""
    up_axis: str
    meters_per_unit: float
    spacing: float
    """Distance of neighbouring clones [stage distance]: no open joint reaches across."""
    given_drives: dict[str, tuple[float, float]] = field(default_factory=dict)
    """(stiffness, damping) of joints that the asset left without a usable drive, in SI units."""
    joint_states: dict[str, float] = field(default_factory=dict)
    """Positions of the authored pose [rad or m] by joint name."""
    drive_targets: dict[str, float] = field(default_factory=dict)
    """Authored drive targets [rad or m] by joint name; joints without a drive are absent."""

    def close(self) -> None:
        """Remove the temporary layers, where their folder is the scene's own."""
        if self.folder is not None:
            self.folder.cleanup()

    def origins(self, num_envs: int) -> list[tuple[float, float, float]]:
        """Places of the clones on a square grid on the ground, the first at the origin."""
        side = math.ceil(math.sqrt(num_envs))
        places = ((self.spacing * (i % side), self.spacing * (i // side)) for i in range(num_envs))
        return [(x, 0.0, -y) if self.up_axis == "Y" else (x, y, 0.0) for x, y in places]


@dataclass(frozen=True, slots=True)
class PhysXStage:
    """A scene with the stage that ovphysx opens."""

    scene: Scene
    path: Path
    """Layer with the physics scene and the first clone."""
    prim: str
    """Of the first clone."""
