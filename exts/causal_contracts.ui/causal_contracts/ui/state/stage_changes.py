# SPDX-License-Identifier: Apache-2.0
"""A stage's change notices to the contracts that have to be read again, or all there is."""

from __future__ import annotations

from collections.abc import Iterable

from causal_contracts.core.usd_contract import PREFIX, RELATIONSHIPS
from pxr import Tf, Usd

READ = (f"{PREFIX}:", "physics:", "drive:", "state:", "physx", "newton:", "xformOp")
"""Properties that a reading depends on, by how their names start."""


def matters(path: str) -> bool:
    """Whether a reading depends on the property, or on the metadata of the prim."""
    _, dot, name = path.partition(".")
    return not dot or name.startswith(READ)


class StageChanges:
    """What changed on a stage since it was read; grows with the contracts alone."""

    def __init__(self, stage: Usd.Stage, host: str) -> None:
        """Hear of `stage`, where contracts stand on the prim `host`."""
        self._start = f"{host}.{PREFIX}:"
        self._contracts: dict[str, set[str]] = {}
        self._everything = False
        self._stage = stage.GetPseudoRoot()
        self._listener = Tf.Notice.Register(Usd.Notice.ObjectsChanged, self._changed, stage)

    def is_of(self, stage: Usd.Stage | None, host: str) -> bool:
        """Whether it is that stage and prim that it hears of."""
        same = stage is not None and bool(self._stage) and self._stage.GetStage() == stage
        return same and self._start == f"{host}.{PREFIX}:"

    def take(self) -> dict[str, set[str]] | None:
        """Contracts with their changed properties since the last call; None: anything may be."""
        found = None if self._everything else self._contracts
        self._contracts, self._everything = {}, False
        return found

    def close(self) -> None:
        """Hear of nothing more."""
        self._listener.Revoke()

    def _changed(self, notice: Usd.Notice.ObjectsChanged, _sender: object) -> None:
        if not self._everything:
            self._note(str(path) for path in notice.GetResyncedPaths())
            self._note(str(path) for path in notice.GetChangedInfoOnlyPaths())

    def _note(self, paths: Iterable[str]) -> None:
        for path in paths:
            if path.startswith(self._start):
                contract_id, _, name = path.removeprefix(self._start).partition(":")
                self._contracts.setdefault(contract_id, set()).add(name)
            elif matters(path):
                self._everything = True
                self._contracts.clear()
                return


def only_values(changed: dict[str, set[str]]) -> bool:
    """Whether no contract changed its joints, which say whose it is."""
    return not any(names & {*RELATIONSHIPS} for names in changed.values())
