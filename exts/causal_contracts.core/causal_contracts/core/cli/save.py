# SPDX-License-Identifier: Apache-2.0
"""An edited stage to a file: in place or to another path, whole or not at all."""

from __future__ import annotations

import os
import secrets
import shutil
from contextlib import suppress
from pathlib import Path

from pxr import Sdf, Tf, Usd, UsdGeom, UsdPhysics, UsdUtils

from ..issue import ContractError, error
from ..usd_stage import open_stage

WRITABLE = (".usd", ".usda", ".usdc")


def open_for_edit(asset: Path, output: Path | None) -> Usd.Stage:
    """A stage whose root layer becomes `output`, or `asset` itself where None.

    Raises:
        ContractError: the result could not be written, said before anything is edited.
    """
    stage = open_stage(asset)
    target = output or asset
    if target.suffix.lower() not in WRITABLE:
        what = (
            "a .usdz package cannot be written"
            if target.suffix.lower() == ".usdz"
            else (f"'{target.suffix}' is no USD file that can be written")
        )
        raise ContractError(error(str(target), what, "write to another file with -o OUT.usda"))
    if target.exists() and not os.access(target, os.W_OK):
        raise ContractError(
            error(
                str(target),
                "the file is read-only",
                "make it writable, or write elsewhere with -o OUT.usda",
            )
        )
    if output is not None and asset.suffix.lower() == ".usdz":
        return _over_package(stage, asset, output)
    return stage


def save(stage: Usd.Stage, asset: Path, output: Path | None) -> Path:
    """Write the stage's root layer; returns the path written.

    Raises:
        ContractError: the folder cannot be written; no file was changed.
    """
    target = (output or asset).resolve()
    layer = stage.GetRootLayer()
    if layer.anonymous or target.parent != Path(layer.realPath).resolve().parent:
        layer = _moved(layer, target)
    name = f".{target.stem[:200]}.{secrets.token_hex(4)}{target.suffix}"
    temporary = target.parent / name
    try:
        arguments = {"format": _format(asset, target)} if target.suffix.lower() == ".usd" else {}
        if not (os.access(target.parent, os.W_OK) and layer.Export(str(temporary), args=arguments)):
            raise OSError("the folder is missing, or takes no files")
        if target.exists():
            shutil.copymode(target, temporary)
        os.replace(temporary, target)
    except (OSError, Tf.ErrorException) as fault:
        reason = getattr(fault, "strerror", None) or str(fault).strip().splitlines()[-1]
        raise ContractError(
            error(str(target), f"cannot be written: {reason}", "choose another -o path")
        ) from fault
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
    return target


def _format(asset: Path, target: Path) -> str:
    """Text or binary inside a .usd, as it was."""
    source = target if target.is_file() else asset
    with source.open("rb") as stream:
        return "usdc" if stream.read(8) == b"PXR-USDC" else "usda"


def _over_package(stage: Usd.Stage, asset: Path, output: Path) -> Usd.Stage:
    """A layer over the package, which itself stays as it is."""
    layer = Sdf.Layer.CreateAnonymous(output.name)
    layer.subLayerPaths.append(str(asset.resolve()))
    over = Usd.Stage.Open(layer)
    layer.defaultPrim = stage.GetRootLayer().defaultPrim
    UsdGeom.SetStageUpAxis(over, UsdGeom.GetStageUpAxis(stage))
    UsdGeom.SetStageMetersPerUnit(over, UsdGeom.GetStageMetersPerUnit(stage))
    UsdPhysics.SetStageKilogramsPerUnit(over, UsdPhysics.GetStageKilogramsPerUnit(stage))
    over.SetTimeCodesPerSecond(stage.GetTimeCodesPerSecond())
    return over


def _moved(layer: Sdf.Layer, target: Path) -> Sdf.Layer:
    """A copy of the layer whose asset paths still lead where they led, seen from `target`."""
    copy = Sdf.Layer.CreateAnonymous(target.name)
    copy.TransferContent(layer)

    def anchored(path: str) -> str:
        if not path or (Path(path).is_absolute() and not layer.anonymous):
            return path
        found = Path(layer.ComputeAbsolutePath(path))
        if not path.startswith(("./", "../")) and not _exists(found):
            return path  # found along the resolver's search path, or nowhere
        relative = os.path.relpath(found, target.parent)
        return relative if relative.startswith("..") else f"./{relative}"

    UsdUtils.ModifyAssetPaths(copy, anchored)
    return copy


def _exists(path: Path) -> bool:
    """Whether the file is there; a package for what is in it, any tile for a set of tiles."""
    file = Path(str(path).partition("[")[0])
    return file.exists() or ("<UDIM>" in file.name and any(file.parent.glob(_tiles(file.name))))


def _tiles(name: str) -> str:
    return name.replace("<UDIM>", "[0-9]" * 4)
