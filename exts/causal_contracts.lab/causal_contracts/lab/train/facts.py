# SPDX-License-Identifier: Apache-2.0
"""An asset and its contracts to what a gate reports of them, asked before anything trains."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path

from causal_contracts.core.compile import compile_bundle
from causal_contracts.core.issue import ContractError, Issue, Severity, error, errors_of
from causal_contracts.core.model import Bundle, Mode
from causal_contracts.preview.causality import judged
from causal_contracts.preview.episode import read_contracts


@dataclass(frozen=True, slots=True)
class AssetFacts:
    """The contracts of one articulation, compiled for its joints in stage order."""

    articulation: str
    """Path of the articulation root relative to the host prim."""
    joint_names: tuple[str, ...]
    fingerprint: str
    """Of the compiled rule: equal where two rules would do the same."""
    sentences: tuple[tuple[str, str], ...]
    """Id and sentence of each contract that runs."""
    skipped: tuple[tuple[str, str], ...]
    """Id and reason of each that does not."""
    notes: tuple[str, ...] = ()
    """Warnings of the check."""
    held: bool = False
    """Whether a level contract is among those that run: its trigger must be held."""


def asset_facts(
    asset: Path, *, couplings: Path | None = None, articulation: str | None = None
) -> AssetFacts:
    """What a gate says of the asset.

    Raises:
        ContractError: the asset or the couplings cannot be read, no single articulation is meant,
            the check finds errors, or no contract can run.
    """
    found, bundle, issues = read_contracts(asset, couplings=couplings, articulation=articulation)
    names = tuple(joint.name for joint in found.movable)
    if faults := errors_of(issues):
        raise ContractError(faults)
    running = judged(bundle, names)
    if not running:
        raise ContractError(_nothing_runs(asset, bundle))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the report lists what is skipped
        compiled = compile_bundle(bundle, names)
    off = [(each.id, "it is disabled") for each in bundle.contracts if not each.enabled]
    return AssetFacts(
        articulation=found.root,
        joint_names=names,
        fingerprint=compiled.fingerprint,
        sentences=tuple((each.id, str(each)) for each in running),
        skipped=(*((each.id, each.reason) for each in compiled.skipped), *off),
        notes=tuple(str(issue) for issue in issues if issue.severity is Severity.WARNING),
        held=any(each.mode == Mode.LEVEL for each in running),
    )


def _nothing_runs(asset: Path, bundle: Bundle) -> Issue:
    if not bundle.contracts:
        fix = "add one with causal-contracts add, or give --couplings FILE"
        return error(str(asset), "has no contracts", fix)
    return error(str(asset), "none of its contracts can run", "see causal-contracts check")
