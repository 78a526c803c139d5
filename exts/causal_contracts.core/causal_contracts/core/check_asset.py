# SPDX-License-Identifier: Apache-2.0
"""A USD asset to issues: how contracts are authored, whether they can act, in every variant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pxr import Sdf, Usd

from .check import check_bundle
from .issue import Issue, error, info
from .usd_articulation import find_articulations, root_path
from .usd_bundle import Reading, read_asset
from .usd_contract import PREFIX
from .usd_stage import StageOrPath, open_stage

MAX_VARIANTS = 64


def check_asset(source: StageOrPath, articulation: str | None = None) -> list[Issue]:
    """Every issue of the contracts on an asset; all its articulations where none is named.

    Raises:
        ContractError: the file cannot be read, or the named articulation does not exist.
    """
    stage = open_stage(source)
    roots = (
        [articulation]
        if articulation is not None
        else [root_path(one) for one in find_articulations(stage)] or [None]
    )
    issues: list[Issue] = []
    for root in roots:
        reading = read_asset(stage, root)
        issues += [*_findings(reading), *_strays(stage, reading)]
        issues += _variants(stage, reading, root, set(issues))
    return list(dict.fromkeys(issues))


def _findings(reading: Reading) -> list[Issue]:
    found = check_bundle(reading.bundle, reading.articulation)
    host = reading.articulation.host
    return [*reading.issues, *(replace(i, address=f"{host}: {i.address}") for i in found)]


def _strays(stage: Usd.Stage, reading: Reading) -> Iterator[Issue]:
    """Contracts on a prim where no reader looks: below the host."""
    host = reading.articulation.host
    for prim in Usd.PrimRange(stage.GetPrimAtPath(host), Usd.TraverseInstanceProxies()):
        names = [
            name
            for name in prim.GetPrimTypeInfo().GetAppliedAPISchemas()
            if str(name).startswith("CausalContractAPI:")
        ]
        if names and str(prim.GetPath()) != host:
            yield error(
                str(prim.GetPath()),
                f"carries {', '.join(map(str, names))}, and contracts "
                f"of this articulation are read from {host}",
                f"move them to {host}",
            )


def _variants(
    stage: Usd.Stage, reading: Reading, root: str | None, known: set[Issue]
) -> Iterator[Issue]:
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
    for name, variant in others[:MAX_VARIANTS]:
        session = Sdf.Layer.CreateAnonymous("variant.usda")
        other = Usd.Stage.Open(stage.GetRootLayer(), session)
        other.SetEditTarget(session)
        other.GetPrimAtPath(host.GetPath()).GetVariantSet(name).SetVariantSelection(variant)
        label = f"{{{name}={variant}}}"
        found = [i for i in _findings(read_asset(other, root)) if i not in known]
        yield info(
            f"{host.GetPath()}{label}",
            "this unselected variant has its own contracts",
            "they were checked too" + ("" if found else " and nothing was found"),
        )
        for issue in found:
            yield replace(issue, address=f"{label} {issue.address}")


def _says_contract(host: Usd.Prim, name: str, variant: str) -> bool:
    """Whether the variant states contracts, or prims that contracts elsewhere may depend on."""
    specs = [
        spec.variantSets[name].variants[variant].primSpec
        for spec in host.GetPrimStack()
        if name in spec.variantSets and variant in spec.variantSets[name].variants
    ]
    return any(
        spec.nameChildren
        or spec.HasInfo("apiSchemas")
        or any(prop.name.startswith(PREFIX) for prop in spec.properties)
        for spec in specs
    )
