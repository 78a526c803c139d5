# SPDX-License-Identifier: Apache-2.0
"""Edits of contracts on a stage: each goes to the edit target and says which layer it wrote."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from pxr import Usd

from .issue import ContractError, error, nearest
from .model import is_valid_id
from .usd_contract import (
    PROPERTIES,
    AuthoredContract,
    applied_ids,
    read_authored,
    remove_authored,
    write_authored,
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
    if not is_valid_id(contract.id) or contract.id in PROPERTIES:
        raise ContractError(
            error(
                contract.host,
                f"'{contract.id[:60]}' is no contract id",
                "use letters, digits and '_', not starting with a digit, "
                "and none of " + ", ".join(PROPERTIES),
            )
        )
    write_authored(prim, contract)
    return _edit("wrote", contract.id, prim)


def remove_contract(stage: Usd.Stage, host: str, contract_id: str) -> Edit:
    """Remove the contract and every property of it from the edit target.

    Raises:
        ContractError: there is no such contract, or the layer cannot be edited.
    """
    prim = _carrying(stage, host, contract_id)
    remove_authored(prim, contract_id)
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
    write_contract(stage, replace(contract, id=new_id))
    remove_authored(prim, contract_id)
    return _edit("renamed", new_id, prim)


def enable_contract(stage: Usd.Stage, host: str, contract_id: str, *, enabled: bool) -> Edit:
    """Switch the contract on or off; a disabled one is kept and exported.

    Raises:
        ContractError: there is no such contract, or the layer cannot be edited.
    """
    prim = _carrying(stage, host, contract_id)
    write_authored(prim, replace(_authored(prim, contract_id), enabled=enabled))
    return _edit("enabled" if enabled else "disabled", contract_id, prim)


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
    contracts, issues = read_authored(prim)
    for contract in contracts:
        if contract.id == contract_id:
            return contract
    raise ContractError([issue for issue in issues if issue.contract == contract_id])


def _edit(action: Action, contract_id: str, prim: Usd.Prim) -> Edit:
    layer = prim.GetStage().GetEditTarget().GetLayer()
    return Edit(action, contract_id, str(prim.GetPath()), layer_name(layer))
