# SPDX-License-Identifier: Apache-2.0
"""Every way in which a task of `tools/bench step` runs its rule, and what each is compared with."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

import torch
import warp as wp
from causal_contracts.core import Bundle, CompiledCouplings, CouplingTerm, compile_bundle
from causal_contracts.lab.baselines import BASELINES

from .step_env import Rule, StepEnv

ALONE, CAPTURED, MIXED = "no rule", "no rule, captured", "no rule, through the mixin"
ENDING = "no rule, episodes end"
"""What a step costs by itself: as users of torch write it, as Warp-first tasks do, and with
targets of its own, without and with episodes that end in every step."""
MANY = 16


@dataclass(frozen=True)
class Way:
    """One row: what to do to an environment so that it runs this way, and its bare row."""

    bare: str
    use: Callable[[StepEnv], None]
    acts: bool = True
    """Whether doors open by the rule and not by the task."""


def ways_of(env: StepEnv) -> dict[str, Way]:
    """The rows in the order of the table."""
    names = tuple(env.asset.joint_names)
    one, many = (compile_bundle(repeated(env.bundle, n), names) for n in (1, MANY))
    rows: dict[str, Way] = {}

    def add(name: str, bare: str, use: Callable[[StepEnv], None]) -> None:
        rows[name] = Way(bare, use, acts=name != bare)

    for name, rule in _rules(env, one, many).items():
        add(name, ALONE, lambda env, rule=rule: _by_rule(env, rule))
    for name, stage in _stages(env, one, many).items():
        add(name, CAPTURED, lambda env, stage=stage: _by_stage(env, stage))
    bound = env._bound(), env.coupling_metrics
    for bare, end in ((MIXED, False), (ENDING, True)):
        after = ", episodes end" if end else ""
        for name, bindings, metrics in (
            (bare, (), {}),
            (f"mixin without metrics{after}", bound[0], {}),
            (f"mixin{after}", *bound),
        ):

            def use(env: StepEnv, bindings=bindings, metrics=metrics, end=end) -> None:  # noqa: ANN001
                _by_rule(env, None)
                env.mixin = True
                env._contract_bindings, env._contract_metrics = bindings, metrics
                env.end_episodes(end=end)

            add(name, bare, use)
    return rows


def repeated(bundle: Bundle, count: int) -> Bundle:
    """`count` copies of the asset's contract, under ids of their own."""
    first = bundle.contracts[0]
    copies = (dataclasses.replace(first, id=f"{first.id}_{i:02d}") for i in range(count))
    return dataclasses.replace(bundle, contracts=tuple(copies))


def _by_rule(env: StepEnv, rule: Rule | None) -> None:
    env.rule, env.stage, env.mixin = rule, None, False
    env._contract_bindings, env._contract_metrics = (), {}
    env.end_episodes(end=False)


def _by_stage(env: StepEnv, stage: wp.Graph) -> None:
    _by_rule(env, None)
    env.stage = stage


def _rules(env: StepEnv, one: CompiledCouplings, many: CompiledCouplings) -> dict[str, Rule | None]:
    """No rule, the term with one contract and with many, and the baselines."""
    place = env.num_envs, str(env.device)
    rules: dict[str, Rule | None] = {ALONE: None}
    for label, compiled in (("1 contract", one), (f"{MANY} contracts", many)):
        rules[f"term, {label}"] = _in_place(compiled, *place)
        rules[f"term recorded, {label}"] = _recorded(compiled, *place)
    for name in ("torch.where in place", "torch.where", "transition loop"):
        rules[name] = BASELINES[name](one, *place).apply
    where = BASELINES["torch.where in place"](many, *place)
    rules[f"torch.where in place, {MANY} contracts"] = where.apply
    rules["per-environment Python"] = BASELINES["per-environment Python"](one, *place).apply
    return rules


def _in_place(compiled: CompiledCouplings, num_envs: int, device: str) -> Rule:
    """The term over the task's own targets."""
    term = CouplingTerm(compiled, num_envs, device, frontend="torch")
    return lambda joint_pos, targets: term.apply(joint_pos, targets, out=targets)


def _recorded(compiled: CompiledCouplings, num_envs: int, device: str) -> Rule:
    """The same as a recorded call, since Newton's positions and the task's targets stay put."""
    term = CouplingTerm(compiled, num_envs, device, frontend="torch")
    call: Callable[[], None] | None = None

    def rule(joint_pos: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        nonlocal call
        if call is None:
            call = term.recorded(joint_pos, targets, out=targets)
        call()
        return targets

    return rule


def _stages(env: StepEnv, one: CompiledCouplings, many: CompiledCouplings) -> dict[str, wp.Graph]:
    """`_apply_action` as one graph, as Warp-first tasks run it: without the term and with it."""
    return {
        CAPTURED: _captured(env, None),
        "term captured, 1 contract": _captured(env, one),
        f"term captured, {MANY} contracts": _captured(env, many),
    }


def _captured(env: StepEnv, compiled: CompiledCouplings | None) -> wp.Graph:
    """A graph of the task's targets, the rule over them where there is one, and the drives."""
    wanted, targets = wp.from_torch(env.wanted), env.targets
    term = compiled and CouplingTerm(compiled, env.num_envs, env.device, frontend="warp")

    def stage() -> None:
        wp.copy(targets, wanted)
        if term is not None:
            term.apply(env.asset.data.joint_pos.warp, targets, out=targets)
        env.asset.actuators.target_command.set_position_mask(value=targets)

    stage()  # what is compiled or allocated at first is not captured
    with wp.ScopedCapture(env.device) as capture:
        stage()
    assert capture.graph is not None
    env.kept.append((wanted, term))
    return capture.graph
