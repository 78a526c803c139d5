# SPDX-License-Identifier: Apache-2.0
"""Contracts to what an author pastes elsewhere: JSON, a command line, Isaac Lab code."""

from __future__ import annotations

import shlex
from dataclasses import replace

from causal_contracts.core.articulation import Articulation
from causal_contracts.core.couplings_json import encode_couplings
from causal_contracts.core.model import Bundle, Op
from causal_contracts.core.usd_contract import AuthoredContract

_OPS = {"greater": Op.GREATER, "less": Op.LESS}


def as_json(bundle: Bundle, ids: list[str]) -> str:
    """A couplings.json with these contracts.

    Raises:
        ContractError: one of them cannot be said in JSON.
    """
    chosen = tuple(one for one in bundle.contracts if one.id in ids)
    return encode_couplings(replace(bundle, contracts=chosen)).decode()


def as_command(one: AuthoredContract, found: Articulation, asset: str, root: str | None) -> str:
    """The command that authors the contract, to the last digit; `root` where there are several."""
    paths = {str(joint.path): joint for joint in found.joints}
    host = found.host.rstrip("/")
    trigger = paths[one.trigger_joints[0].removeprefix(f"{host}/")]
    effect = paths[one.effect_joints[0].removeprefix(f"{host}/")]
    words = ["causal-contracts", "add", asset, "--id", one.id]
    words += ["--trigger", trigger.name, "--op", str(_OPS[one.trigger_op])]
    words += [f"--threshold={one.trigger_threshold!r}{trigger.authored_unit}"]
    words += ["--effect", effect.name, f"--target={one.effect_target!r}{effect.authored_unit}"]
    words += ["--mode", one.mode]
    words += [] if one.enabled else ["--disabled"]
    words += ["--articulation", root] if root else []
    return shlex.join(words)


def as_lab_code(couplings: str) -> str:
    """The two lines that put the contracts into a task with `CompiledCouplingMixin`."""
    return (
        f"couplings = {couplings!r}  # in the task's cfg\n"
        "value=self.apply_couplings(self.targets)  # where the task sets its drive targets\n"
    )
