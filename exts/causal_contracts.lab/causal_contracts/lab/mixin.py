# SPDX-License-Identifier: Apache-2.0
"""CompiledCouplingMixin: contracts in a DirectRLEnv or DirectMARLEnv, two lines in the task."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import torch
from causal_contracts.core.issue import ContractError, error, nearest

from .binding import Binding, bind_couplings, folded_decimation
from .metrics import ContractMetrics, merged

if TYPE_CHECKING:
    from causal_contracts.core.term import CouplingTerm
    from isaaclab.assets import Articulation
    from isaaclab.envs import DirectRLEnv as _Env
else:
    _Env = object

LOG_PREFIX = "Contracts/"


class CompiledCouplingMixin(_Env):
    """Runs a bundle inside the physics step; stands first among a task's bases.

    ::

        class CoffeeTask(CompiledCouplingMixin, DirectRLEnv):
            def _apply_action(self):
                self.robot.actuators.target_command.set_position_index(
                    value=self.apply_couplings(self.targets)
                )

    Read from the task's `cfg`; all but the first are optional:

    - ``couplings``: a Bundle, the path of a couplings.json or USD asset, or a dict from
      articulation name to these; None runs the task without contracts.
    - ``couplings_strict`` (True): raise where a joint is missing, instead of skipping a contract.
    - ``couplings_native`` (False): measure the contracts and let none act.
    - ``couplings_window`` (2.0): seconds that an effect may take, for the metrics; None: no metrics
    - ``couplings_policy_joints`` (()): joints that the policy commands, for the report at binding

    A task that overrides `_reset_idx` calls ``super()._reset_idx(env_ids)``, then writes joints.
    """

    _contract_bindings: tuple[Binding, ...] | None = None
    _contract_metrics: dict[str, ContractMetrics]

    def apply_couplings(
        self, targets: torch.Tensor, articulation: str | Articulation | None = None
    ) -> torch.Tensor:
        """Read the measured positions and return the targets with those of active contracts.

        Args:
            targets: the task's drive targets [rad or m], float32, shape (num_envs, num_joints);
                never changed.
            articulation: which one they are for, where contracts run on several.

        Returns:
            A buffer that the next call overwrites; `targets` itself where couplings are None.

        Raises:
            ContractError: the couplings do not fit the scene (at the first call), or
                `articulation` has none.
        """
        if not self._bound():
            return targets
        binding = self._binding_of(articulation)
        joint_pos = binding.joint_pos()
        metrics = self._contract_metrics.get(binding.name)
        if metrics is not None:
            metrics.watch(joint_pos, self.common_step_counter)
        return binding.term.apply(joint_pos, targets)  # pyright: ignore[reportReturnType]

    def reset_couplings(self, env_ids: Sequence[int] | torch.Tensor | slice | None = None) -> None:
        """Clear the latches of some environments and of no other; of all where None."""
        for binding in self._bound():
            binding.term.reset(env_ids)

    @property
    def couplings(self) -> CouplingTerm:
        """The running term, with its `fired`, `latched` and `active` flags.

        Raises:
            ContractError: there is none, or there are several: see `coupling_bindings`.
        """
        self._bound()
        return self._binding_of(None).term

    @property
    def coupling_bindings(self) -> dict[str, Binding]:
        """By articulation name: compiled bundle, term, what was skipped, what was reported."""
        return {binding.name: binding for binding in self._bound()}

    @property
    def coupling_metrics(self) -> dict[str, ContractMetrics]:
        """By articulation name: the running judgement of cause and effect; empty if off."""
        self._bound()
        return self._contract_metrics

    def step(self, *args: Any, **kwargs: Any) -> Any:  # pyright: ignore
        """Step the environment; contract metrics join a new dict in ``extras["log"]``."""
        result = super().step(*args, **kwargs)
        if values := merged(list(self._contract_metrics.items()), LOG_PREFIX):
            self.extras["log"] = {**self.extras.get("log", {}), **values}
        return result

    def _reset_idx(self, env_ids: Any) -> None:
        # Before `super`, whose reset events may write joints: the last sample is the episode's own.
        for binding in self._bound():
            metrics = self._contract_metrics.get(binding.name)
            if metrics is not None:
                joint_pos = binding.joint_pos()
                metrics.end_episodes(joint_pos, _as_ids(env_ids, joint_pos))
        super()._reset_idx(env_ids)
        self.reset_couplings(env_ids)

    def _bound(self) -> tuple[Binding, ...]:
        """Bind on first use: joint names are known once physics has started."""
        if self._contract_bindings is None:
            self._contract_bindings, self._contract_metrics = self._bind()
        return self._contract_bindings

    def _bind(self) -> tuple[tuple[Binding, ...], dict[str, ContractMetrics]]:
        cfg: Any = self.cfg
        if not hasattr(cfg, "couplings"):
            what = f"{type(cfg).__name__} names no couplings"
            raise ContractError(
                error("cfg.couplings", what, "set the path of a couplings.json or of a USD asset")
            )
        if cfg.couplings is None:
            return (), {}
        bindings = bind_couplings(
            cfg.couplings,
            self.scene.articulations,
            strict=getattr(cfg, "couplings_strict", True),
            native=getattr(cfg, "couplings_native", False),
            policy_joints=getattr(cfg, "couplings_policy_joints", ()),
            folded=folded_decimation(self),
        )
        window = getattr(cfg, "couplings_window", 2.0)
        metrics = {
            each.name: ContractMetrics(
                each.compiled, self.num_envs, self.device, step_dt=self.step_dt, window=window
            )
            for each in bindings
            if window is not None and each.compiled.num_contracts
        }
        return bindings, metrics

    def _binding_of(self, articulation: str | Articulation | None) -> Binding:
        bindings = self._bound()
        names = [binding.name for binding in bindings]
        if articulation is None:
            if len(bindings) == 1:
                return bindings[0]
            fix = f"name one of {', '.join(names)}" if names else "set cfg.couplings"
            what = f"contracts run on {len(names)} articulations"
            raise ContractError(error("articulation", what, fix))
        for binding in bindings:
            if binding.name == articulation or binding.articulation is articulation:
                return binding
        wanted = articulation if isinstance(articulation, str) else articulation.cfg.prim_path
        what = f"no contract runs on '{wanted}'"
        raise ContractError(error("articulation", what, nearest(wanted, names)))


def _as_ids(env_ids: Any, like: torch.Tensor) -> torch.Tensor:
    """Any ids that Isaac Lab passes as an int32 or int64 tensor on the device of `like`."""
    if isinstance(env_ids, torch.Tensor):
        return env_ids
    if env_ids is None or isinstance(env_ids, slice):
        every = torch.arange(len(like), dtype=torch.int32, device=like.device)
        return every if env_ids is None else every[env_ids].contiguous()
    return torch.as_tensor(env_ids, dtype=torch.int32, device=like.device)
