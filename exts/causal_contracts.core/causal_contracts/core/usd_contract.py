# SPDX-License-Identifier: Apache-2.0
"""The seven properties of `CausalContractAPI:<id>` on a prim, read as authored, in stage units.

Works the same with and without the registered schema plugin: nothing here asks the registry.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pxr import Sdf, Usd

from .issue import Issue, error, warning
from .model import is_valid_id
from .usd_articulation import CONTRACT_API
from .usd_joint import applied_schemas, shortest

PREFIX = "causalContract"

ATTRIBUTES: dict[str, tuple[Sdf.ValueTypeName, object]] = {
    "enabled": (Sdf.ValueTypeNames.Bool, True),
    "mode": (Sdf.ValueTypeNames.Token, "latching"),
    "triggerOp": (Sdf.ValueTypeNames.Token, "greater"),
    "triggerThreshold": (Sdf.ValueTypeNames.Double, 0.0),
    "effectTarget": (Sdf.ValueTypeNames.Double, 0.0),
}
"""Type and fallback of each attribute; equal to the schema's."""

RELATIONSHIPS = ("triggerJoint", "effectJoint")

PROPERTIES = (
    "enabled",
    "mode",
    "triggerJoint",
    "triggerOp",
    "triggerThreshold",
    "effectJoint",
    "effectTarget",
)
"""All seven base names in the schema's order."""

TOKENS = {"mode": ("latching", "level"), "triggerOp": ("greater", "less")}
"""What the schema allows; USD itself takes any token."""


@dataclass(frozen=True, slots=True)
class AuthoredContract:
    """One contract as the stage states it: tokens, degrees or stage units, absolute paths."""

    id: str
    host: str
    """Path of the prim that carries it."""
    enabled: bool
    mode: str
    trigger_op: str
    trigger_threshold: float
    effect_target: float
    trigger_joints: tuple[str, ...]
    """Targets of the relationship; valid only with exactly one."""
    effect_joints: tuple[str, ...]

    def address(self, name: str) -> str:
        """Path of one of the contract's properties."""
        return f"{self.host}.{property_name(self.id, name)}"


def property_name(contract_id: str, name: str) -> str:
    """Full name of a contract's property."""
    return f"{PREFIX}:{contract_id}:{name}"


def api_name(contract_id: str) -> str:
    """Name of the applied schema instance."""
    return f"{CONTRACT_API}:{contract_id}"


def applied_ids(prim: Usd.Prim) -> list[str]:
    """Ids of the contracts applied to `prim`, sorted: USD keeps no order."""
    names = (name.partition(":") for name in applied_schemas(prim))
    return sorted({rest for api, _, rest in names if api == CONTRACT_API and rest})


def read_authored(prim: Usd.Prim) -> tuple[list[AuthoredContract], list[Issue]]:
    """The contracts on `prim` that can be read, and what is wrong with how they are authored."""
    issues: list[Issue] = []
    contracts = []
    for contract_id in applied_ids(prim):
        contract, said = read_applied(prim, contract_id)
        issues += said
        if contract is not None:
            contracts.append(contract)
    return contracts, issues + read_orphans(prim)


def read_applied(prim: Usd.Prim, contract_id: str) -> tuple[AuthoredContract | None, list[Issue]]:
    """One contract of `applied_ids`, None where it cannot be read, and what is wrong with it."""
    if not is_valid_id(contract_id) or contract_id in PROPERTIES:
        said = f"'{contract_id[:60]}' is no contract id"
        fix = "use letters, digits and '_', and no property name"
        return None, [error(str(prim.GetPath()), said, fix, contract_id)]
    issues: list[Issue] = []
    contract = read_contract(prim, contract_id, issues)
    return (None if any(one.severity == "error" for one in issues) else contract), issues


def read_contract(prim: Usd.Prim, contract_id: str, issues: list[Issue]) -> AuthoredContract:
    """The contract as far as it can be read, fallbacks for the rest; adds why to `issues`."""
    values = {name: _attribute(prim, contract_id, name, issues) for name in ATTRIBUTES}
    joints = {}
    for name in RELATIONSHIPS:
        relationship = prim.GetRelationship(property_name(contract_id, name))
        joints[name] = tuple(str(p) for p in relationship.GetTargets()) if relationship else ()
    return AuthoredContract(
        id=contract_id,
        host=str(prim.GetPath()),
        enabled=bool(values["enabled"]),
        mode=str(values["mode"]),
        trigger_op=str(values["triggerOp"]),
        trigger_threshold=_number(values["triggerThreshold"]),
        effect_target=_number(values["effectTarget"]),
        trigger_joints=joints["triggerJoint"],
        effect_joints=joints["effectJoint"],
    )


def _attribute(prim: Usd.Prim, contract_id: str, name: str, issues: list[Issue]) -> object:
    """The attribute's value, or the schema's fallback with an issue that says why."""
    type_name, fallback = ATTRIBUTES[name]
    full = property_name(contract_id, name)
    attribute = prim.GetAttribute(full)
    address = f"{prim.GetPath()}.{full}"
    if not attribute or not attribute.HasAuthoredValue():
        issues.append(
            warning(
                address,
                f"is not authored; it reads as {fallback!r}",
                "author all seven properties",
                contract_id,
            )
        )
        return fallback
    if attribute.GetNumTimeSamples():
        issues.append(
            error(
                address,
                "has time samples; a contract does not change with time",
                "author one default value",
                contract_id,
            )
        )
        return fallback
    value: Any = attribute.Get()
    if attribute.GetTypeName() != type_name:
        fits = _fits(value, fallback)
        report = warning if fits else error
        issues.append(
            report(
                address,
                f"has type {attribute.GetTypeName()}, not {type_name}",
                f"author it as {type_name}",
                contract_id,
            )
        )
        if not fits:
            return fallback
        value = shortest(value) if "float" in str(attribute.GetTypeName()) else value
    if name in TOKENS and value not in TOKENS[name]:
        issues.append(
            error(
                address,
                f"'{str(value)[:60]}' is no {name}",
                f"author {' or '.join(TOKENS[name])}",
                contract_id,
            )
        )
    return value


def _fits(value: object, fallback: object) -> bool:
    if isinstance(fallback, bool):
        return isinstance(value, bool)
    if isinstance(fallback, float):
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, str)


def _number(value: object) -> float:
    assert isinstance(value, int | float)
    return float(value)


def read_orphans(prim: Usd.Prim) -> list[Issue]:
    """Properties of contracts that are not applied and that no stronger layer deletes."""
    known = set(applied_ids(prim))
    orphans: dict[str, set[str]] = {}
    for spec in prim.GetPrimStack():
        for prop in filter(None, spec.properties):  # a corrupt file lists some that are not there
            prefix, _, rest = prop.name.partition(":")
            contract_id = rest.partition(":")[0]
            if prefix == PREFIX and rest and contract_id not in known:
                orphans.setdefault(contract_id, set()).add(prop.name)
        known |= _deleted_ids(spec)
    return [
        error(
            f"{prim.GetPath()}.{min(names)}",
            f"{len(names)} properties of a contract '{contract_id}' that is not applied",
            f"apply {api_name(contract_id)}, or remove them",
            contract_id,
        )
        for contract_id, names in sorted(orphans.items())
    ]


def _deleted_ids(spec: Sdf.PrimSpec) -> set[str]:
    if not spec.HasInfo("apiSchemas"):
        return set()
    names = (str(item).partition(":") for item in spec.GetInfo("apiSchemas").deletedItems)
    return {rest for api, _, rest in names if api == CONTRACT_API}
