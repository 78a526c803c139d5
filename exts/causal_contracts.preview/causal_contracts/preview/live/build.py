# SPDX-License-Identifier: Apache-2.0
"""What was read of an asset, and settings, to clones that stand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from causal_contracts.core.issue import ContractError, error

from ..clones import ClonesRequest, make_clones
from .messages import MAX_CLONES
from .reading import Reading

if TYPE_CHECKING:
    from ..clones import Clones


@dataclass(frozen=True, slots=True)
class Built:
    """Clones, and what they are clones of."""

    clones: Clones
    reading: Reading


def build(
    asset: Path,
    reading: Callable[[], Reading],
    *,
    sim: str,
    num_envs: int,
    dt: float,
    progress: Callable[[str], None],
) -> Built:
    """Build clones of `asset`, of which `reading` says what is in it.

    Raises `ContractError` where the asset cannot be read or simulated.
    """
    if not 1 <= num_envs <= MAX_CLONES:
        what = f"{num_envs} clones cannot be shown"
        raise ContractError(error("num_envs", what, f"ask for 1 to {MAX_CLONES}"))
    progress(f"Reading {asset.name}.")
    found = reading()
    progress(f"Building {num_envs} {'clone' if num_envs == 1 else 'clones'}.")
    request = ClonesRequest(
        asset=asset,
        articulation=found.articulation.root,
        num_envs=num_envs,
        dt=dt,
        hand_joints=found.hand,
        progress=progress,
        written=found.written,
    )
    return Built(make_clones(sim, request), found)
