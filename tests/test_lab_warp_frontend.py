# SPDX-License-Identifier: Apache-2.0
"""Isaac Lab's frontend and the Warp terms: refused, registered, and the twin of each torch term."""

from __future__ import annotations

import pytest

pytest.importorskip("isaaclab_experimental", reason="Isaac Lab is not installed")

from causal_contracts.lab import mdp, warp_terms
from isaaclab_experimental.envs.frontend import WarpFrontend
from manager_tasks import Task
from warp_manager_tasks import SEVERAL


def test_isaac_lab_refuses_the_terms_before_they_are_registered(monkeypatch):
    roots = tuple(r for r in WarpFrontend.WARP_ROOT_PREFIXES if r.startswith("isaaclab"))
    mirrors = {k: v for k, v in WarpFrontend.MIRROR_ROOTS.items() if k.startswith("isaaclab")}
    monkeypatch.setattr(WarpFrontend, "WARP_ROOT_PREFIXES", roots)
    monkeypatch.setattr(WarpFrontend, "MIRROR_ROOTS", mirrors)

    def written_in_torch() -> Task:
        cfg = Task()
        cfg.events = None
        return cfg

    def written_in_warp() -> Task:
        cfg = written_in_torch()
        cfg.actions.contracts = warp_terms.ContractActionCfg(
            asset_name="microwave", couplings=SEVERAL
        )
        cfg.observations.policy.latched.func = warp_terms.contract_latched
        cfg.observations.contracts = None
        cfg.rewards = None
        return cfg

    for written in (written_in_torch, written_in_warp):
        refusal = WarpFrontend.check_compatibility(written())
        assert refusal is not None
        assert "no warp twin for 'ContractAction'" in refusal and "'contract_latched'" in refusal
    warp_terms.register_warp_frontend()
    warp_terms.register_warp_frontend()
    assert (*roots, "causal_contracts.lab.warp_terms") == WarpFrontend.WARP_ROOT_PREFIXES
    for written in (written_in_torch, written_in_warp):
        cfg = written()
        assert WarpFrontend.check_compatibility(cfg) is None
        assert cfg.actions.contracts.class_type is warp_terms.ContractAction
        assert cfg.observations.policy.latched.func is warp_terms.contract_latched


def test_every_torch_term_that_a_warp_manager_runs_has_a_twin_that_takes_the_same():
    import inspect

    from causal_contracts.lab.warp_terms import mdp as twins

    elsewhere = {"ContractActionCfg", "contract_action", "contract_fire_rate"}
    elsewhere |= {name for name in mdp.__all__ if "Recorder" in name or "_state" in name}
    assert set(twins.__all__) == set(mdp.__all__) - elsewhere
    for name in set(twins.__all__) - {"ContractAction"}:
        twin = getattr(twins, name)
        taken = inspect.signature(twin.__call__ if inspect.isclass(twin) else twin).parameters
        wanted = inspect.signature(getattr(mdp, name)).parameters
        assert [p for p in taken if p not in ("self", "env", "out", "env_mask")] == [
            p for p in wanted if p not in ("env", "env_ids")
        ]
        assert {p: v.default for p, v in taken.items() if p in wanted} == {
            p: v.default for p, v in wanted.items() if p in taken
        }
