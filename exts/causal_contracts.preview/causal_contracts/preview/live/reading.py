# SPDX-License-Identifier: Apache-2.0
"""A start to all that it needs to know of the asset's USD, read here or in a process beside."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from causal_contracts.core.articulation import Articulation
from causal_contracts.core.model import Bundle

from ..causality import judged
from ..clones import OWN
from ..hand import hand_joints
from .apart import Apart, can_fork
from .changes import bundle_of
from .messages import Start
from .skeleton import Skeleton

if TYPE_CHECKING:
    from ..scene_layers import PhysXStage


@dataclass(frozen=True, slots=True)
class Reading:
    """What is known of an asset; plain facts, which hold no USD."""

    articulation: Articulation
    bundle: Bundle
    """The contracts to run."""
    path: str
    """Of the articulation root in the asset."""
    hand: tuple[str, ...]
    """Joints that the hand moves."""
    sha256: str
    """Of the asset file."""
    skeleton: Skeleton
    written: PhysXStage | None = None
    """The scene for PhysX, where it was asked for."""


def load() -> None:
    """Import what `read` needs."""
    from .. import asset_contracts, scene
    from . import usd_skeleton

    del asset_contracts, scene, usd_skeleton


def read(
    asset: Path, *, articulation: str | None, bundle: Bundle | None, folder: Path | None = None
) -> Reading:
    """Read `asset`; `bundle` None takes the contracts on it.

    `folder`, which is there, gets the scene for PhysX; None leaves that to the clones.
    Raises `ContractError` where the asset cannot be read, or no scene be made of it.
    """
    from ..asset_contracts import read_contracts
    from .usd_skeleton import read_skeleton

    facts, authored, _ = read_contracts(asset, articulation=articulation)
    bundle = authored if bundle is None else bundle
    names = [joint.name for joint in facts.movable]
    hand = hand_joints(judged(bundle, names), names)
    return Reading(
        articulation=facts,
        bundle=bundle,
        path=facts.host if facts.root == "." else f"{facts.host}/{facts.root}",
        hand=hand,
        sha256=hashlib.sha256(asset.read_bytes()).hexdigest(),
        skeleton=read_skeleton(asset, facts),
        written=None if folder is None else _written(asset, facts.root, hand, folder),
    )


class Reader:
    """The reading of one start, and the folder of what was not saved and of the scene."""

    def __init__(self, start: Start, *, closing: Iterable[int] | None = None) -> None:
        """Put down what was not saved.

        Args:
            start: whose asset is read.
            closing: pipes that a child which reads at once gives up; None reads when asked.
        """
        self._start = start
        self._folder = tempfile.TemporaryDirectory(prefix="snapshot_")
        self.asset = _asset(start, Path(self._folder.name))
        """The file to simulate."""
        self._apart = None
        if closing is not None and start.sim == OWN.name and can_fork():
            with suppress(OSError):  # no further process: it is read here
                self._apart = Apart(self._with_scene, closing=closing)

    @property
    def apart(self) -> bool:
        """Whether a process beside this one reads."""
        return self._apart is not None

    def reading(self) -> Reading:
        """What was found; once. Raises `ContractError` as `read` does."""
        return self._apart.answer() if self._apart is not None else self._read(None)

    def close(self) -> None:
        """Remove the folder."""
        self._folder.cleanup()

    def _with_scene(self) -> Reading:
        folder = Path(self._folder.name, "scene")
        folder.mkdir(exist_ok=True)
        return self._read(folder)

    def _read(self, folder: Path | None) -> Reading:
        start = self._start
        bundle = None if start.couplings is None else bundle_of(start.couplings)
        return read(self.asset, articulation=start.articulation, bundle=bundle, folder=folder)


def _asset(start: Start, folder: Path) -> Path:
    """The author's file, or what was not saved yet, under the same name."""
    if start.snapshot is None:
        return Path(start.asset)
    path = folder / f"{Path(start.asset).stem or 'asset'}.usda"
    path.write_text(start.snapshot)
    return path


def _written(asset: Path, root: str, hand: Iterable[str], folder: Path) -> PhysXStage:
    from ..scene import build_scene, write_physx_stage

    return write_physx_stage(build_scene(asset, root, hand_joints=hand, folder=folder))
