# SPDX-License-Identifier: Apache-2.0
"""Layers in memory to files: each file whole or untouched."""

from __future__ import annotations

import os
import secrets
import shutil
from contextlib import suppress
from pathlib import Path

from causal_contracts.core.issue import ContractError, error
from pxr import Sdf, Tf, Usd

MOST_COMPARED = 1_000_000
"""Size of a file that is compared at once [bytes]."""


def unsaved_layers(stage: Usd.Stage) -> list[Sdf.Layer]:
    """Layers of the stage's own stack that stand in files and were changed since."""
    session = stage.GetSessionLayer()
    layers = [layer for layer in stage.GetLayerStack() if layer != session]
    return [layer for layer in layers if layer.dirty and not layer.anonymous]


def says_as_file(layer: Sdf.Layer) -> bool:
    """Whether the file says the same as the layer; False where it is too large to be compared."""
    path = Path(layer.realPath)
    try:
        if path.stat().st_size > MOST_COMPARED:
            return False
        file = Sdf.Layer.OpenAsAnonymous(str(path))
    except (OSError, Tf.ErrorException):
        return False
    return file is not None and file.ExportToString() == layer.ExportToString()


def save_layer(layer: Sdf.Layer) -> None:
    """Write the layer beside its file, then replace that.

    USD itself writes a binary file in place, so that a crash may spoil it.

    Raises:
        ContractError: the file cannot be written; it is as it was.
    """
    target = Path(layer.realPath).resolve()
    name = f".{target.stem[:200]}.{secrets.token_hex(4)}{target.suffix}"
    temporary = target.parent / name
    arguments = layer.GetFileFormatArguments()
    if target.suffix.lower() == ".usd":
        arguments = {**arguments, "format": _format(target)}
    try:
        if not (os.access(target, os.W_OK) and os.access(target.parent, os.W_OK)):
            raise OSError("the file or its folder is read-only")
        if not layer.Export(str(temporary), args=arguments):
            raise OSError("USD refused")
        shutil.copymode(target, temporary)
        os.replace(temporary, target)
    except (OSError, Tf.ErrorException) as fault:
        reason = getattr(fault, "strerror", None) or str(fault).strip().splitlines()[-1]
        raise ContractError(
            error(str(target), f"cannot be written: {reason}", "save under another name")
        ) from fault
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
    layer.Reload(force=True)  # the file says the same; only thus is the layer clean


def _format(target: Path) -> str:
    """Text or binary inside a .usd, as it was."""
    with target.open("rb") as stream:
        return "usdc" if stream.read(8) == b"PXR-USDC" else "usda"
