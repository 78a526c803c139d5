# SPDX-License-Identifier: Apache-2.0
"""What people write instead of a compiled contract, each with the same two calls.

`apply(joint_pos, targets) -> targets` and `reset(env_ids)`, over torch tensors of shape
(num_envs, num_joints) [rad or m]. The benchmark, the tests and the native arm run these.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import torch
from causal_contracts.core import CompiledCouplings

from .editor_callback import EditorCallback
from .per_environment_python import PerEnvironmentPython
from .torch_where import TorchWhere, TorchWhereInPlace
from .transition_loop import TransitionLoop


class Baseline(Protocol):
    """A rule in the environment's step."""

    def apply(self, joint_pos: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """The targets with effects written, once per environment step."""
        ...

    def reset(self, env_ids: torch.Tensor) -> None:
        """Forget what happened in these environments, int indices."""
        ...


BASELINES: dict[str, Callable[[CompiledCouplings, int, str], Baseline]] = {
    "torch.where": TorchWhere,
    "torch.where in place": TorchWhereInPlace,
    "per-environment Python": PerEnvironmentPython,
    "transition loop": TransitionLoop,
    "editor callback": EditorCallback,
}
"""By the names that reports show; arguments: the rule, the number of environments, the device."""

IN_PLACE = frozenset({"torch.where in place", "per-environment Python", "transition loop"})
"""Those that return the tensor they were given, written."""
INERT = frozenset({"editor callback"})
"""Those that change nothing when training runs headless."""

__all__ = [
    "BASELINES",
    "INERT",
    "IN_PLACE",
    "Baseline",
    "EditorCallback",
    "PerEnvironmentPython",
    "TorchWhere",
    "TorchWhereInPlace",
    "TransitionLoop",
]
