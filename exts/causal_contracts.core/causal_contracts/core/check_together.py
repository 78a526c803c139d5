# SPDX-License-Identifier: Apache-2.0
"""A bundle to issues that no contract has alone: effects on one joint, and cycles."""

from __future__ import annotations

from collections.abc import Iterator

from .issue import Issue, warning
from .model import Bundle, Contract, JointThreshold, SetDriveTarget


def check_together(bundle: Bundle) -> list[Issue]:
    """What is worth knowing about contracts that drive one joint, or each other."""
    return [*_shared_effects(bundle), *_cycles(bundle)]


def ties_of(contract: Contract) -> tuple[object, ...]:
    """What a contract has to do with others: while no contract's changes, the issues stay."""
    trigger, effect = contract.trigger, contract.effect
    read = trigger.joint if isinstance(trigger, JointThreshold) else None
    driven = (effect.joint, effect.target) if isinstance(effect, SetDriveTarget) else None
    return contract.id, contract.enabled, read, driven


def _shared_effects(bundle: Bundle) -> Iterator[Issue]:
    """Contracts that drive one joint: the last id that is active wins."""
    by_joint: dict[str, list[Contract]] = {}
    for contract in bundle.contracts:
        if contract.enabled and isinstance(contract.effect, SetDriveTarget):
            by_joint.setdefault(contract.effect.joint, []).append(contract)
    for joint, contracts in by_joint.items():
        targets = {_target(contract) for contract in contracts}
        if len(contracts) > 1 and len(targets) > 1:
            ids = ", ".join(contract.id for contract in contracts)
            yield warning(
                f"{contracts[-1].id}.effect.joint",
                f"{ids} set '{joint}' to different targets",
                f"when several are active, {contracts[-1].id} wins, being last by id",
                contracts[-1].id,
            )


def _target(contract: Contract) -> float | None:
    return contract.effect.target if isinstance(contract.effect, SetDriveTarget) else None


def _cycles(bundle: Bundle) -> Iterator[Issue]:
    """Effects that lead back to their own trigger through other contracts."""
    edges: dict[str, list[tuple[str, str]]] = {}
    for contract in bundle.contracts:
        trigger, effect = contract.trigger, contract.effect
        if (
            contract.enabled
            and isinstance(trigger, JointThreshold)
            and isinstance(effect, SetDriveTarget)
            and trigger.joint != effect.joint
        ):
            edges.setdefault(trigger.joint, []).append((effect.joint, contract.id))
    seen: set[frozenset[str]] = set()
    for start in edges:
        for ids in _loops(start, edges):
            if frozenset(ids) not in seen:
                seen.add(frozenset(ids))
                yield warning(
                    f"{ids[0]}.effect.joint",
                    f"{' -> '.join(ids)} form a cycle",
                    "they may hold each other active, or oscillate",
                    ids[0],
                )


def _loops(start: str, edges: dict[str, list[tuple[str, str]]]) -> Iterator[list[str]]:
    """Contract ids of the shortest way from `start` back to it, if there is one."""
    ways: list[tuple[str, list[str]]] = [(start, [])]
    visited: set[str] = set()
    while ways:
        joint, ids = ways.pop(0)
        for following, contract_id in edges.get(joint, ()):
            if following == start:
                yield [*ids, contract_id]
                return
            if following not in visited:
                visited.add(following)
                ways.append((following, [*ids, contract_id]))
