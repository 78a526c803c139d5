# SPDX-License-Identifier: Apache-2.0
"""A stage from a path, loaded whole, with faults that say what to do."""

from __future__ import annotations

import os
from pathlib import Path

from pxr import Sdf, Usd

from .issue import ContractError, Issue, error, warning
from .usd_crate import crate_fault
from .usd_fault import told, within

StageOrPath = Usd.Stage | str | os.PathLike[str]

SUFFIXES = (".usd", ".usda", ".usdc", ".usdz")


@told
def open_stage(source: StageOrPath) -> Usd.Stage:
    """`source` itself, or the stage of that file with every payload loaded.

    Raises:
        ContractError: no such file, no USD file, or a file that USD cannot read.
    """
    if isinstance(source, Usd.Stage):
        return source
    path = Path(source)
    if not _is_file(path):
        raise ContractError(error(str(path), "is no file", "name a .usd, .usda, .usdc or .usdz"))
    if path.suffix.lower() not in SUFFIXES:
        raise ContractError(
            error(
                str(path), f"is no USD file ('{path.suffix}')", "name one of " + " ".join(SUFFIXES)
            )
        )
    try:
        fault = crate_fault(path)
    except OSError as refused:
        fault = refused.strerror
    if fault is not None:
        raise ContractError(
            error(str(path), f"cannot be read: {fault}", "mend or export the file again")
        )
    return Usd.Stage.Open(str(path), Usd.Stage.LoadAll)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name too long, or with a NUL
        return False


def asset_name(stage: Usd.Stage) -> str | None:
    """File name of the stage's root layer; None for one in memory."""
    layer = stage.GetRootLayer()
    return None if layer.anonymous else Path(layer.realPath or layer.identifier).name


def stage_issues(stage: Usd.Stage) -> list[Issue]:
    """What keeps a reader from seeing the whole stage: payloads not loaded, arcs not resolved."""
    unloaded = sorted({*stage.FindLoadable()} - {*stage.GetLoadSet()}, key=str)
    found = [
        warning(
            str(path),
            "has a payload that is not loaded; contracts and joints in it are unseen",
            "load the payload, then read again",
        )
        for path in unloaded
    ]
    for fault in stage.GetCompositionErrors():  # pyright: ignore[reportAttributeAccessIssue]
        site = getattr(fault, "rootSite", None)
        found.append(
            warning(
                str(site.path) if site else "stage",
                f"does not compose: {within(str(fault))}",
                "mend the reference, sublayer or payload",
            )
        )
    return found


def layer_name(layer: Sdf.Layer) -> str:
    """What a person calls the layer."""
    return layer.GetDisplayName() if layer.anonymous else (layer.realPath or layer.identifier)
