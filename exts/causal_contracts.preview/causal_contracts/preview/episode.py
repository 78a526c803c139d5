# SPDX-License-Identifier: Apache-2.0
"""An asset, its bundle and the settings of an episode to a recording and a report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from causal_contracts.core.articulation import Articulation
from causal_contracts.core.issue import ContractError, Issue, error
from causal_contracts.core.model import Bundle

from .asset_contracts import read_contracts
from .causality import judge, judged
from .hand import Hand, Press, hand_joints, plan_presses
from .loop import Frame, Recording, record, rest_targets
from .measured import Episode
from .report import PreviewReport, Reason
from .summary import contract_row, hand_rows, inert_rows, issue_rows, nan_clones, rates, reset_row
from .verdict import verdict
from .versions import package_versions

if TYPE_CHECKING:
    from causal_contracts.core.ir import CompiledCouplings

    from .clones import Clones


@dataclass(frozen=True, slots=True)
class Settings:
    """How an episode runs; times in seconds."""

    sim: str = "physx"
    num_envs: int = 16
    seconds: float = 4.0
    window: float = 2.0
    """Time T that an effect may take after its cause."""
    settle: float = 0.5
    """Time before the first press."""
    seed: int = 0
    press: float = 0.5
    """Share of the clones in which each trigger is pressed, 0 to 1."""
    native: bool = False
    """Contracts off: what the asset does by itself."""

    def __post_init__(self) -> None:
        faults = [
            error(f"--{name}", f"{value:g} cannot be used", fix)
            for name, value, good, fix in (
                ("num-envs", self.num_envs, 1 <= self.num_envs <= 4096, "give 1 to 4096 clones"),
                ("seconds", self.seconds, 0 < self.seconds <= 600, "give up to 600 s"),
                ("window", self.window, 0 < self.window <= 600, "give a time above 0 s"),
                ("settle", self.settle, self.settle >= 0, "give 0 s or more"),
                ("seed", self.seed, self.seed >= 0, "give 0 or more"),
                ("press", self.press, 0 <= self.press <= 1, "give a share from 0 to 1"),
            )
            if not good
        ]
        if faults:
            raise ContractError(faults)


@dataclass(frozen=True, slots=True)
class Preview:
    """What a preview gives back."""

    report: PreviewReport
    recording: Recording


def preview_asset(
    asset: str | Path,
    *,
    settings: Settings = Settings(),
    couplings: str | Path | None = None,
    articulation: str | None = None,
    progress: Callable[[str], None] = lambda line: None,
    on_frame: Callable[[Frame], None] | None = None,
) -> Preview:
    """Previews the contracts on an asset, or those of a couplings.json, on clones of it.

    Raises `ContractError` where the asset or the couplings cannot be read, no contract can run,
    or the settings leave no time to press.
    """
    from .clones import ClonesRequest, make_clones

    facts, bundle, issues = read_contracts(asset, couplings=couplings, articulation=articulation)
    names = [joint.name for joint in facts.movable]
    runnable = judged(bundle, names)
    if not runnable:
        raise ContractError(_nothing_to_run(asset, bundle, issues))
    request = ClonesRequest(
        asset=Path(asset),
        articulation=facts.root,
        num_envs=settings.num_envs,
        hand_joints=hand_joints(runnable, names),
        progress=progress,
    )
    with closing(make_clones(settings.sim, request)) as clones:
        return preview_clones(
            clones, facts, bundle, settings=settings, issues=issues, on_frame=on_frame
        )


def preview_clones(
    clones: Clones,
    articulation: Articulation,
    bundle: Bundle,
    *,
    settings: Settings = Settings(),
    issues: Sequence[Issue] = (),
    on_frame: Callable[[Frame], None] | None = None,
) -> Preview:
    """Runs one episode on clones that stand ready, and judges it."""
    import warnings

    import warp as wp
    from causal_contracts.core.compile import compile_bundle
    from causal_contracts.core.term import CouplingTerm

    names = tuple(clones.joint_names)
    with warnings.catch_warnings():
        # The report lists what was skipped; the warning would say it twice.
        warnings.simplefilter("ignore")
        compiled = compile_bundle(bundle, names)
    runnable = judged(bundle, names)
    rest = rest_targets(bundle, articulation, names, clones.joint_pos().numpy()[0])
    presses = plan_presses(
        runnable,
        articulation,
        names,
        rest,
        num_envs=clones.num_envs,
        seconds=settings.seconds,
        settle=settings.settle,
        window=settings.window,
        fraction=settings.press,
        seed=settings.seed,
    )
    hand = Hand(presses, clones.num_envs, len(names))
    with wp.ScopedDevice(clones.device):
        term = (
            None
            if settings.native
            else CouplingTerm(compiled, clones.num_envs, clones.device, frontend="warp")
        )
        recording = record(
            clones,
            term,
            hand,
            rest,
            steps=round(settings.seconds / clones.dt) + 1,
            ids=() if settings.native else compiled.ids,
            settle=settings.settle,
            on_frame=on_frame,
        )
    report = _report(
        clones, articulation, bundle, compiled, settings, issues, recording, presses, hand
    )
    return Preview(report, recording)


def _report(
    clones: Clones,
    articulation: Articulation,
    bundle: Bundle,
    compiled: CompiledCouplings,
    settings: Settings,
    issues: Sequence[Issue],
    recording: Recording,
    presses: Sequence[Press],
    hand: Hand,
) -> PreviewReport:
    episode = Episode(
        recording.positions, recording.joint_names, recording.dt, settings.settle, hand.started_at
    )
    judgements = judge(bundle, episode, window=settings.window)
    rows = [contract_row(judgement, recording, presses) for judgement in judgements]
    inert = inert_rows(bundle, articulation)
    skipped = [Reason(contract=skip.id, why=skip.reason) for skip in compiled.skipped]
    skipped += [
        Reason(contract=c.id, why="disabled on the asset")
        for c in bundle.contracts
        if not c.enabled
    ]
    found, lost, reset = (
        issue_rows(issues),
        nan_clones(recording.positions),
        reset_row(recording.latch_reset),
    )
    return PreviewReport(
        asset=bundle.asset or articulation.asset or "asset",
        articulation_root=articulation.root,
        sim=settings.sim,
        engine=clones.engine,
        device=clones.device,
        versions=dict(package_versions()),
        arm="native" if settings.native else "contracts",
        seed=settings.seed,
        num_envs=clones.num_envs,
        press=settings.press,
        dt=clones.dt,
        seconds=settings.seconds,
        settle=settings.settle,
        window=settings.window,
        hand=hand_rows(presses, clones.given_drives),
        overall=rates(judgements),
        contracts=rows,
        inert=inert,
        skipped=skipped,
        issues=found,
        nan_clones=lost,
        latch_reset=reset,
        verdict=verdict(
            rows,
            issues=found,
            inert=inert,
            skipped=skipped,
            lost=lost,
            reset=reset,
            native=settings.native,
        ),
    )


def _nothing_to_run(asset: str | Path, bundle: Bundle, issues: Sequence[Issue]) -> list[Issue]:
    if not bundle.contracts:
        return [
            error(
                str(asset),
                "has no contracts",
                "add one with: causal-contracts add, or give --couplings FILE",
            )
        ]
    faults = [issue for issue in issues if issue.severity == "error"]
    return faults or [
        error(str(asset), "none of its contracts can run", "see: causal-contracts check")
    ]
