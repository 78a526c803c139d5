# SPDX-License-Identifier: Apache-2.0
"""Couplings and the articulations of a scene to bound terms, by joint name."""

from __future__ import annotations

import os
import warnings
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import torch
import warp as wp
from causal_contracts.core.compile import compile_bundle
from causal_contracts.core.ir import CompiledCouplings, Skipped
from causal_contracts.core.issue import ContractError, Issue, error, nearest
from causal_contracts.core.model import Bundle
from causal_contracts.core.term import CouplingTerm

from .binding_report import driving_issues, folding_issues, policy_issues
from .bundle_split import read_any, split
from .gather_kernel import gather, load

if TYPE_CHECKING:
    from isaaclab.assets import Articulation

OneBundle = Bundle | str | os.PathLike[str]
Frontend = Literal["torch", "warp"]
Couplings = OneBundle | Mapping[str, OneBundle]
"""A bundle or the path of a couplings.json or USD asset; or several, by articulation name."""


@dataclass(frozen=True, slots=True)
class Binding:
    """Contracts that run on one articulation of a scene."""

    name: str
    """The articulation's name in the scene."""
    articulation: Articulation
    compiled: CompiledCouplings
    """The bundle against this articulation's joint order, as the author wrote it."""
    term: CouplingTerm
    """The running rule; in the native arm its contracts are all switched off."""
    issues: tuple[Issue, ...]
    """What was found at binding and does not stop it, each one also a warning."""

    staging: wp.array
    """Where positions are gathered that a backend keeps strided, shape (num_envs, num_joints)."""
    staging_torch: torch.Tensor
    """The same memory."""

    @property
    def skipped(self) -> tuple[Skipped, ...]:
        """Contracts that do not run, with the reason."""
        return self.compiled.skipped

    def joint_pos(self) -> torch.Tensor:
        """Measured positions [rad or m], float32, contiguous, shape (num_envs, num_joints).

        PhysX fills them on access. Newton keeps the joints of all articulations of an environment
        side by side, so that with several of them each one's positions are strided.
        """
        measured = self.articulation.data.joint_pos.torch
        return measured if measured.is_contiguous() else self.staging_torch.copy_(measured)

    def joint_pos_warp(self) -> wp.array:
        """As `joint_pos`, without torch: at most one launch, which a graph records."""
        return gather(self.articulation.data.joint_pos.warp, self.staging)


def bind_couplings(
    couplings: Couplings,
    articulations: Mapping[str, Articulation],
    *,
    strict: bool = True,
    native: bool = False,
    policy_joints: Collection[str] = (),
    folded: int = 1,
    frontend: Frontend = "torch",
) -> tuple[Binding, ...]:
    """Compile couplings against the joint order that each articulation has on its backend.

    Of one bundle each contract goes to the articulation that has its joints; a dict says which
    articulation gets which bundle. Physics must have started, or joint names are not known.

    Args:
        couplings: a Bundle, the path of a couplings.json or USD asset, or a dict of these.
        articulations: by name, e.g. ``env.scene.articulations``.
        strict: raise where joints are missing; otherwise they go to `Binding.skipped`.
        native: bind with every contract switched off, so that the asset acts by itself.
        policy_joints: joints known to be commanded by the policy.
        folded: physics substeps that one call serves, see `folded_decimation`.
        frontend: what the terms' flags and parameters are.

    Raises:
        ContractError: a file is malformed, a joint or an articulation is missing (all are listed,
            with the nearest names), or a contract fits several articulations.
    """
    faults: list[Issue] = []
    rules: dict[str, CompiledCouplings] = {}
    for name, bundle in _by_articulation(couplings, articulations, strict).items():
        try:
            joint_names = articulations[name].joint_names
            rules[name] = compile_bundle(bundle, joint_names, strict=strict)
        except ContractError as found:
            faults += _addressed(found, name, several=isinstance(couplings, Mapping))
    if faults:
        raise ContractError(faults)
    bindings = tuple(
        _bind(name, articulations[name], compiled, native, policy_joints, folded, frontend)
        for name, compiled in rules.items()
    )
    for binding in bindings:
        for issue in binding.issues:
            warnings.warn(str(issue), stacklevel=2)
    return bindings


def folded_decimation(env: Any) -> int:
    """Physics substeps that one `_apply_action` serves: 1, or the whole decimation.

    Newton with explicit actuators steps the whole decimation in one call.
    """
    return env.cfg.decimation if getattr(env, "_physics_handles_decimation", False) else 1


def _by_articulation(
    couplings: Couplings, articulations: Mapping[str, Articulation], strict: bool
) -> dict[str, Bundle]:
    if not isinstance(couplings, Mapping):
        joints = {name: list(art.joint_names) for name, art in articulations.items()}
        return split(read_any(couplings), joints, strict=strict)
    unknown = [
        error(
            f"couplings[{name!r}]", "no articulation of that name", nearest(name, [*articulations])
        )
        for name in couplings
        if name not in articulations
    ]
    if unknown:
        raise ContractError(unknown)
    return {name: read_any(one) for name, one in couplings.items()}


def _addressed(found: ContractError, name: str, *, several: bool) -> list[Issue]:
    if not several:
        return list(found.issues)
    return [replace(issue, address=f"{name}: {issue.address}") for issue in found.issues]


def _bind(
    name: str,
    articulation: Articulation,
    compiled: CompiledCouplings,
    native: bool,
    policy_joints: Collection[str],
    folded: int,
    frontend: Frontend,
) -> Binding:
    rule = switched_off(compiled) if native else compiled
    num_envs, device = articulation.num_instances, articulation.device
    with torch.inference_mode(False):  # state that can be written outside of inference mode
        term = CouplingTerm(rule, num_envs, device, frontend=frontend)
        staging: wp.array = wp.empty(
            (num_envs, compiled.num_joints),
            dtype=wp.float32,  # pyright: ignore[reportArgumentType]
            device=term.device,
        )
        staging_torch = wp.to_torch(staging)
    if frontend == "warp":
        load(term.device)
    issues = (
        *driving_issues(compiled, articulation),
        *policy_issues(compiled, policy_joints),
        *folding_issues(compiled, folded),
    )
    return Binding(name, articulation, compiled, term, issues, staging, staging_torch)


def switched_off(compiled: CompiledCouplings) -> CompiledCouplings:
    """The same rows with every contract disabled."""
    bundle = Bundle(tuple(replace(contract, enabled=False) for contract in compiled.contracts))
    return compile_bundle(bundle, compiled.joint_names)
