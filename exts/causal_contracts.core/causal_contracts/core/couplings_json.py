# SPDX-License-Identifier: Apache-2.0
"""couplings.json: bytes to Bundle and back; `read_couplings(write_couplings(b)) == b`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO, Any, Literal

from .atomic import write_atomically
from .couplings_schema import (
    KINDS_OF_EFFECT,
    KINDS_OF_TRIGGER,
    Coupling,
    CouplingsFile,
    EffectFields,
    TriggerFields,
)
from .issue import ContractError, Issue, error
from .json_bytes import indented
from .json_shape import fit
from .json_tree import MAX_BYTES, MAX_ISSUES, parse_tree
from .model import (
    MAX_ID_LENGTH,
    Bundle,
    Contract,
    Foreign,
    JointThreshold,
    SetDriveTarget,
    is_valid_id,
)

VERSION = 1

Source = str | os.PathLike[str] | bytes | IO[bytes] | IO[str]


def read_couplings(source: Source) -> Bundle:
    """Read a bundle from a path, bytes or a stream; of a stream at most what may be one file.

    Raises:
        ContractError: the file is malformed; holds every fault with its address.
    """
    name, data = _bytes_of(source)
    tree, issues = parse_tree(data, name)
    if len(issues) >= MAX_ISSUES:
        raise ContractError(issues)
    if not isinstance(tree, dict):
        shape = error("$", f"expected an object, found {_kind(tree)}", _EXAMPLE)
        raise ContractError([*issues, shape])
    file = fit(tree, CouplingsFile, "", issues)
    version = tree.get("version", VERSION)
    if isinstance(version, int) and version > VERSION:
        issues = [
            error(
                "version",
                f"file of version {version}, this reader knows {VERSION}",
                "update causal-contracts, or export the file again",
            )
        ]
        raise ContractError(issues)
    contracts = _contracts(tree.get("couplings"), issues)
    if issues:
        raise ContractError(issues)
    return Bundle(tuple(contracts), file.get("asset"), file.get("articulation_root"))


def write_couplings(bundle: Bundle, path: str | os.PathLike[str]) -> None:
    """Write `bundle` to `path`: the whole file or, on a fault, none of it.

    Raises:
        ContractError: the bundle cannot be said in couplings.json, or the path not be written.
    """
    write_atomically(Path(path), encode_couplings(bundle))


def encode_couplings(bundle: Bundle) -> bytes:
    """The bytes of couplings.json: fields in fixed order, contracts in id order.

    Raises:
        ContractError: the bundle would not be read back as it is: repeated or invalid ids,
            numbers that are not finite.
    """
    file: dict[str, Any] = {"version": VERSION}
    if bundle.asset is not None:
        file["asset"] = bundle.asset
    if bundle.articulation_root is not None:
        file["articulation_root"] = bundle.articulation_root
    file["couplings"] = [_encode(contract) for contract in bundle.contracts]
    data = indented(file)
    _refuse_loss(bundle, read_couplings(data))
    return data


def _refuse_loss(bundle: Bundle, back: Bundle) -> None:
    """JSON says null for an infinity, and null is a rest that nobody stated."""
    for index, (given, read) in enumerate(zip(bundle.contracts, back.contracts, strict=True)):
        if given != read:
            raise ContractError(
                error(
                    f"couplings[{index}]",
                    f"holds what couplings.json cannot keep: {given}",
                    "use finite numbers, strings, lists and objects",
                    given.id,
                )
            )


_EXAMPLE = (
    'the least that is valid is {"couplings": [{"trigger": {"joint": .., "op": "<", '
    '"threshold": ..}, "effect": {"joint": .., "target": ..}, "mode": "latching"}]}'
)


def _bytes_of(source: Source) -> tuple[str, bytes]:
    if isinstance(source, bytes | bytearray | memoryview):
        return "$", bytes(source)
    if isinstance(source, str | os.PathLike):
        try:
            with open(source, "rb") as stream:
                return os.fspath(source), stream.read(MAX_BYTES + 1)
        except (OSError, ValueError) as fault:
            reason = getattr(fault, "strerror", None) or str(fault)
            name = os.fspath(source) or "''"
            raise ContractError(
                error(name, f"cannot be read: {reason}", "name a couplings.json")
            ) from fault
    data = source.read(MAX_BYTES + 1)
    name = str(getattr(source, "name", "") or "$")
    return name, data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data


def _contracts(tree: Any, issues: list[Issue]) -> list[Contract]:
    if not isinstance(tree, list):
        return []  # `fit` has reported it
    width = max(3, len(str(len(tree))))
    contracts: list[Contract] = []
    seen: dict[str, int] = {}
    for index, node in enumerate(tree):
        address = f"couplings[{index}]"
        if len(issues) >= MAX_ISSUES:
            issues.append(
                error(address, "and what follows was not looked at", "mend the others first")
            )
            break
        contract_id = _id_of(node, address, f"coupling_{index:0{width}}", issues)
        if contract_id in seen:
            issues.append(
                error(
                    f"{address}.id",
                    f"'{contract_id}' is also the id of couplings[{seen[contract_id]}]",
                    "give each coupling its own id",
                )
            )
        seen.setdefault(contract_id, index)
        contract = _contract(node, address, contract_id, issues)
        if contract is not None:
            contracts.append(contract)
    return contracts


def _id_of(node: Any, address: str, default: str, issues: list[Issue]) -> str:
    """The id that was written, where it is one; `fit` reports one that is no string."""
    given = node.get("id") if isinstance(node, dict) else None
    if not isinstance(given, str):
        return default
    if is_valid_id(given):
        return given
    issues.append(
        error(
            f"{address}.id",
            f"{given[:40]!a} is no identifier",
            "use letters, digits and '_', not starting with a digit, at most "
            f"{MAX_ID_LENGTH} characters",
        )
    )
    return default


def _contract(node: Any, address: str, contract_id: str, issues: list[Issue]) -> Contract | None:
    if not isinstance(node, dict):
        fit(node, Coupling, address, issues)
        return None
    given = {**node, "id": contract_id} if isinstance(node.get("id"), str) else node
    fields = fit(given, Coupling, address, issues)  # `_id_of` has reported a wrong id
    trigger = _trigger(node["trigger"], f"{address}.trigger", issues) if "trigger" in node else None
    effect = _effect(node["effect"], f"{address}.effect", issues) if "effect" in node else None
    if trigger is None or effect is None:
        return None
    mode = fields.get("mode", "")
    return Contract(contract_id, trigger, effect, mode, fields.get("enabled", True))


def _trigger(node: Any, address: str, issues: list[Issue]) -> JointThreshold | Foreign | None:
    foreign = _foreign(node, KINDS_OF_TRIGGER)
    if foreign is not None:
        return foreign
    before = len(issues)
    fields = fit(node, TriggerFields, address, issues)
    if len(issues) > before:
        return None
    return JointThreshold(
        fields["joint"],
        fields["op"],
        float(fields["threshold"]),
        fields.get("unit"),
        fields.get("path"),
    )


def _effect(node: Any, address: str, issues: list[Issue]) -> SetDriveTarget | Foreign | None:
    foreign = _foreign(node, KINDS_OF_EFFECT)
    if foreign is not None:
        return foreign
    before = len(issues)
    fields = fit(node, EffectFields, address, issues)
    if len(issues) > before:
        return None
    rest = fields.get("rest")
    return SetDriveTarget(
        fields["joint"],
        float(fields["target"]),
        None if rest is None else float(rest),
        fields.get("unit"),
        fields.get("path"),
    )


def _foreign(node: Any, known: tuple[str, ...]) -> Foreign | None:
    """A kind outside the language: kept as written, and later skipped with a reason."""
    if isinstance(node, dict) and isinstance(node.get("type"), str) and node["type"] not in known:
        return Foreign(node["type"], {key: node[key] for key in node if key != "type"})
    return None


def _encode(contract: Contract) -> dict[str, Any]:
    return {
        "id": contract.id,
        "enabled": contract.enabled,
        "trigger": _encode_trigger(contract.trigger),
        "effect": _encode_effect(contract.effect),
        "mode": str(contract.mode),
    }


def _encode_trigger(trigger: JointThreshold | Foreign) -> dict[str, Any]:
    if isinstance(trigger, Foreign):
        return {"type": trigger.type, **trigger.fields}
    return _present(
        type=KINDS_OF_TRIGGER[0],
        joint=trigger.joint,
        path=trigger.path,
        op=str(trigger.op),
        threshold=trigger.threshold,
        unit=trigger.unit,
    )


def _encode_effect(effect: SetDriveTarget | Foreign) -> dict[str, Any]:
    if isinstance(effect, Foreign):
        return {"type": effect.type, **effect.fields}
    return _present(
        type=KINDS_OF_EFFECT[0],
        joint=effect.joint,
        path=effect.path,
        target=effect.target,
        rest=effect.rest,
        unit=effect.unit,
    )


def _present(**fields: Any) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if value is not None}


def _kind(tree: Any) -> Literal["an array", "a string", "a number", "null", "a boolean"]:
    match tree:
        case list():
            return "an array"
        case str():
            return "a string"
        case bool():
            return "a boolean"
        case None:
            return "null"
        case _:
            return "a number"
