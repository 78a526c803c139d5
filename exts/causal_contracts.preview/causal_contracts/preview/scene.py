# SPDX-License-Identifier: Apache-2.0
"""An asset file to the simulation stage around it, in temporary layers: the file stays as it is."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from causal_contracts.core.issue import ContractError, error
from pxr import Gf, Sdf, Usd, UsdGeom, UsdPhysics

from .given_drives import give_drives
from .joint_start import drive_targets, joint_states
from .scene_layers import PhysXStage, Scene
from .spacing import clone_spacing

ASSET = Sdf.Path("/Asset")
MODEL = ASSET.AppendChild("Model")
"""The author's prim stands one level down, so that placing a clone leaves its transform alone."""
EARTH = 9.81
"""Gravity [m/s^2]."""


def build_scene(
    asset: Path,
    articulation: str = ".",
    *,
    hand_joints: Iterable[str] = (),
    folder: Path | None = None,
) -> Scene:
    """Wrap `asset` (.usd, .usda, .usdc or .usdz) for simulation.

    `articulation` is the path of an articulation root or of a prim above exactly one: absolute,
    or relative to the default prim ("." is the default prim itself). Payloads are loaded, variants
    stay as composed, instances are opened, and physics scenes of the asset are left out. The layers
    go to `folder`, which is there and empty, or to one of the scene's own.
    Raises ContractError where the file, its default prim, the articulation or a joint is missing.
    """
    source, below = _locate(asset, articulation)
    own = None
    if folder is None:
        own = tempfile.TemporaryDirectory(prefix="causal_contracts_", ignore_cleanup_errors=True)
        folder = Path(own.name)
    try:
        path = folder / "asset.usda"
        stage = _reference(path, asset, source)
        _open_instances(stage)
        root = _articulation_root(stage.GetPrimAtPath(MODEL.AppendPath(below)), asset)
        _drop_physics_scenes(stage)
        drives = give_drives(stage, root, hand_joints)
        stage.GetRootLayer().Save()
        up, unit = UsdGeom.GetStageUpAxis(stage), UsdGeom.GetStageMetersPerUnit(stage)
        pull = -EARTH / unit
        return Scene(
            folder=own,
            asset_layer=path,
            articulation=str(root.GetPath())[len(str(ASSET)) :],
            gravity=(0.0, pull, 0.0) if up == UsdGeom.Tokens.y else (0.0, 0.0, pull),
            up_axis=str(up),
            meters_per_unit=unit,
            spacing=clone_spacing(stage),
            given_drives=drives,
            joint_states=joint_states(root),
            drive_targets=drive_targets(root),
        )
    except BaseException:
        if own is not None:
            own.cleanup()
        raise


def write_physx_stage(scene: Scene) -> PhysXStage:
    """Write /World, one physics scene and the first clone, beside the layers of `scene`."""
    path = scene.asset_layer.with_name("stage.usda")
    stage = Usd.Stage.CreateNew(str(path))
    UsdGeom.SetStageUpAxis(stage, scene.up_axis)
    UsdGeom.SetStageMetersPerUnit(stage, scene.meters_per_unit)
    UsdPhysics.SetStageKilogramsPerUnit(stage, 1.0)
    stage.SetDefaultPrim(UsdGeom.Xform.Define(stage, "/World").GetPrim())
    physics = UsdPhysics.Scene.Define(stage, "/World/PhysicsScene")
    physics.CreateGravityDirectionAttr(Gf.Vec3f(*scene.gravity).GetNormalized())
    physics.CreateGravityMagnitudeAttr(max(abs(value) for value in scene.gravity))
    _settings(
        physics.GetPrim(),
        enableGPUDynamics=(Sdf.ValueTypeNames.Bool, False),
        broadphaseType=(Sdf.ValueTypeNames.Token, "MBP"),
        solverType=(Sdf.ValueTypeNames.Token, "TGS"),
    )
    UsdGeom.Xform.Define(stage, "/World/envs")
    env = UsdGeom.Xform.Define(stage, "/World/envs/env_0").GetPath()
    prim = UsdGeom.Xform.Define(stage, env.AppendChild("Asset")).GetPrim()
    prim.GetReferences().AddReference(scene.asset_layer.name)
    stage.GetRootLayer().Save()
    return PhysXStage(scene, path, str(prim.GetPath()))


