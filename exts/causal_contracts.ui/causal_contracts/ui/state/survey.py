# SPDX-License-Identifier: Apache-2.0
"""A stage to the articulations that can be picked, and the prims that cannot, with the reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from causal_contracts.core.articulation import Articulation
from causal_contracts.core.usd_articulation import (
    CONTRACT_API,
    ROOT_API,
    find_articulations,
    root_path,
)
from causal_contracts.core.usd_bundle import absolute, belongs
from causal_contracts.core.usd_contract import applied_ids, read_authored
from causal_contracts.core.usd_joint import applied_schemas, is_joint
from pxr import Sdf, Usd


@dataclass(frozen=True, slots=True)
class Entry:
    """One articulation that can be picked."""

    path: str
    """Path of its root prim; what `pick` takes."""
    joints: int
    """Revolute and prismatic joints, which contracts can name."""
    contracts: int
    found: Articulation

    @property
    def label(self) -> str:
        """One line of the picker, e.g. `/World/Microwave (2 joints, 1 contract)`."""
        return f"{self.path} ({_count(self.joints, 'joint')}, {_count(self.contracts, 'contract')})"


@dataclass(frozen=True, slots=True)
class Unlisted:
    """A prim that one may miss in the picker."""

    path: str
    reason: str
    """One sentence with the way out."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What one pass over a stage found."""

    entries: tuple[Entry, ...] = ()
    unlisted: tuple[Unlisted, ...] = ()

    def entry(self, path: str | None) -> Entry | None:
        """The articulation of that root path."""
        return next((one for one in self.entries if one.path == path), None)

    def at(self, prim: str) -> Entry | None:
        """The articulation that is meant where that prim is selected."""
        path = Sdf.Path(prim)
        if not path.IsAbsolutePath():
            return None
        below = [one for one in self.entries if path.HasPrefix(_extent(one))]
        below = [one for one in self.entries if prim in _joints(one)] or below
        if below:
            return max(below, key=lambda one: len(one.path))
        above = [one for one in self.entries if Sdf.Path(one.path).HasPrefix(path)]
        return above[0] if len(above) == 1 else None


def survey(stage: Usd.Stage) -> Survey:
    """Every articulation of the stage, and what looks like one.

    Raises:
        ContractError: USD cannot read one of the stage's files.
    """
    everyone = find_articulations(stage)
    hosts = Counter(found.host for found in everyone)
    entries = tuple(_entry(stage, one, alone=hosts[one.host] == 1) for one in everyone)
    return Survey(entries, tuple(_unlisted(stage, entries)))


def why_not_listed(stage: Usd.Stage, listed: Survey, path: str) -> str | None:
    """Why the picker has no articulation for that prim; None where it has."""
    if listed.at(path) is not None:
        return None
    if not Sdf.Path.IsValidPathString(path) or not stage.GetPrimAtPath(path):
        return f"{path} is no prim of this stage."
    for one in listed.unlisted:
        if Sdf.Path(path).HasPrefix(one.path) or Sdf.Path(one.path).HasPrefix(path):
            return f"{one.path} {one.reason}"
    inside = [one.path for one in listed.entries if Sdf.Path(one.path).HasPrefix(path)]
    if len(inside) > 1:
        return f"{path} holds {len(inside)} articulations: pick one of them."
    return f"{path} has no joint below it, so that it is no articulation."


def _entry(stage: Usd.Stage, found: Articulation, *, alone: bool) -> Entry:
    """`alone` on its host, where every contract is its own and none needs reading."""
    host = stage.GetPrimAtPath(found.host)
    ids = applied_ids(host)
    if not alone:
        readable = {one.id: one for one in read_authored(host)[0]}
        ids = [one for one in ids if one not in readable or belongs(readable[one], found)]
    return Entry(root_path(found), len(found.movable), len(ids), found)


def _unlisted(stage: Usd.Stage, entries: tuple[Entry, ...]) -> Iterator[Unlisted]:
    known = {path for one in entries for path in _joints(one)}
    loose: dict[str, list[str]] = {}
    shown = Usd.TraverseInstanceProxies(Usd.PrimIsDefined & ~Usd.PrimIsAbstract)
    for prim in Usd.PrimRange(stage.GetPseudoRoot(), shown):
        path = str(prim.GetPath())
        if not prim.IsActive():
            if ROOT_API in applied_schemas(prim) or _carries(prim):
                yield Unlisted(path, "is deactivated: activate it to see its contracts.")
        elif not prim.IsLoaded() and prim.HasAuthoredPayloads():
            yield Unlisted(path, "has a payload that is not loaded: load it to see its joints.")
        elif ROOT_API in applied_schemas(prim) and not any(one.path == path for one in entries):
            yield Unlisted(
                path, "is an articulation root that is switched off (articulationEnabled)."
            )
        elif is_joint(prim) and path not in known:
            loose.setdefault(str(prim.GetPath().GetPrefixes()[0]), []).append(path)
    for top, joints in loose.items():
        yield Unlisted(
            top,
            f"has {_count(len(joints), 'joint')} of no articulation ({Sdf.Path(joints[0]).name}"
            f"{', ...' if len(joints) > 1 else ''}): apply {ROOT_API} to the root of its bodies.",
        )


def _joints(entry: Entry) -> set[str]:
    """Paths of all joints that the picker's entry accounts for."""
    return {absolute(joint, entry.found) for joint in entry.found.joints}


def _extent(entry: Entry) -> Sdf.Path:
    """The innermost prim that holds the root and every joint of the articulation."""
    extent = Sdf.Path(entry.path)
    for path in _joints(entry):
        extent = extent.GetCommonPrefix(path)
    return extent if not extent.IsAbsoluteRootPath() else Sdf.Path(entry.path)


def _carries(prim: Usd.Prim) -> bool:
    return any(name.split(":")[0] == CONTRACT_API for name in applied_schemas(prim))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
