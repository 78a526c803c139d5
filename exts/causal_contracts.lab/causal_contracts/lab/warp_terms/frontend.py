# SPDX-License-Identifier: Apache-2.0
"""Makes the Warp terms known to Isaac Lab's frontend, which refuses those of other packages."""

from __future__ import annotations

from isaaclab_experimental.envs.frontend import WarpFrontend

TERMS = "causal_contracts.lab.warp_terms"
TORCH_ROOT = "causal_contracts"


def register_warp_frontend() -> None:
    """Let an environment built from now on take these terms; a second call changes nothing.

    `ManagerBasedRLEnvWarp` refuses a term unless its module starts with one of
    `WarpFrontend.WARP_ROOT_PREFIXES`, and there is no other way in (Isaac Lab 3.0,
    ``isaaclab_experimental/envs/frontend.py``). This adds our module. It also adds where the twins
    of our torch terms are to `WarpFrontend.MIRROR_ROOTS`, so that a cfg with terms of
    `causal_contracts.lab.mdp` is adapted by itself, with ``--frontend warp`` too.
    """
    if TERMS not in WarpFrontend.WARP_ROOT_PREFIXES:
        WarpFrontend.WARP_ROOT_PREFIXES = (*WarpFrontend.WARP_ROOT_PREFIXES, TERMS)
    WarpFrontend.MIRROR_ROOTS.setdefault(TORCH_ROOT, TERMS)