def _settings(prim: Usd.Prim, **values: tuple[Sdf.ValueTypeName, Any]) -> None:
    prim.AddAppliedSchema("PhysxSceneAPI")
    for name, (kind, value) in values.items():
        prim.CreateAttribute(f"physxScene:{name}", kind, custom=False).Set(value)


def _locate(asset: Path, articulation: str) -> tuple[Sdf.Path, Sdf.Path]:
    """The prim to reference and the path below it at which to look for the articulation."""
    layer = Sdf.Layer.FindOrOpen(str(asset)) if asset.exists() else None
    if layer is None:
        raise ContractError(error(str(asset), "no USD file can be read here"))
    root = layer.defaultPrim if layer.HasDefaultPrim() else ""
    default = Sdf.Path(root if not root or root.startswith("/") else f"/{root}")
    if not Sdf.Path.IsValidPathString(articulation):
        raise ContractError(error(str(asset), f"'{articulation}' is no prim path"))
    path = Sdf.Path(articulation)
    if path.IsAbsolutePath() and path.IsPrimPath():
        source = default if default and path.HasPrefix(default) else path.GetPrefixes()[0]
        return source, path.MakeRelativePath(source)
    if not default:
        what = "the asset has no default prim, so nothing says which part to simulate"
        raise ContractError(
            error(str(asset), what, "set defaultPrim, or name the articulation by its full path")
        )
    return default, path


def _reference(path: Path, asset: Path, source: Sdf.Path) -> Usd.Stage:
    """A new stage at `path` whose default prim /Asset references `source` of the asset."""
    layer = Sdf.Layer.CreateNew(str(path))
    original = Usd.Stage.Open(str(asset), load=Usd.Stage.LoadNone)
    stage = Usd.Stage.Open(layer)
    UsdGeom.SetStageUpAxis(stage, UsdGeom.GetStageUpAxis(original))
    UsdGeom.SetStageMetersPerUnit(stage, UsdGeom.GetStageMetersPerUnit(original))
    stage.SetDefaultPrim(UsdGeom.Xform.Define(stage, ASSET).GetPrim())
    stage.DefinePrim(MODEL).GetReferences().AddReference(str(asset.resolve()), source)
    return stage


def _articulation_root(prim: Usd.Prim, asset: Path) -> Usd.Prim:
    """The one prim with an articulation root at or below `prim`."""
    if not prim or not prim.GetPath().HasPrefix(MODEL):
        raise ContractError(error(str(asset), "no prim stands at the given articulation path"))
    if prim.HasAPI("PhysicsArticulationRootAPI"):
        return prim
    found = [p for p in Usd.PrimRange(prim) if p.HasAPI("PhysicsArticulationRootAPI")]
    if len(found) != 1:
        names = ", ".join(str(p.GetPath().MakeRelativePath(MODEL)) for p in found)
        what = (
            f"there are {len(found)} articulations here: {names}"
            if found
            else "there is no articulation here"
        )
        fix = "name one of them" if found else "apply PhysicsArticulationRootAPI to the asset"
        raise ContractError(error(str(asset), what, fix))
    return found[0]


def _open_instances(stage: Usd.Stage) -> None:
    """Engines move no prim inside an instance: make every instance an ordinary copy."""
    while instances := [prim for prim in stage.TraverseAll() if prim.IsInstance()]:
        for prim in instances:
            prim.SetInstanceable(False)


def _drop_physics_scenes(stage: Usd.Stage) -> None:
    """One stage has one scene, ours: bodies bound to the asset's own would not be stepped."""
    for prim in stage.TraverseAll():
        owner = prim.GetRelationship("physics:simulationOwner")
        if owner and owner.HasAuthoredTargets():
            owner.SetTargets([])
        if prim.IsA("PhysicsScene"):
            prim.SetActive(False)
