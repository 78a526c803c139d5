# SPDX-License-Identifier: Apache-2.0
"""A direct task's cfg and scene to bound terms and metrics: what its mixins share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from causal_contracts.core.issue import ContractError, error, nearest

from .binding import Binding, Frontend, bind_couplings, folded_decimation
from .logged_rates import merged
from .metrics import ContractMetrics

if TYPE_CHECKING:
    from causal_contracts.core.term import CouplingTerm
    from isaaclab.assets import Articulation
    from isaaclab.envs import DirectRLEnv as _Env
else:
    _Env = object

LOG_PREFIX = "Contracts/"


class BoundCouplings(_Env):
    """Binds on first use and logs; the mixins say when the rule runs and when it is reset."""

    _contract_frontend: ClassVar[Frontend] = "torch"
    _contract_bindings: tuple[Binding, ...] | None = None
    _contract_metrics: dict[str, ContractMetrics]

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
            frontend=self._contract_frontend,
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
