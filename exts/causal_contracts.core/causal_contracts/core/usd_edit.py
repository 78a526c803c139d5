# SPDX-License-Identifier: Apache-2.0
"""Edits of contracts on a stage: each goes to the edit target and says which layer it wrote."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from pxr import Usd

from .issue import ContractError, Issue, error, errors_of, nearest
from .model import is_valid_id
from .usd_author import all_or_nothing, remove_authored, set_attribute, set_target, write_authored
from .usd_contract import (
    PREFIX,
    PROPERTIES,
    RELATIONSHIPS,
    AuthoredContract,
    api_name,
    applied_ids,
    property_name,
    read_contract,
)
from .usd_stage import layer_name

Action = Literal["wrote", "removed", "renamed", "enabled", "disabled"]


@dataclass(frozen=True, slots=True)
class Edit:
    """What one edit did, and where."""

    action: Action
    contract: str
    prim: str
    layer: str
    """File path or display name of the layer that was written."""

    def __str__(self) -> str:
        return f"{self.action} {self.contract} on {self.prim} in {self.layer}"


def write_contract(stage: Usd.Stage, contract: AuthoredContract) -> Edit:
    """Add the contract, or overwrite the one of that id.

    Raises:
        ContractError: the id, the prim or the layer cannot take it; nothing was written.
    """
    prim = _editable(stage, contract.host)
    fault = id_issue(contract.id, contract.host)
    if fault is not None:
        raise ContractError(fault)
    with all_or_nothing(prim, contract.id):
        write_authored(prim, contract)
        faults: list[Issue] = []
        if read_contract(prim, contract.id, faults) != contract or errors_of(faults):
            raise ContractError(_no_effect(prim, contract.id))
    return _edit("wrote", contract.id, prim)


def remove_contract(stage: Usd.Stage, host: str, contract_id: str) -> Edit:
    """Remove the contract and every property of it from the edit target.

    Raises:
        ContractError: there is no such contract, or the layer cannot be edited.
    """
    prim = _carrying(stage, host, contract_id)
    with all_or_nothing(prim, contract_id):
        remove_authored(prim, contract_id)
        if contract_id in applied_ids(prim):
            raise ContractError(_no_effect(prim, contract_id))
    return _edit("removed", contract_id, prim)


def rename_contract(stage: Usd.Stage, host: str, contract_id: str, new_id: str) -> Edit:
    """Give the contract another id, everything else staying as it is.

    Raises:
        ContractError: there is no such contract, or the new id is taken or invalid.
    """
    prim = _carrying(stage, host, contract_id)
    if new_id in applied_ids(prim):
        raise ContractError(
            error(
                host,
                f"a contract '{new_id}' stands there already",
                "choose another id",
                contract_id,
            )
        )
    contract = _authored(prim, contract_id)
    with all_or_nothing(prim, contract_id, new_id):
        write_contract(stage, replace(contract, id=new_id))
        remove_contract(stage, host, contract_id)
    return _edit("renamed", new_id, prim)


def enable_contract(stage: Usd.Stage, host: str, contract_id: str, *, enabled: bool) -> Edit:
    """Switch the contract on or off; a disabled one is kept and exported.

    Writes this one property, so that a layer above the asset does not pin the others.

    Raises:
        ContractError: there is no such contract, or the layer cannot be edited.
    """
    edit = change_contract(stage, host, contract_id, {"enabled": enabled})
    return replace(edit, action="enabled" if enabled else "disabled")


def change_contract(
    stage: Usd.Stage, host: str, contract_id: str, values: Mapping[str, object]
) -> Edit:
    """Write these properties of a contract in stage units and no others.

    Args:
        stage: the stage to edit, at its edit target.
        host: path of the prim that carries the contract.
        contract_id: the contract.
        values: by base name, one of `PROPERTIES`; of a relationship the path of its one target.

    Raises:
        ContractError: there is no such contract, or the layer cannot be edited.
    """
    return change_contracts(stage, host, {contract_id: values})[0]


def change_contracts(
    stage: Usd.Stage, host: str, changes: Mapping[str, Mapping[str, object]]
) -> list[Edit]:
    """Write properties of several contracts, by id: all of them or none.

    Raises:
        ContractError: one of the contracts is not there, or the layer cannot be edited.
    """
    prim = _editable(stage, host)
    for contract_id in changes.keys() - set(applied_ids(prim)):
        _carrying(stage, host, contract_id)  # says which ones there are
    written = [property_name(one, name) for one, values in changes.items() for name in values]
    with all_or_nothing(prim, only=written):
        for contract_id, values in changes.items():
            _change(prim, contract_id, values)
    return [_edit("wrote", contract_id, prim) for contract_id in changes]


def _change(prim: Usd.Prim, contract_id: str, values: Mapping[str, object]) -> None:
    for name, value in values.items():
        if name in RELATIONSHIPS:
            set_target(prim, contract_id, name, str(value))
        else:
            set_attribute(prim, contract_id, name, value)
        if _said(prim, contract_id, name) != value:
            raise ContractError(_no_effect(prim, contract_id))


def _said(prim: Usd.Prim, contract_id: str, name: str) -> object:
    """The composed value; of a relationship its one target."""
    full = property_name(contract_id, name)
    if name not in RELATIONSHIPS:
        return prim.GetAttribute(full).Get()
    targets = prim.GetRelationship(full).GetTargets()
    return str(targets[0]) if len(targets) == 1 else None


def id_issue(contract_id: str, address: str) -> Issue | None:
    """What is wrong with an id on a stage, where some valid in JSON are taken."""
    if is_valid_id(contract_id) and contract_id not in PROPERTIES:
        return None
    return error(
        address,
        f"{contract_id[:60]!a} is no contract id",
        "use letters, digits and '_', not starting with a digit, "
        "and none of " + ", ".join(PROPERTIES),
        contract_id,
    )


def _no_effect(prim: Usd.Prim, contract_id: str) -> Issue:
    """The edit target is weaker than a layer that says otherwise."""
    target = prim.GetStage().GetEditTarget()
    prefix = f"{PREFIX}:{contract_id}:"
    says = [
        layer_name(spec.layer)
        for spec in prim.GetPrimStack()
        if spec.layer != target.GetLayer()
        and (
            any(prop.name.startswith(prefix) for prop in spec.properties)
            or api_name(contract_id) in str(spec.GetInfo("apiSchemas"))
        )
    ]
    return error(
        f"{prim.GetPath()}.{PREFIX}:{contract_id}",
        f"an edit in {layer_name(target.GetLayer())} has no effect: "
        f"{says[0] if says else 'a stronger layer'} says otherwise",
        "make that layer the edit target",
        contract_id,
    )


def _editable(stage: Usd.Stage, host: str) -> Usd.Prim:
    prim = stage.GetPrimAtPath(host)
    layer = stage.GetEditTarget().GetLayer()
    if not prim:
        raise ContractError(error(host, "is no prim of this stage", "name the asset's root prim"))
    if prim.IsInstanceProxy() or prim.IsInPrototype():
        raise ContractError(
            error(
                host,
                "lies inside an instance, which takes no edits",
                "author the contract on the instance root",
            )
        )
    if layer.GetFileFormat().formatId == "usdz":
        raise ContractError(
            error(
                layer_name(layer),
                "a .usdz package cannot be written",
                "write to another file with -o OUT.usda",
            )
        )
    if not layer.permissionToEdit:
        raise ContractError(
            error(
                layer_name(layer),
                "the layer is read-only",
                "choose another edit target, or -o OUT.usda",
            )
        )
    return prim


def _carrying(stage: Usd.Stage, host: str, contract_id: str) -> Usd.Prim:
    prim = _editable(stage, host)
    if contract_id not in applied_ids(prim):
        raise ContractError(
            error(
                host,
                f"no contract '{contract_id}' stands there",
                nearest(contract_id, applied_ids(prim)),
                contract_id,
            )
        )
    return prim


def _authored(prim: Usd.Prim, contract_id: str) -> AuthoredContract:
    issues: list[Issue] = []
    contract = read_contract(prim, contract_id, issues)
    fault = id_issue(contract_id, str(prim.GetPath()))
    if fault is not None or errors_of(issues):
        raise ContractError([*([fault] if fault else []), *issues])
    return contract


def _edit(action: Action, contract_id: str, prim: Usd.Prim) -> Edit:
    layer = prim.GetStage().GetEditTarget().GetLayer()
    return Edit(action, contract_id, str(prim.GetPath()), layer_name(layer))
