# SPDX-License-Identifier: Apache-2.0
"""Bundle to CompiledCouplings, one pass per function."""

from __future__ import annotations

import os
import warnings
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from .couplings_json import read_couplings
from .ir import DTYPES, CompiledCouplings, Skipped, verify
from .issue import ContractError, error, nearest
from .model import Bundle, Contract, Foreign, JointThreshold, Mode, Op, SetDriveTarget

FLOAT32_MAX = float(np.finfo(np.float32).max)
USD_SUFFIXES = (".usd", ".usda", ".usdc", ".usdz")


def compile_bundle(
    bundle: Bundle | str | os.PathLike[str],
    joint_names: Sequence[str],
    *,
    strict: bool = False,
) -> CompiledCouplings:
    """Compile a bundle, a couplings.json or a USD asset against the joint order of an articulation.

    What the language cannot express, and contracts on joints that `joint_names` lacks, are listed
    in `.skipped` with the reason, and a warning names them.

    Args:
        bundle: a Bundle, or the path of a couplings.json or of a USD asset with one articulation.
        joint_names: leaf joint names in the order of `joint_pos`, e.g. ``robot.joint_names``.
        strict: raise instead when a contract names a joint that `joint_names` lacks.

    Raises:
        ContractError: a file is malformed, a joint name or an id stands twice, or with `strict` a
            joint is missing; holds every fault of its kind.
    """
    bundle = _read(bundle)
    names = _joint_order(joint_names)
    _refuse_repeated_ids(bundle)
    if strict:
        _refuse_missing(bundle, names)
    runnable, skipped = _select(bundle, names)
    compiled = _pack(runnable, names, skipped)
    verify(compiled)
    if skipped:
        lines = "\n  ".join(str(item) for item in skipped)
        warnings.warn(
            f"{len(skipped)} of {len(bundle.contracts)} contracts will not run:\n  {lines}",
            stacklevel=2,
        )
    return compiled


def _read(source: Bundle | str | os.PathLike[str]) -> Bundle:
    if isinstance(source, Bundle):
        return source
    if os.fspath(source).lower().endswith(USD_SUFFIXES):
        from .usd_bundle import read_bundle

        return read_bundle(source)
    return read_couplings(source)


def _joint_order(joint_names: Sequence[str]) -> tuple[str, ...]:
    if isinstance(joint_names, str):
        raise ContractError(
            error("joint_names", f"'{joint_names}' is one string", "pass a list of joint names")
        )
    names = tuple(joint_names)
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ContractError(
            error(
                f"joint_names[{names.index(name)}]",
                f"'{name}' stands more than once",
                "rename the joints so that each leaf name is unique",
            )
            for name in twice
        )
    return names


def _refuse_repeated_ids(bundle: Bundle) -> None:
    ids = [contract.id for contract in bundle.contracts]
    twice = sorted(contract_id for contract_id, times in Counter(ids).items() if times > 1)
    if twice:
        raise ContractError(
            error(
                name, "is the id of more than one contract", "give each contract its own id", name
            )
            for name in twice
        )


def _refuse_missing(bundle: Bundle, names: tuple[str, ...]) -> None:
    missing = [
        error(
            f"{contract.id}.{role}.joint",
            f"no joint '{joint}' in this articulation",
            nearest(joint, names),
            contract.id,
        )
        for contract in bundle.contracts
        for role, joint in _joints(contract)
        if joint not in names
    ]
    if missing:
        raise ContractError(missing)


def _joints(contract: Contract) -> Iterable[tuple[str, str]]:
    if isinstance(contract.trigger, JointThreshold):
        yield "trigger", contract.trigger.joint
    if isinstance(contract.effect, SetDriveTarget):
        yield "effect", contract.effect.joint


def _select(bundle: Bundle, names: tuple[str, ...]) -> tuple[list[Contract], tuple[Skipped, ...]]:
    """Contracts that compile, and the others with the reason."""
    runnable: list[Contract] = []
    skipped: list[Skipped] = []
    for contract in bundle.contracts:
        reason = _reason_to_skip(contract, names)
        if reason is None:
            runnable.append(contract)
        else:
            skipped.append(Skipped(contract.id, f"{contract.id}.{reason[0]}", reason[1]))
    return runnable, tuple(skipped)


def _reason_to_skip(contract: Contract, names: tuple[str, ...]) -> tuple[str, str] | None:
    trigger, effect = contract.trigger, contract.effect
    if isinstance(trigger, Foreign):
        return "trigger.type", (
            f"a trigger of kind '{trigger.type}' is outside the language, "
            "which knows joint_threshold"
        )
    if isinstance(effect, Foreign):
        return "effect.type", (
            f"an effect of kind '{effect.type}' is outside the language, "
            "which knows set_drive_target"
        )
    if not isinstance(trigger.op, Op):
        return "trigger.op", f"the op '{trigger.op}' is outside the language, which knows > and <"
    if not isinstance(contract.mode, Mode):
        return "mode", (
            f"the mode '{contract.mode}' is outside the language, which knows latching and level"
        )
    for role, joint in _joints(contract):
        if joint not in names:
            return f"{role}.joint", (
                f"no {role} joint '{joint}' in this articulation; {nearest(joint, names)}"
            )
    for address, value in (
        ("trigger.threshold", trigger.threshold),
        ("effect.target", effect.target),
        ("effect.rest", 0.0 if effect.rest is None else effect.rest),
    ):
        if value != value:
            return address, "nan is no position"
        if abs(value) > FLOAT32_MAX:
            return address, f"{value:g} is beyond what a float32 can hold"
    return None


def _pack(
    contracts: list[Contract], names: tuple[str, ...], skipped: tuple[Skipped, ...]
) -> CompiledCouplings:
    index = {name: i for i, name in enumerate(names)}
    rows = [_row(contract, index) for contract in contracts]
    arrays = {}
    for column, (name, dtype) in enumerate(DTYPES.items()):
        array = np.array([row[column] for row in rows], dtype=dtype)
        array.flags.writeable = False
        arrays[name] = array
    return CompiledCouplings(tuple(contracts), names, skipped, **arrays)


def _row(contract: Contract, index: dict[str, int]) -> tuple[float, ...]:
    """One value per array, in the order of DTYPES."""
    trigger, effect = contract.trigger, contract.effect
    assert isinstance(trigger, JointThreshold) and isinstance(effect, SetDriveTarget)
    return (
        index[trigger.joint],
        trigger.op is Op.GREATER,
        trigger.threshold,
        index[effect.joint],
        effect.target,
        np.nan if effect.rest is None else effect.rest,
        contract.mode is Mode.LATCHING,
        contract.enabled,
    )
