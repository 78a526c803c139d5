# SPDX-License-Identifier: Apache-2.0
"""The seven properties of a contract to a stage's edit target, and back to what stood there.

Works the same with and without the registered schema plugin, to the byte.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from pxr import Sdf, Usd

from .usd_contract import (
    ATTRIBUTES,
    PREFIX,
    PROPERTIES,
    AuthoredContract,
    api_name,
    applied_ids,
    property_name,
)

_KEPT = Sdf.Path("/kept")


def write_authored(prim: Usd.Prim, contract: AuthoredContract) -> None:
    """Author all seven properties at the stage's edit target."""
    prim.AddAppliedSchema(api_name(contract.id))
    for name, value in (
        ("enabled", contract.enabled),
        ("mode", contract.mode),
        ("triggerOp", contract.trigger_op),
        ("triggerThreshold", contract.trigger_threshold),
        ("effectTarget", contract.effect_target),
    ):
        set_attribute(prim, contract.id, name, value)
    for name, joints in (
        ("triggerJoint", contract.trigger_joints),
        ("effectJoint", contract.effect_joints),
    ):
        set_target(prim, contract.id, name, *joints)


def set_target(prim: Usd.Prim, contract_id: str, name: str, *joints: str) -> None:
    """Author the targets of one relationship of a contract at the stage's edit target."""
    relationship = prim.CreateRelationship(property_name(contract_id, name), custom=False)
    relationship.SetTargets([Sdf.Path(path) for path in joints])


def set_attribute(prim: Usd.Prim, contract_id: str, name: str, value: object) -> None:
    """Author one attribute of a contract at the stage's edit target."""
    full = property_name(contract_id, name)
    prim.CreateAttribute(
        full, ATTRIBUTES[name][0], custom=False, variability=Sdf.VariabilityUniform
    ).Set(value)


def remove_authored(prim: Usd.Prim, contract_id: str) -> None:
    """Remove the applied schema and the seven properties at the stage's edit target.

    Where a weaker layer applies the contract, the edit target says `delete apiSchemas` instead,
    since it cannot remove another layer's opinion.
    """
    spec = _spec(prim)
    if spec:
        for name in PROPERTIES:
            found = spec.properties.get(property_name(contract_id, name))
            if found:
                spec.RemoveProperty(found)
        _unlist(spec, api_name(contract_id))
        _prune(spec)
    if contract_id in applied_ids(prim):
        spec = _made_spec(prim)
        operation = spec.GetInfo("apiSchemas") or Sdf.TokenListOp()
        operation.deletedItems = [*operation.deletedItems, api_name(contract_id)]
        spec.SetInfo("apiSchemas", operation)


@contextmanager
def all_or_nothing(
    prim: Usd.Prim, *ids: str, only: Collection[str] | None = None
) -> Iterator[None]:
    """Where the block raises, the edit target's contracts on `prim` are as before.

    Keeps those of `ids`, which the block alone may write; all of them where none is given.
    Where the block writes no property but `only`, by full name, no other one is looked at.
    """
    prefixes = tuple(f"{PREFIX}:{one}:" for one in ids) or (f"{PREFIX}:",)
    spec = _spec(prim)
    kept = Sdf.Layer.CreateAnonymous(".usda")
    Sdf.CreatePrimInLayer(kept, _KEPT)
    names = _contract_properties(spec, prefixes, only)
    schemas = None
    if spec:
        for name in names:
            path = spec.path.AppendProperty(name)
            Sdf.CopySpec(spec.layer, path, kept, _KEPT.AppendProperty(name))
        schemas = spec.GetInfo("apiSchemas") if spec.HasInfo("apiSchemas") else None
    try:
        yield
    except BaseException:
        spec = _made_spec(prim)
        for name in _contract_properties(spec, prefixes, only):
            spec.RemoveProperty(spec.properties[name])
        for name in names:
            path = spec.path.AppendProperty(name)
            Sdf.CopySpec(kept, _KEPT.AppendProperty(name), spec.layer, path)
        if schemas is None:
            spec.ClearInfo("apiSchemas")
        else:
            spec.SetInfo("apiSchemas", schemas)
        _prune(spec)
        raise


def _spec(prim: Usd.Prim) -> Sdf.PrimSpec | None:
    return prim.GetStage().GetEditTarget().GetPrimSpecForScenePath(prim.GetPath())


def _made_spec(prim: Usd.Prim) -> Sdf.PrimSpec:
    target = prim.GetStage().GetEditTarget()
    path = target.MapToSpecPath(prim.GetPath())
    return _spec(prim) or Sdf.CreatePrimInLayer(target.GetLayer(), path)


def _contract_properties(
    spec: Sdf.PrimSpec | None, prefixes: tuple[str, ...], only: Collection[str] | None
) -> list[str]:
    if spec is None:
        return []
    if only is not None:
        return [name for name in only if spec.properties.get(name)]
    return [name for name in spec.properties.keys() if name.startswith(prefixes)]  # noqa: SIM118


def _prune(spec: Sdf.PrimSpec) -> None:
    """An `over` that says nothing is what an edit made, and goes with it."""
    if spec.specifier == Sdf.SpecifierOver:
        spec.layer.ScheduleRemoveIfInert(spec)


def _unlist(spec: Sdf.PrimSpec, name: str) -> None:
    if not spec.HasInfo("apiSchemas"):
        return
    operation = spec.GetInfo("apiSchemas")
    for kind in ("explicitItems", "prependedItems", "appendedItems", "addedItems"):
        items = list(getattr(operation, kind))
        if name in items:
            setattr(operation, kind, [item for item in items if item != name])
    empty = not operation.isExplicit and not any(
        getattr(operation, kind)
        for kind in ("prependedItems", "appendedItems", "addedItems", "deletedItems")
    )
    if empty:
        spec.ClearInfo("apiSchemas")
    else:
        spec.SetInfo("apiSchemas", operation)
