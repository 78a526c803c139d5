# SPDX-License-Identifier: Apache-2.0
"""An asset and settings to clones that stand, with what is known of them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from causal_contracts.core.articulation import Articulation
from causal_contracts.core.issue import ContractError, error
from causal_contracts.core.model import Bundle

from ..causality import judged
from ..clones import ClonesRequest, make_clones
from ..episode import read_contracts
from ..hand import hand_joints
from .messages import MAX_CLONES

if TYPE_CHECKING:
    from ..clones import Clones


@dataclass(frozen=True, slots=True)
class Built:
    """Clones, and the contracts to run on them."""

    clones: Clones
    articulation: Articulation
    bundle: Bundle
    path: str
    """Of the articulation root in the asset."""
    sha256: str
    """Of the asset file."""


def build(
    asset: Path,
    *,
    articulation: str | None,
    bundle: Bundle | None,
    sim: str,
    num_envs: int,
    dt: float,
    progress: Callable[[str], None],
) -> Built:
    """Build clones of `asset`; `bundle` None runs the contracts on it.

    Raises `ContractError` where the asset cannot be read or simulated.
    """
    if not 1 <= num_envs <= MAX_CLONES:
        what = f"{num_envs} clones cannot be shown"
        raise ContractError(error("num_envs", what, f"ask for 1 to {MAX_CLONES}"))
    progress(f"Reading {asset.name}.")
    facts, authored, _ = read_contracts(asset, articulation=articulation)
    bundle = authored if bundle is None else bundle
    names = [joint.name for joint in facts.movable]
    progress(f"Building {num_envs} {'clone' if num_envs == 1 else 'clones'} on {sim}.")
    request = ClonesRequest(
        asset=asset,
        articulation=facts.root,
        num_envs=num_envs,
        dt=dt,
        hand_joints=hand_joints(judged(bundle, names), names),
        progress=progress,
    )
    clones = make_clones(sim, request)
    path = facts.host if facts.root == "." else f"{facts.host}/{facts.root}"
    return Built(clones, facts, bundle, path, hashlib.sha256(asset.read_bytes()).hexdigest())
