# SPDX-License-Identifier: Apache-2.0
"""A USD asset to issues: how contracts are authored, whether they can act, in every variant."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from pxr import Sdf, Usd

from .articulation import Articulation
from .check import check_contract
from .check_together import check_together, ties_of
from .issue import ContractError, Issue, error, info, warning
from .model import Contract
from .usd_articulation import find_articulations, root_path
from .usd_bundle import Reading, read_asset
from .usd_contract import PREFIX, applied_ids, read_authored
from .usd_fault import told
from .usd_stage import StageOrPath, open_stage

MAX_VARIANTS = 64


@told
def check_asset(source: StageOrPath, articulation: str | None = None) -> list[Issue]:
    """Every issue of the contracts on an asset; all its articulations where none is named.

    Raises:
        ContractError: the file cannot be read, or the named articulation does not exist.
    """
    stage = open_stage(source)
    known = find_articulations(stage)
    named = [articulation] if articulation is not None else [root_path(one) for one in known]
    issues: list[Issue] = []
    for root in named or [None]:
        reading = read_asset(stage, root)
        issues += findings(reading)
        for some in _variants(stage, reading, root, set(issues)):
            issues += some
    for some in _strays(stage, {one.host for one in known}):
        issues += some
    return list(dict.fromkeys(issues))


def beyond(
    stage: Usd.Stage, reading: Reading, root: str, hosts: set[str], known: Collection[Issue]
) -> Iterator[tuple[Issue, ...]]:
    """What `check_asset` finds beside `findings`, a little at a time: it takes a while.

    Args:
        stage: where `reading` was read.
        reading: of one articulation.
        root: path of its root.
        hosts: the prims that carry the contracts of all articulations.
        known: the `findings` of `reading`, which are not said again of a variant.

    Raises:
        ContractError: one of the stage's files cannot be read.
    """
    yield from _told(stage, _variants(stage, reading, root, known))
    yield from _told(stage, _strays(stage, hosts))


def findings(reading: Reading) -> list[Issue]:
    """What is wrong with the contracts of one articulation as it stands, variants apart."""
    return Findings().of(reading)


class Findings:
    """`findings` of one reading after another; what is the same contract is judged once."""

    def __init__(self) -> None:
        self._found: Articulation | None = None
        self._known: dict[str, _Judged] = {}
        self._ties: list[tuple[object, ...]] | None = None
        self._together: list[Issue] = []

    def of(self, reading: Reading) -> list[Issue]:
        """What is wrong with the contracts of the articulation as it stands, variants apart."""
        found, known = reading.articulation, self._known
        if found is not self._found:
            self._found, self._ties, known = found, None, {}
        self._known = {one.id: _judged(one, found, known) for one in reading.bundle.contracts}
        ties = [one.ties for one in self._known.values()]
        if ties != self._ties:
            self._ties, self._together = ties, _placed(check_together(reading.bundle), found)
        alone = [issue for one in self._known.values() for issue in one.issues]
        return [*reading.issues, *alone, *self._together]


@dataclass(frozen=True, slots=True)
class _Judged:
    """A contract and what is wrong with it alone."""

    contract: Contract
    issues: list[Issue]
    ties: tuple[object, ...]
    """All of it that another contract can mind."""


def _judged(contract: Contract, found: Articulation, known: dict[str, _Judged]) -> _Judged:
    before = known.get(contract.id)
    if before is not None and before.contract is contract:
        return before
    issues = _placed(check_contract(contract, found), found)
    return _Judged(contract, issues, ties_of(contract))


def _placed(issues: list[Issue], found: Articulation) -> list[Issue]:
    """The same, with the prim that carries the contracts in each address."""
    return [replace(one, address=f"{found.host}: {one.address}") for one in issues]


def _told(stage: Usd.Stage, parts: Iterator[tuple[Issue, ...]]) -> Iterator[tuple[Issue, ...]]:
    """The same, with what USD throws about a file said as a ContractError."""
    following = told(lambda _: next(parts, None))
    while (some := following(stage)) is not None:
        yield some


def _strays(stage: Usd.Stage, hosts: set[str]) -> Iterator[tuple[Issue, ...]]:
    """Contracts, and what is left of some, on prims where no reader looks."""
    where = " or ".join(sorted(hosts))
    # A list, since whoever takes the issues one by one may change the stage in between.
    for prim in list(Usd.PrimRange(stage.GetPseudoRoot(), Usd.TraverseInstanceProxies())):
        if not prim:
            continue
        ids = applied_ids(prim)
        if str(prim.GetPath()) in hosts:
            continue
        if ids:
            found = error(
                str(prim.GetPath()),
                f"carries the contracts {', '.join(ids)}, and contracts are read from {where}",
                f"move them to {where}",
            )
            yield (found,)
        elif prim.GetAuthoredPropertiesInNamespace(PREFIX):
            yield tuple(read_authored(prim)[1])
        else:
            yield ()


def _variants(
    stage: Usd.Stage, reading: Reading, root: str | None, known: Collection[Issue]
) -> Iterator[tuple[Issue, ...]]:
    """The same checks with each unselected variant of the host selected, one at a time."""
    host = stage.GetPrimAtPath(reading.articulation.host)
    sets = host.GetVariantSets()
    others = [
        (name, variant)
        for name in sets.GetNames()
        for variant in sets.GetVariantSet(name).GetVariantNames()
        if variant != sets.GetVariantSet(name).GetVariantSelection()
    ]
    others = [pair for pair in others if _says_contract(host, *pair)]
    if len(others) > MAX_VARIANTS:
        many = warning(
            str(host.GetPath()),
            f"has {len(others)} unselected variants; {MAX_VARIANTS} of them were checked",
            "select the others in turn, and check again",
        )
        yield (many,)
    for name, variant in others[:MAX_VARIANTS]:
        label = f"{{{name}={variant}}}"
        found = [i for i in _in_variant(stage, host, name, variant, root) if i not in known]
        checked = info(
            f"{host.GetPath()}{label}",
            "this unselected variant has contracts or prims of its own",
            "they were checked too" + ("" if found else " and nothing was found"),
        )
        yield checked, *(replace(one, address=f"{label} {one.address}") for one in found)


def _in_variant(
    stage: Usd.Stage, host: Usd.Prim, name: str, variant: str, root: str | None
) -> list[Issue]:
    """The findings with the variant selected, on a stage of its own over the same layers."""
    session = Sdf.Layer.CreateAnonymous("variant.usda")
    if stage.GetSessionLayer():
        session.subLayerPaths.append(stage.GetSessionLayer().identifier)
    other = Usd.Stage.Open(stage.GetRootLayer(), session)
    other.SetEditTarget(session)
    other.GetPrimAtPath(host.GetPath()).GetVariantSet(name).SetVariantSelection(variant)
    try:
        return findings(read_asset(other, root))
    except ContractError as fault:  # e.g. the articulation is not in this variant
        return list(fault.issues)


def _says_contract(host: Usd.Prim, name: str, variant: str) -> bool:
    """Whether the variant states contracts, or prims that contracts elsewhere may depend on."""
    specs = [
        spec.variantSets[name].variants[variant].primSpec
        for spec in host.GetPrimStack()
        if name in spec.variantSets and variant in spec.variantSets[name].variants
    ]
    return any(
        spec.nameChildren
        or spec.variantSets
        or any(spec.HasInfo(key) for key in ("apiSchemas", "references", "payload"))
        or any(prop.name.startswith(PREFIX) for prop in spec.properties)
        for spec in specs
    )
