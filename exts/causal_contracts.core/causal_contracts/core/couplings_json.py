# SPDX-License-Identifier: Apache-2.0
"""couplings.json: bytes to Bundle and back; `read_couplings(write_couplings(b)) == b`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO, Any, Literal

import msgspec

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
from .json_shape import fit
from .json_tree import parse_tree
from .model import (
    Bundle,
    Contract,
    Foreign,
    JointThreshold,
    Mode,
    Op,
    SetDriveTarget,
    is_valid_id,
)

VERSION = 1

Source = str | os.PathLike[str] | bytes | IO[bytes]


def read_couplings(source: Source) -> Bundle:
    """Read a bundle from a path, bytes or a binary stream.

    Raises:
        ContractError: the file is malformed; holds every fault with its address.
    """
    name, data = _bytes_of(source)
    tree, issues = parse_tree(data, name)
    if not isinstance(tree, dict):
        raise ContractError(error("$", f"expected an object, found {_kind(tree)}", _EXAMPLE))
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
    """Write `bundle` to `path`: the whole file or, on a fault, none of it."""
    write_atomically(Path(path), encode_couplings(bundle))


def encode_couplings(bundle: Bundle) -> bytes:
    """The bytes of couplings.json: fields in fixed order, contracts in id order."""
    file: dict[str, Any] = {"version": VERSION}
    if bundle.asset is not None:
        file["asset"] = bundle.asset
    if bundle.articulation_root is not None:
        file["articulation_root"] = bundle.articulation_root
    file["couplings"] = [_encode(contract) for contract in bundle.contracts]
    return msgspec.json.format(msgspec.json.encode(file), indent=2) + b"\n"


_EXAMPLE = (
    'the least that is valid is {"couplings": [{"trigger": {"joint": .., "op": "<", '
    '"threshold": ..}, "effect": {"joint": .., "target": ..}, "mode": "latching"}]}'
)


def _bytes_of(source: Source) -> tuple[str, bytes]:
    if isinstance(source, bytes | bytearray | memoryview):
        return "$", bytes(source)
    if isinstance(source, str | os.PathLike):
        try:
            return os.fspath(source), Path(source).read_bytes()
        except (OSError, ValueError) as fault:
            reason = getattr(fault, "strerror", None) or str(fault)
            raise ContractError(
                error(os.fspath(source), f"cannot be read: {reason}", "name a couplings.json")
            ) from fault
    return getattr(source, "name", "$"), source.read()


def _contracts(tree: Any, issues: list[Issue]) -> list[Contract]:
    if not isinstance(tree, list):
        return []  # `fit` has reported it
    width = max(3, len(str(len(tree))))
    contracts: list[Contract] = []
    seen: dict[str, int] = {}
    for index, node in enumerate(tree):
        address = f"couplings[{index}]"
        before = len(issues)
        contract = _contract(node, address, f"coupling_{index:0{width}}", issues)
        if contract is None or len(issues) > before:
            continue
        if contract.id in seen:
            issues.append(
                error(
                    f"{address}.id",
                    f"'{contract.id}' is also the id of couplings[{seen[contract.id]}]",
                    "give each coupling its own id",
                )
            )
        seen.setdefault(contract.id, index)
        contracts.append(contract)
    return contracts


def _contract(node: Any, address: str, default_id: str, issues: list[Issue]) -> Contract | None:
    fields = fit(node, Coupling, address, issues)
    if not isinstance(node, dict):
        return None
    trigger = _trigger(node["trigger"], f"{address}.trigger", issues) if "trigger" in node else None
    effect = _effect(node["effect"], f"{address}.effect", issues) if "effect" in node else None
    contract_id = fields.get("id", default_id)
    if not is_valid_id(contract_id):  # `$` of a JSON Schema pattern lets a last newline pass
        issues.append(
            error(
                f"{address}.id",
                f"{contract_id[:40]!r} is no identifier",
                "use letters, digits and '_', not starting with a digit",
            )
        )
    if trigger is None or effect is None:
        return None
    mode = fields.get("mode", "")
    return Contract(contract_id, trigger, effect, _member(Mode, mode), fields.get("enabled", True))


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
        _member(Op, fields["op"]),
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


def _member[E: (Op, Mode)](kind: type[E], text: str) -> E | str:
    return kind(text) if text in list(kind) else text


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
