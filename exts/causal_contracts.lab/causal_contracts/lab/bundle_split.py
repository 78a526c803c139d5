# SPDX-License-Identifier: Apache-2.0
"""One bundle and the joints of several articulations to one bundle for each that gets contracts."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain

from causal_contracts.core.compile import USD_SUFFIXES
from causal_contracts.core.couplings_json import read_couplings
from causal_contracts.core.issue import ContractError, Issue, error, nearest
from causal_contracts.core.model import Bundle, Contract, JointThreshold, SetDriveTarget


def read_any(source: Bundle | str | os.PathLike[str]) -> Bundle:
    """A bundle as it is, or read from a couplings.json or a USD asset.

    Raises:
        ContractError: the file is malformed or holds several articulations.
    """
    if isinstance(source, Bundle):
        return source
    if os.fspath(source).lower().endswith(USD_SUFFIXES):
        from causal_contracts.core.usd_bundle import read_bundle

        return read_bundle(source)
    return read_couplings(source)


def split(
    bundle: Bundle, joints: Mapping[str, Sequence[str]], *, strict: bool
) -> dict[str, Bundle]:
    """Each contract to the one articulation that has its joints.

    Contracts that fit nowhere go where most contracts go, and the compiler says why they cannot
    run.

    Args:
        bundle: the contracts.
        joints: leaf joint names by articulation name.
        strict: raise where a contract fits no articulation.

    Raises:
        ContractError: a contract fits several articulations, or with `strict` none; all are
            listed.
    """
    if not joints:
        raise ContractError(error("scene", "has no articulation", "add one to the scene"))
    if len(joints) == 1:
        return {next(iter(joints)): bundle}
    fits = {contract.id: _fitting(contract, joints) for contract in bundle.contracts}
    faults = [fault for c in bundle.contracts for fault in _faults(c, fits[c.id], joints, strict)]
    if faults:
        raise ContractError(faults)
    sole = [found[0] for found in fits.values() if len(found) == 1]
    home = max(joints, key=sole.count)
    homes = {name: found[0] if len(found) == 1 else home for name, found in fits.items()}
    return {
        name: replace(bundle, contracts=tuple(c for c in bundle.contracts if homes[c.id] == name))
        for name in joints
        if name in homes.values()
    }


def _named(contract: Contract) -> list[tuple[str, str]]:
    """Role and joint of each half that the language knows."""
    halves = (("trigger", contract.trigger), ("effect", contract.effect))
    return [
        (role, half.joint)
        for role, half in halves
        if isinstance(half, (JointThreshold, SetDriveTarget))
    ]


def _fitting(contract: Contract, joints: Mapping[str, Sequence[str]]) -> list[str]:
    named = [joint for _, joint in _named(contract)]
    if len(named) < 2:  # outside the language: it runs nowhere
        return []
    return [name for name, known in joints.items() if set(named) <= set(known)]


def _faults(
    contract: Contract, found: Sequence[str], joints: Mapping[str, Sequence[str]], strict: bool
) -> list[Issue]:
    named = _named(contract)
    if len(found) > 1:
        names = ", ".join(f"'{name}'" for name in found)
        fix = "name a bundle for each, as a dict from articulation to couplings"
        return [error(contract.id, f"fits the articulations {names}", fix, contract.id)]
    if found or not strict or len(named) < 2:
        return []
    known = list(chain.from_iterable(joints.values()))
    missing = [
        error(
            f"{contract.id}.{role}.joint",
            f"no joint '{joint}' in the articulations {', '.join(sorted(joints))}",
            nearest(joint, known),
            contract.id,
        )
        for role, joint in named
        if joint not in known
    ]
    apart = error(
        contract.id,
        "its two joints belong to different articulations",
        "a contract runs within one articulation",
        contract.id,
    )
    return missing or [apart]
