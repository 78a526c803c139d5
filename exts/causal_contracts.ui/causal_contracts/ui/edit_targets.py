# SPDX-License-Identifier: Apache-2.0
"""A stage to the layers that its edits may go to, each with the reason why not."""

from __future__ import annotations

from pathlib import Path

from pxr import Sdf, Usd

from .host import EditTarget


def edit_targets(stage: Usd.Stage) -> list[EditTarget]:
    """Every layer of the stage's own stack, strongest first."""
    return [_described(stage, layer) for layer in stage.GetLayerStack()]


def edit_target(stage: Usd.Stage) -> EditTarget:
    """The layer that edits go to now, a variant or a layer behind a reference included."""
    target = stage.GetEditTarget()
    told = _described(stage, target.GetLayer())
    root = target.MapToSpecPath(Sdf.Path.absoluteRootPath)
    default = stage.GetDefaultPrim()
    path = target.MapToSpecPath(default.GetPath()) if default else root
    if path.ContainsPrimVariantSelection():
        name, variant = path.GetVariantSelection()
        return EditTarget(told.layer, f"{told.name} {{{name}={variant}}}", told.why_not)
    return told


def set_edit_target(stage: Usd.Stage, layer: str) -> None:
    """Let edits go to the layer of that identifier.

    Raises:
        ValueError: the stage's own stack has no such layer.
    """
    for found in stage.GetLayerStack():
        if found.identifier == layer:
            stage.SetEditTarget(Usd.EditTarget(found))
            return
    raise ValueError(f"{layer} is no layer of this stage; choose one of its own layers")


def _described(stage: Usd.Stage, layer: Sdf.Layer) -> EditTarget:
    if layer == stage.GetSessionLayer():
        name = "session layer (not saved)"
    elif layer.anonymous:
        name = layer.GetDisplayName() or "layer in memory"
    else:
        name = Path(layer.realPath or layer.identifier).name
    return EditTarget(layer.identifier, name, _why_not(stage, layer, name))


def _why_not(stage: Usd.Stage, layer: Sdf.Layer, name: str) -> str | None:
    if stage.IsLayerMuted(layer.identifier):
        return f"{name} is muted: unmute it, or choose another edit target."
    if layer.GetFileFormat().formatId == "usdz":
        return f"{name} is a package, which cannot be written: save the stage as .usda first."
    if not layer.permissionToEdit:
        return f"{name} is read-only: choose another edit target."
    return None
