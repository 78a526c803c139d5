# SPDX-License-Identifier: Apache-2.0
"""One asset and settings to a report: trains both arms, writes report and picture."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import msgspec
from causal_contracts.core.issue import ContractError, error

from .arm import Arm, ArmRequest, ArmResult, Iteration
from .report import FILE_NAME, TrainingReport, write_training_report
from .settings import Settings, settings_issues

if TYPE_CHECKING:
    from .facts import AssetFacts

PICTURE = "curves.png"


class GateRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One asset, and the folder for its report."""

    asset: Path
    folder: Path
    settings: Settings


def require_installed(*packages: str) -> None:
    """Raise ContractError where a package of the extra `lab` is missing."""
    fix = "pip install 'causal-contracts[lab]'"
    what = "is not installed, and training needs it"
    missing = [error(name, what, fix) for name in packages if find_spec(name) is None]
    if missing:
        raise ContractError(missing)


def arm_request(asset: Path, settings: Settings, arm: Arm, *, out: Path | None) -> ArmRequest:
    """The request of one arm; `settings` are those that `settings_issues` finds nothing in."""
    values: dict[str, Any] = msgspec.structs.asdict(settings)
    values["articulation"] = settings.articulation or "."
    return ArmRequest(asset=asset, arm=arm, out=out, **values)


def facts_for(asset: Path, settings: Settings) -> AssetFacts:
    """What is known of the asset, once the settings and the installation are in order.

    Raises:
        ContractError: a setting cannot be used, the asset has no contract that can run, or Isaac
            Lab is not installed.
    """
    if faults := settings_issues(settings):
        raise ContractError(faults)
    from .facts import asset_facts  # reads USD; what is wrong before needs none

    facts = asset_facts(asset, couplings=settings.couplings, articulation=settings.articulation)
    require_installed("isaaclab")
    return facts


def run_gate(
    request: GateRequest,
    *,
    on_iteration: Callable[[Arm, Iteration], None] = lambda arm, row: None,
    progress: Callable[[str], None] = lambda line: None,
) -> TrainingReport:
    """Train both arms and write `coupling_training_report.json` and `curves.png` into the folder.

    Args:
        request: the asset, the folder, which is made where it is missing, and the settings.
        on_iteration: told of each PPO update.
        progress: told what is going on.

    Raises:
        ContractError: the asset or a setting cannot be used, or a file cannot be written.
    """
    with suppress(OSError):  # a report of an earlier run must not stand for this one
        (request.folder / FILE_NAME).unlink(missing_ok=True)
    facts = facts_for(request.asset, request.settings)
    make_folder(request.folder)
    results = {}
    for arm in get_args(Arm):
        progress(f"The {arm} arm of {request.asset.name}")
        results[arm] = train_arm(
            arm_request(request.asset, request.settings, arm, out=request.folder / arm),
            on_iteration=partial(on_iteration, arm),
            progress=progress,
        )
    from .curves import write_curves
    from .learner_settings import learner_settings
    from .summary import training_report

    report = training_report(
        results["contract"],
        results["native"],
        facts,
        folder=request.folder,
        hyperparameters=learner_settings(results["contract"], held=facts.held),
    )
    write_training_report(report, request.folder / FILE_NAME)
    write_curves(report, request.folder / PICTURE)
    return report


def train_arm(
    request: ArmRequest,
    *,
    on_iteration: Callable[[Iteration], None],
    progress: Callable[[str], None],
) -> ArmResult:
    """Train one arm; beside its policy stands what the policy's numbers mean.

    Raises:
        ContractError: the asset or the request cannot be used, or a file cannot be written.
    """
    from causal_contracts.preview.quiet_start import start_warp

    start_warp()
    from .run_arm import run_arm

    result = run_arm(request, on_iteration=on_iteration, progress=progress)
    if result.policy is not None:
        from .policy import load_policy
        from .policy_facts import policy_facts, write_policy_facts

        write_policy_facts(policy_facts(request, load_policy(result.policy)), result.policy)
    return result


def make_folder(folder: Path) -> None:
    """Make a folder with its parents.

    Raises:
        ContractError: it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        what = f"cannot be made: {fault.strerror}"
        raise ContractError(error(str(folder), what, "choose another --out")) from fault
