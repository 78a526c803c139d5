# SPDX-License-Identifier: Apache-2.0
"""A stage to its articulations: which joints belong together, and which prim hosts contracts.

The walk follows joint bodies and needs only what every USD since 24 has, since the physics parser
of UsdPhysics changed its name and form between releases.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pxr import Sdf, Usd, UsdGeom, UsdPhysics

from .articulation import Articulation
from .issue import ContractError, Issue, error
from .usd_fault import told
from .usd_joint import applied_schemas, body_targets, is_joint, read_joint
from .usd_stage import StageOrPath, asset_name, open_stage, stage_issues

ROOT_API = "PhysicsArticulationRootAPI"
CONTRACT_API = "CausalContractAPI"


@told
def find_articulations(source: StageOrPath) -> list[Articulation]:
    """Every articulation of a stage or file, in stage order.

    Raises:
        ContractError: the file cannot be read.
    """
    stage = open_stage(source)
    survey = _survey(stage)
    return [_articulation(stage, root, survey) for root in survey.roots]


@told
def find_articulation(source: StageOrPath, articulation: str | None = None) -> Articulation:
    """The articulation whose root or host prim has that path; the only one where None.

    Raises:
        ContractError: there is none, or more than one and no path says which; lists them.
    """
    stage = open_stage(source)
    found = find_articulations(stage)
    name = asset_name(stage) or "stage"
    if not found:
        fix = f"apply {ROOT_API} to the asset's root prim"
        faults = stage_issues(stage)
        raise ContractError([*faults, error(name, "has no articulation", fix)])
    paths = [root_path(one) for one in found]
    if articulation is not None:
        pairs = list(zip(found, paths, strict=True))
        wanted = [one for one, path in pairs if path == articulation]
        wanted = wanted or [one for one, _ in pairs if one.host == articulation]
        if len(wanted) == 1:
            return wanted[0]
        raise ContractError(
            error(
                f"{name}: {articulation}",
                "names no single articulation",
                f"name one of {', '.join(paths)}",
            )
        )
    if len(found) > 1:
        raise ContractError(
            error(
                name,
                f"has {len(found)} articulations: {', '.join(paths)}",
                "say which with articulation= (--articulation)",
            )
        )
    return found[0]


def root_path(articulation: Articulation) -> str:
    """Absolute path of the prim that carries the articulation root."""
    return str(Sdf.Path(articulation.root).MakeAbsolutePath(articulation.host))


def nesting_issues(stage: Usd.Stage) -> list[Issue]:
    """Articulation roots inside another: PhysX refuses them, Newton builds something else."""
    roots = _survey(stage).roots
    return [
        error(
            str(inner.GetPath()),
            f"is an articulation root inside that of {outer.GetPath()}",
            f"remove {ROOT_API} from one of them",
        )
        for inner in roots
        for outer in roots
        if inner != outer and inner.GetPath().HasPrefix(outer.GetPath())
    ]


@dataclass(frozen=True)
class _Survey:
    roots: list[Usd.Prim]
    bodies: set[Sdf.Path]
    joints: list[tuple[Usd.Prim, frozenset[Sdf.Path]]]
    """Joint prims with the rigid bodies that they connect."""


def _survey(stage: Usd.Stage) -> _Survey:
    prims = list(_traverse(stage.GetPseudoRoot()))
    bodies = {p.GetPath() for p in prims if p.HasAPI("PhysicsRigidBodyAPI")}
    joints = [(p, _bodies_of(p, bodies)) for p in prims if is_joint(p)]
    roots = [p for p in prims if ROOT_API in applied_schemas(p) and _is_enabled(p)]
    return _Survey(roots, bodies, joints)


def _bodies_of(joint: Usd.Prim, bodies: set[Sdf.Path]) -> frozenset[Sdf.Path]:
    """The rigid bodies at or above the joint's targets, as physics engines find them."""
    found = (
        next((path for path in reversed(target.GetPrefixes()) if path in bodies), None)
        for target in body_targets(joint)
    )
    return frozenset(path for path in found if path is not None)


def _traverse(prim: Usd.Prim) -> Iterator[Usd.Prim]:
    return iter(Usd.PrimRange(prim, Usd.TraverseInstanceProxies(Usd.PrimDefaultPredicate)))


def _is_enabled(root: Usd.Prim) -> bool:
    attribute = root.GetAttribute("physxArticulation:articulationEnabled")
    return not attribute or attribute.Get() is not False


def _articulation(stage: Usd.Stage, root: Usd.Prim, survey: _Survey) -> Articulation:
    host = host_of(stage, root)
    inside = _component(root, survey)
    xforms = UsdGeom.XformCache()
    members, outside = [], []
    for prim, bodies in survey.joints:
        below = prim.GetPath().HasPrefix(host.GetPath())
        if bodies and bodies <= inside:
            members.append(read_joint(prim, host.GetPath(), xforms))
        elif below:
            outside.append(read_joint(prim, host.GetPath(), xforms))
    return Articulation(
        root=str(root.GetPath().MakeRelativePath(host.GetPath())),
        host=str(host.GetPath()),
        joints=tuple(members),
        asset=asset_name(stage),
        outside=tuple(outside),
        meters_per_unit=UsdGeom.GetStageMetersPerUnit(stage),
    )


def _component(root: Usd.Prim, survey: _Survey) -> set[Sdf.Path]:
    """The rigid bodies that joints of the articulation hold together, from its root on."""
    if is_joint(root):
        inside = set(_bodies_of(root, survey.bodies))
    else:
        below = {path for path in survey.bodies if path.HasPrefix(root.GetPath())}
        inside = {root.GetPath()} & survey.bodies or below
    links = [bodies for prim, bodies in survey.joints if _holds(prim)]
    while grown := {path for bodies in links if bodies & inside for path in bodies} - inside:
        inside |= grown
    return inside


def _holds(joint: Usd.Prim) -> bool:
    schema = UsdPhysics.Joint(joint)
    return schema.GetJointEnabledAttr().Get() is not False and not (
        schema.GetExcludeFromArticulationAttr().Get()
    )


def host_of(stage: Usd.Stage, root: Usd.Prim) -> Usd.Prim:
    """The prim on which the contracts of the articulation at `root` stand.

    Where contracts stand already, that prim; else the outermost ancestor that brings the asset in
    by reference or payload; else the default prim; else the top-level ancestor.
    """
    line = [stage.GetPrimAtPath(path) for path in root.GetPath().GetPrefixes()]
    for prim in reversed(line):
        if any(name.split(":")[0] == CONTRACT_API for name in applied_schemas(prim)):
            return prim
    for prim in line:
        if prim.HasAuthoredReferences() or prim.HasAuthoredPayloads():
            return prim
    default = stage.GetDefaultPrim()
    return default if default and default in line else line[0]
