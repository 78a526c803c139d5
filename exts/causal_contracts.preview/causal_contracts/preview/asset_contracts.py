# SPDX-License-Identifier: Apache-2.0
"""An asset to its articulation, its contracts and what the check finds; no engine is loaded."""

from __future__ import annotations

from pathlib import Path

from causal_contracts.core.articulation import Articulation
from causal_contracts.core.issue import Issue
from causal_contracts.core.model import Bundle


def read_contracts(
    asset: str | Path, *, couplings: str | Path | None = None, articulation: str | None = None
) -> tuple[Articulation, Bundle, list[Issue]]:
    """The articulation, its contracts (from `couplings` where given) and what the check finds.

    Raises `ContractError` where a file cannot be read or no single articulation is meant.
    """
    from causal_contracts.core.check import check_bundle
    from causal_contracts.core.couplings_json import read_couplings
    from causal_contracts.core.usd_bundle import read_asset

    reading = read_asset(str(asset), articulation)
    bundle, found = reading.bundle, list(reading.issues)
    if couplings is not None:
        bundle, found = read_couplings(couplings), []
    return reading.articulation, bundle, [*found, *check_bundle(bundle, reading.articulation)]
