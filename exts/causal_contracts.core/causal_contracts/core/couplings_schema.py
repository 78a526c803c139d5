# SPDX-License-Identifier: Apache-2.0
"""The shape of couplings.json version 1 as msgspec structs, and its published JSON Schema.

`python -m causal_contracts.core.couplings_schema > config/couplings.schema.json` publishes it.
"""

from __future__ import annotations

import sys
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from .json_bytes import DRAFT, indented
from .model import MAX_ID_LENGTH

KINDS_OF_TRIGGER = ("joint_threshold",)
KINDS_OF_EFFECT = ("set_drive_target",)

Id = Annotated[
    str,
    Meta(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=MAX_ID_LENGTH, description="Contract id."),
]
JointName = Annotated[
    str, Meta(min_length=1, max_length=1024, description="Leaf name of the joint prim.")
]
JointPath = Annotated[
    str,
    Meta(min_length=1, max_length=4096, description="Joint path relative to the contract's host."),
]
SiUnit = Annotated[
    Literal["rad", "m"], Meta(description="Radians for revolute, metres for prismatic joints.")
]


class TriggerFields(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A joint position compared with a threshold."""

    joint: JointName
    op: Annotated[str, Meta(description="'>' or '<', strict. Any other is kept and skipped.")]
    threshold: Annotated[float, Meta(description="Position [rad or m].")]
    type: Literal["joint_threshold"] = "joint_threshold"
    path: JointPath | None = None
    unit: SiUnit | None = None


class EffectFields(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A drive position target, written while the contract is active."""

    joint: JointName
    target: Annotated[float, Meta(description="Drive target while active [rad or m].")]
    type: Literal["set_drive_target"] = "set_drive_target"
    path: JointPath | None = None
    rest: Annotated[float, Meta(description="Drive target while inactive [rad or m].")] | None = (
        None
    )
    unit: SiUnit | None = None


class Foreign(msgspec.Struct, omit_defaults=True):
    """A kind outside the language: kept by every tool, listed in `compiled.skipped`."""

    type: Annotated[str, Meta(description="Any kind that this version does not know.")]


class Coupling(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """One contract."""

    trigger: Annotated[Any, Meta(description="When: a joint position compared with a threshold.")]
    effect: Annotated[Any, Meta(description="What: the drive target of another joint.")]
    mode: Annotated[str, Meta(description="'latching' or 'level'. Any other is kept and skipped.")]
    id: Id | None = None
    enabled: bool = True


class CouplingsFile(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """The contracts of one articulation of one asset."""

    couplings: Annotated[list[Any], Meta(description="The contracts; [] where there are none.")]
    version: Annotated[int, Meta(ge=1, le=1)] = 1
    asset: Annotated[str, Meta(max_length=4096, description="File name of the asset.")] | None = (
        None
    )
    articulation_root: (
        Annotated[
            str,
            Meta(
                min_length=1,
                max_length=4096,
                description="Articulation root relative to the host prim; '.' is the host.",
            ),
        ]
        | None
    ) = None


def json_schema() -> dict[str, Any]:
    """The published JSON Schema of couplings.json (draft 2020-12)."""
    _, parts = msgspec.json.schema_components(
        (CouplingsFile, Coupling, TriggerFields, EffectFields, Foreign),
        ref_template="#/$defs/{name}",
    )
    coupling = parts["Coupling"]["properties"]
    coupling["trigger"] = _known_or_foreign("TriggerFields", KINDS_OF_TRIGGER)
    coupling["effect"] = _known_or_foreign("EffectFields", KINDS_OF_EFFECT)
    root = parts.pop("CouplingsFile")
    root["properties"]["couplings"]["items"] = {"$ref": "#/$defs/Coupling"}
    return {
        "$schema": DRAFT,
        "title": "couplings.json",
        **{key: value for key, value in root.items() if key != "title"},
        "$defs": parts,
    }


def encode_schema() -> bytes:
    """The bytes of the published file."""
    return indented(json_schema())


def _known_or_foreign(name: str, known: tuple[str, ...]) -> dict[str, Any]:
    foreign = {"$ref": "#/$defs/Foreign", "properties": {"type": {"not": {"enum": list(known)}}}}
    return {"anyOf": [{"$ref": f"#/$defs/{name}"}, foreign]}


if __name__ == "__main__":
    sys.stdout.buffer.write(encode_schema())
