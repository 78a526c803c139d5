# SPDX-License-Identifier: Apache-2.0
"""An ArmRequest to an ArmResult: build the task, train, evaluate, close everything again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from causal_contracts.core.articulation import Articulation
from causal_contracts.core.issue import ContractError, Issue, error, errors_of, nearest
from causal_contracts.core.model import Bundle
from causal_contracts.preview.causality import judged
from causal_contracts.preview.episode import read_contracts
from causal_contracts.preview.hand import hand_joints
from causal_contracts.preview.scene import Scene, build_scene
from causal_contracts.preview.versions import package_versions

from .arm import ArmRequest, ArmResult, Evaluation, Iteration, NanRecord, Rates
from .world import World, world

if TYPE_CHECKING:
    from .policy import PolicyModule, TrainedPolicy

PACKAGES = (
    "causal-contracts",
    "isaaclab",
    "newton",
    "mujoco-warp",
    "ovphysx",
    "warp-lang",
    "torch",
    "rsl-rl-lib",
    "skrl",
)
POLICY = "policy.pt"
"""Name of the written policy in the folder of the request."""
LOGS = "logs"
"""Folder of the learner's own logs below it."""
NO_END = 1.0e6
"""Seconds: an evaluation ends when it has seen enough."""
LEAST_WINDOW, MOST_WINDOW = 1.0, 60.0
"""Seconds; an episode lasts twice as long, and a press takes up to one."""


def _ignore(_: object) -> None:
    pass


@dataclass(frozen=True)
class _Setup:
    """What every environment of one arm is made from."""

    request: ArmRequest
    scene: Scene
    articulation: Articulation
    bundle: Bundle
    progress: Callable[[str], None]

    def task(self, num_envs: int, seconds: float | None = None) -> AbstractContextManager[Any]:
        """The running task; its episodes last `seconds` where given."""
        from ..tasks.contract_task_cfg import contract_task_cfg
        from .running_task import running_task

        request = self.request
        cfg = contract_task_cfg(
            self.scene,
            self.articulation,
            self.bundle,
            native=request.arm == "native",
            backend=request.backend,
            num_envs=num_envs,
            seed=request.seed,
            device=request.device,
            window=request.window,
        )
        if seconds is not None:
            cfg.episode_length_s = seconds
        return running_task(cfg, self.progress)


def run_arm(
    request: ArmRequest,
    *,
    on_iteration: Callable[[Iteration], None] = _ignore,
    progress: Callable[[str], None] = _ignore,
) -> ArmResult:
    """Train one arm from nothing, evaluate it, and close every environment it made.

    Several calls in one process may follow each other. Under torchrun every process makes the same
    call: each has `num_envs` environments of its own, the iterations speak of all of them, and the
    first process alone tells and writes.

    Args:
        request: what to train.
        on_iteration: called after each PPO update.
        progress: called with one line for anything that takes over 2 s.

    Raises:
        ContractError: the asset, its contracts or the request cannot be used, or a simulation is
            alive in this process.
    """
    began = time.perf_counter()
    articulation, bundle = _read(request)
    names = [joint.name for joint in articulation.movable]
    hand = hand_joints(judged(bundle, names), names)
    progress("Importing Isaac Lab ...")
    from .running_task import aloud

    here = world()
    own = here.own(request)
    if own.out is not None:
        own.out.mkdir(parents=True, exist_ok=True)
    with closing(build_scene(request.asset, articulation.root, hand_joints=hand)) as scene:
        setup = _Setup(own, scene, articulation, bundle, aloud(progress))
        trained = _train(setup, here, aloud(on_iteration))
        # every process has the same policy, and evaluates it with the same seed
        setup = replace(setup, request=replace(own, seed=request.seed))
        evaluation, scripted = _evaluate(setup, trained.policy)
    return ArmResult(
        request=request,
        iterations=trained.iterations,
        contracts=trained.contracts,
        nan=trained.nan,
        evaluation=evaluation,
        scripted=scripted,
        policy=None if own.out is None else trained.policy.save(own.out / POLICY),
        versions=dict(package_versions(PACKAGES)),
        seconds=time.perf_counter() - began,
    )


@dataclass(frozen=True)
class _Trained:
    policy: TrainedPolicy
    iterations: tuple[Iteration, ...]
    contracts: dict[str, Rates]
    nan: NanRecord


def _train(setup: _Setup, here: World, on_iteration: Callable[[Iteration], None]) -> _Trained:
    request = setup.request
    setup.progress(f"Building {request.num_envs} environments ...")
    from .process_group import process_group

    with process_group(), setup.task(request.num_envs) as task:
        from .policy import TrainedPolicy
        from .tally import Tally

        tally = Tally(task, on_iteration=on_iteration, world=here)
        setup.progress(f"Training the {request.arm} arm with {request.library} ...")
        module = _learner(request.library)(
            task,
            iterations=request.iterations,
            logs=None if request.out is None else request.out / LOGS,
            after_update=tally.update,
        )
        policy = TrainedPolicy(
            module, request.library, task.observation_names, tuple(task.cfg.couplings_policy_joints)
        )
        return _Trained(policy, tuple(tally.iterations), tally.contracts(), tally.nan())


def _learner(library: str) -> Callable[..., PolicyModule]:
    match library:
        case "rsl_rl":
            from .rsl_rl_learner import train_rsl_rl

            return train_rsl_rl
        case "skrl":
            from .skrl_learner import train_skrl

            return train_skrl
        case _:
            what = f"no learner is called '{library}'"
            raise ContractError(error("library", what, nearest(library, ["rsl_rl", "skrl"])))


def _evaluate(setup: _Setup, policy: TrainedPolicy) -> tuple[Evaluation, Evaluation]:
    """One episode of the policy and one of the scripted hand, in fresh environments."""
    request, seconds = setup.request, 2 * setup.request.window
    setup.progress(f"Evaluating in {request.eval_envs} environments ...")
    with setup.task(request.eval_envs, seconds=NO_END) as task:
        from .evaluate import evaluate_policy, evaluate_scripted

        bundle, window = setup.bundle, request.window
        return (
            evaluate_policy(task, bundle, policy.act, seconds=seconds, window=window),
            evaluate_scripted(
                task,
                setup.articulation,
                bundle,
                seconds=seconds,
                window=window,
                seed=request.seed,
            ),
        )


def _read(request: ArmRequest) -> tuple[Articulation, Bundle]:
    """The articulation and its contracts; every fault at once."""
    where = None if request.articulation == "." else request.articulation
    articulation, bundle, issues = read_contracts(
        request.asset, couplings=request.couplings, articulation=where
    )
    if faults := [*errors_of(issues), *_faults(request)]:
        raise ContractError(faults)
    return articulation, bundle


def _faults(request: ArmRequest) -> Iterator[Issue]:
    for name in ("num_envs", "iterations", "eval_envs"):
        if getattr(request, name) < 1:
            yield error(name, f"{getattr(request, name)} cannot be used", "give 1 or more")
    if not LEAST_WINDOW <= request.window <= MOST_WINDOW:
        fix = f"give {LEAST_WINDOW:g} to {MOST_WINDOW:g} s"
        yield error("window", f"{request.window:g} s cannot be used", fix)
