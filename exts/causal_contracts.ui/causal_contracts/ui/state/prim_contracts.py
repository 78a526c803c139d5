# SPDX-License-Identifier: Apache-2.0
"""A prim to the contracts that concern it: those it carries, or those that name it as a joint."""

from __future__ import annotations

from dataclasses import dataclass

from causal_contracts.core.usd_contract import applied_ids
from causal_contracts.core.usd_joint import is_joint
from pxr import Usd

from .editor_state import EditorState


@dataclass(frozen=True, slots=True)
class Concern:
    """What a property window shows for one prim."""

    prim: str
    ids: tuple[str, ...]
    joint: str | None = None
    """Its path where the prim is a joint; a new contract then starts with it."""

    @property
    def title(self) -> str:
        """One line, e.g. `2 contracts on this asset`."""
        count = f"{len(self.ids)} contract" + ("" if len(self.ids) == 1 else "s")
        return f"{count} with this joint" if self.joint else f"{count} on this asset"


def may_concern(prim: Usd.Prim) -> bool:
    """Whether it is worth reading the articulation: the prim carries contracts or is a joint."""
    return bool(prim) and (bool(applied_ids(prim)) or is_joint(prim))


def concern_of(state: EditorState, path: str) -> Concern | None:
    """What concerns the prim, of the articulation that the state has picked; None where nothing.

    Let the state pick the prim's articulation first.
    """
    found = state.articulation
    if found is None:
        return None
    joint = state.joint(path) if path not in (found.host, "") else None
    if joint is not None:
        ids = [one.id for one in state.authored.values() if path in _named(state, one.id)]
        return Concern(path, tuple(ids), path)
    if path in (found.host, state.picked):
        return Concern(path, state.ids)
    return None


def _named(state: EditorState, contract_id: str) -> tuple[str, ...]:
    one = state.authored[contract_id]
    return (*one.trigger_joints, *one.effect_joints)
