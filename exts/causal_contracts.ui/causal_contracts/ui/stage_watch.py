# SPDX-License-Identifier: Apache-2.0
"""A stage's change notices in, one `StageChange` a frame out."""

from __future__ import annotations

from pxr import Tf, Usd

from .host import StageChange


class StageWatch:
    """Gathers what changed on a stage until somebody takes it."""

    def __init__(self, stage: Usd.Stage) -> None:
        self._structure = False
        self._properties: set[str] = set()
        self._target = False
        self._listeners = [
            Tf.Notice.Register(Usd.Notice.ObjectsChanged, self._changed, stage),
            Tf.Notice.Register(Usd.Notice.StageEditTargetChanged, self._retargeted, stage),
        ]

    def take(self) -> StageChange | None:
        """What changed since the last call; None where nothing did."""
        if not self._structure and not self._properties:
            return None
        change = StageChange(structure=self._structure, properties=frozenset(self._properties))
        self._structure, self._properties = False, set()
        return change

    def take_target(self) -> bool:
        """Whether edits go to another layer since the last call."""
        target, self._target = self._target, False
        return target

    def close(self) -> None:
        """Hear of no more changes."""
        while self._listeners:
            self._listeners.pop().Revoke()

    def _changed(self, notice: Usd.Notice.ObjectsChanged, _sender: object) -> None:
        for path in notice.GetResyncedPaths():
            if path.IsPropertyPath():
                self._properties.add(str(path))
            else:
                self._structure = True
        self._properties |= {str(path) for path in notice.GetChangedInfoOnlyPaths()}

    def _retargeted(self, _notice: object, _sender: object) -> None:
        self._target = True
