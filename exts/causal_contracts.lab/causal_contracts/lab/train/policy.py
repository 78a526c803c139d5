# SPDX-License-Identifier: Apache-2.0
"""A trained policy: observations to actions as one plain module with its normaliser, in a file.

Both learners' policies become this one form, so that evaluation and export know a single one.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from causal_contracts.core.atomic import write_atomically
from causal_contracts.core.issue import ContractError, error
from torch import nn

FORMAT = "causal-contracts policy 1"


class PolicyModule(nn.Module):
    """``action = clamp(mlp(clamp((obs - mean) / scale, -clip, clip)), -1, 1)``, ELU between layers.

    Plain tensor operations alone, so that TorchScript and ONNX take it as it is.
    """

    def __init__(self, sizes: Sequence[int], clip: float = float("inf")) -> None:
        """Make an untrained policy.

        Args:
            sizes: width of every layer: observations, hidden ones, actions.
            clip: bound of a normalised observation.
        """
        super().__init__()
        self.sizes = tuple(sizes)
        self.clip = float(clip)
        self.mean: torch.Tensor
        self.scale: torch.Tensor
        self.register_buffer("mean", torch.zeros(sizes[0]))
        self.register_buffer("scale", torch.ones(sizes[0]))
        layers: list[nn.Module] = []
        for width, following in pairwise(sizes):
            layers += [nn.Linear(width, following), nn.ELU()]
        self.mlp = nn.Sequential(*layers[:-1])

    def forward(self, obs: torch.Tensor) -> torch.Tensor:
        """Actions -1 to 1, shape (num_envs, actions), of observations (num_envs, observations)."""
        normalised = torch.clamp((obs - self.mean) / self.scale, -self.clip, self.clip)
        return torch.clamp(self.mlp(normalised), -1.0, 1.0)


@dataclass(frozen=True, slots=True)
class TrainedPolicy:
    """What a training gives: a policy without exploration noise."""

    module: PolicyModule
    library: str
    """The learner that trained it."""
    observations: tuple[str, ...]
    """What each observation is, in order."""
    actions: tuple[str, ...]
    """Joint that each action commands, in order."""

    @property
    def obs_dim(self) -> int:
        """Number of observations."""
        return self.module.sizes[0]

    @property
    def action_dim(self) -> int:
        """Number of actions."""
        return self.module.sizes[-1]

    def act(self, obs: torch.Tensor) -> torch.Tensor:
        """Actions -1 to 1, shape (num_envs, action_dim), of observations (num_envs, obs_dim)."""
        with torch.inference_mode():
            return self.module(obs)

    def save(self, path: str | Path) -> Path:
        """Write the policy, the whole file or none of it.

        Raises:
            ContractError: the folder is missing or cannot be written.
        """
        state = {name: value.cpu() for name, value in self.module.state_dict().items()}
        content = {
            "format": FORMAT,
            "library": self.library,
            "sizes": list(self.module.sizes),
            "clip": self.module.clip,
            "observations": list(self.observations),
            "actions": list(self.actions),
            "state": state,
        }
        buffer = io.BytesIO()
        torch.save(content, buffer)
        write_atomically(Path(path), buffer.getvalue())
        return Path(path)


def load_policy(path: str | Path, device: str = "cpu") -> TrainedPolicy:
    """Read what `TrainedPolicy.save` wrote; nothing in the file is executed.

    Raises:
        ContractError: the file is missing or holds no policy.
    """
    content = _read(Path(path), device)
    module = PolicyModule(content["sizes"], content["clip"])
    module.load_state_dict(content["state"])
    return TrainedPolicy(
        module.to(device).eval(),
        content["library"],
        tuple(content["observations"]),
        tuple(content["actions"]),
    )


def _read(path: Path, device: str) -> dict[str, Any]:
    fix = "give the policy.pt that a training wrote"
    try:
        content = torch.load(path, map_location=device, weights_only=True)
    except OSError as fault:
        raise ContractError(
            error(str(path), f"cannot be read: {fault.strerror or fault}", fix)
        ) from fault
    except (RuntimeError, ValueError, EOFError, pickle.UnpicklingError) as fault:
        raise ContractError(error(str(path), "holds no policy", fix)) from fault
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise ContractError(error(str(path), "holds no policy of this project", fix))
    return content
