# SPDX-License-Identifier: Apache-2.0
"""A stage and an articulation to what the worker simulates: the file, or a copy of what is unsaved.

The copy is flattened from the prims of the asset alone, so that a large scene around it costs
nothing. It is a layer of nobody else's, which a thread may then write as text.
"""

from __future__ import annotations

from dataclasses import dataclass

from pxr import Sdf, Usd


@dataclass(frozen=True, slots=True)
class Source:
    """What one start simulates."""

    asset: str
    """Path of the stage's file; where there is none, a name for it."""
    articulation: str
    """Path of the articulation root."""
    copy: Sdf.Layer | None
    """The asset flattened, for what was not saved; None where the file says it all."""


def source_of(stage: Usd.Stage, articulation: str, host: str) -> Source:
    """What a start of that articulation on the prim `host` simulates."""
    root = stage.GetRootLayer()
    name = root.realPath or f"{root.GetDisplayName() or 'untitled'}.usda"
    copy = _copy(stage, articulation, host) if is_unsaved(stage, host) else None
    return Source(name, articulation, copy)


def is_unsaved(stage: Usd.Stage, host: str) -> bool:
    """Whether the stage says of the asset what its files do not."""
    session = stage.GetSessionLayer()
    layers = [layer for layer in stage.GetUsedLayers() if layer != session]
    if any(layer.dirty or not layer.realPath for layer in layers):
        return True
    if stage.GetMutedLayers():
        return True
    return session is not None and _speaks_of(session, host)


def _speaks_of(session: Sdf.Layer, host: str) -> bool:
    """Whether a session layer, where programs keep cameras, says anything of the asset."""
    if session.subLayerPaths:
        return True
    prefixes = Sdf.Path(host).GetPrefixes()
    return any(session.GetPrimAtPath(path) is not None for path in prefixes)


def _copy(stage: Usd.Stage, articulation: str, host: str) -> Sdf.Layer:
    mask = Usd.StagePopulationMask([Sdf.Path(host), Sdf.Path(articulation)])
    part = Usd.Stage.OpenMasked(stage.GetRootLayer(), stage.GetSessionLayer(), mask)
    for layer in stage.GetMutedLayers():
        part.MuteLayer(layer)
    part.ExpandPopulationMask(Usd.PrimDefaultPredicate)
    return part.Flatten(addSourceFileComment=False)
