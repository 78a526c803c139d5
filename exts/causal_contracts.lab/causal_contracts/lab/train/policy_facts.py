# SPDX-License-Identifier: Apache-2.0
"""What a policy's numbers mean: policy.json beside a checkpoint, and inside exported files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from causal_contracts.core.atomic import write_atomically
from causal_contracts.core.issue import ContractError, error
from causal_contracts.core.json_bytes import decoded, indented

if TYPE_CHECKING:
    from .arm import ArmRequest
    from .policy import TrainedPolicy

SUFFIX = ".json"
RULE = (
    "The contracts are not part of the policy: the environment that runs it applies them. An "
    "action, held within -1 and 1, is a drive position target: linear between the pairs of its row."
)
ACTIONS = [-1.0, -0.5, 0.0, 0.5, 1.0]
"""Where `PressJoint.stops` states the target."""


class Action(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One action, -1 to 1, as the drive position target of a joint [rad or m]."""

    joint: str
    unit: str | None
    actions: list[float]
    targets: list[float]
    """The drive target at each of `actions`; the middle one is hands off."""


class PolicyFacts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The policy's inputs and outputs, in order."""

    asset: str
    library: str
    step_seconds: float
    """Time between two actions."""
    observations: list[str]
    actions: list[Action]
    contracts: list[str]
    """The contracts it was trained with, or without in the native arm, as sentences."""
    note: str = RULE


def policy_facts(request: ArmRequest, policy: TrainedPolicy) -> PolicyFacts:
    """What the numbers of a policy mean that was trained for `request`.

    Raises:
        ContractError: the asset or its contracts cannot be read any more.
    """
    from causal_contracts.preview.episode import read_contracts

    from ..tasks.contract_task_cfg import DECIMATION, DT
    from ..tasks.press_map import press_joints

    where = None if request.articulation == "." else request.articulation
    articulation, bundle, _ = read_contracts(
        request.asset, couplings=request.couplings, articulation=where
    )
    stops = {press.name: list(press.stops) for press in press_joints(articulation, bundle)}
    units = {joint.name: joint.unit for joint in articulation.movable}
    return PolicyFacts(
        asset=request.asset.name,
        library=policy.library,
        step_seconds=DECIMATION * DT,
        observations=list(policy.observations),
        actions=[
            Action(joint=name, unit=units[name], actions=ACTIONS, targets=stops[name])
            for name in policy.actions
        ],
        contracts=[str(contract) for contract in bundle.contracts if contract.enabled],
    )


def write_policy_facts(facts: PolicyFacts, checkpoint: Path) -> Path:
    """Write `facts` beside a checkpoint, the whole file or none of it."""
    path = checkpoint.with_suffix(SUFFIX)
    write_atomically(path, to_json(facts))
    return path


def read_policy_facts(checkpoint: Path) -> PolicyFacts:
    """Read what stands beside a checkpoint.

    Raises:
        ContractError: the file is missing or says something else.
    """
    path = checkpoint.with_suffix(SUFFIX)
    fix = f"keep the {path.name} that a training writes beside {checkpoint.name}"
    try:
        return decoded(path, PolicyFacts)
    except OSError as fault:
        what = f"cannot be read: {fault.strerror}"
        raise ContractError(error(str(path), what, fix)) from fault
    except msgspec.MsgspecError as fault:
        raise ContractError(error(str(path), f"says nothing of a policy: {fault}", fix)) from fault


def to_json(facts: PolicyFacts) -> bytes:
    """Indented bytes with a final newline."""
    return indented(facts)
