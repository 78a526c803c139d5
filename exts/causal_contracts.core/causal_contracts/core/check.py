# SPDX-License-Identifier: Apache-2.0
"""Bundle and Articulation to issues: what would keep a contract from acting, before it runs.

Pure: it reads no stage and no file. One function per question; each yields issues.
"""

from __future__ import annotations

from collections.abc import Iterator

from .articulation import Articulation
from .check_joints import check_joints
from .check_together import check_together
from .issue import Issue, error, info, warning
from .model import Bundle, Contract, Foreign, JointThreshold, Mode, Op, SetDriveTarget


def check_bundle(bundle: Bundle, articulation: Articulation | None = None) -> list[Issue]:
    """Everything worth knowing about the contracts of a bundle, in id order.

    Args:
        bundle: the contracts.
        articulation: the joints that they are meant for; without it only the bundle itself is
            checked.
    """
    issues = [
        issue for contract in bundle.contracts for issue in check_contract(contract, articulation)
    ]
    return issues + check_together(bundle)


def check_contract(contract: Contract, articulation: Articulation | None) -> list[Issue]:
    """What is worth knowing about one contract, whatever the others are."""
    issues = [*_language(contract)]
    return issues if articulation is None else [*issues, *check_joints(contract, articulation)]


def _language(contract: Contract) -> Iterator[Issue]:
    """What the language cannot express, and contracts that are switched off."""
    cid = contract.id
    for role, part in (("trigger", contract.trigger), ("effect", contract.effect)):
        if isinstance(part, Foreign):
            yield warning(
                f"{cid}.{role}.type",
                f"'{part.type}' is outside the language",
                "it will be skipped; express it as a joint threshold and a drive target",
                cid,
            )
    trigger = contract.trigger
    if isinstance(trigger, JointThreshold) and not isinstance(trigger.op, Op):
        yield warning(
            f"{cid}.trigger.op",
            f"'{trigger.op}' is outside the language",
            "it will be skipped; use > or <",
            cid,
        )
    if not isinstance(contract.mode, Mode):
        yield warning(
            f"{cid}.mode",
            f"'{contract.mode}' is outside the language",
            "it will be skipped; use latching or level",
            cid,
        )
    if not contract.enabled:
        yield info(
            f"{cid}.enabled",
            "is disabled: it is exported and never fires",
            "enable it to let it act",
            cid,
        )
    effect = contract.effect
    if (
        isinstance(trigger, JointThreshold)
        and isinstance(effect, SetDriveTarget)
        and trigger.joint == effect.joint
    ):
        yield error(
            f"{cid}.effect.joint",
            f"'{effect.joint}' is both trigger and effect",
            "choose another joint for one of them",
            cid,
        )
