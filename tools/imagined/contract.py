# SPDX-License-Identifier: Apache-2.0
"""An asset to the one contract that the example is about; loads no simulator."""

from __future__ import annotations

from pathlib import Path

from causal_contracts.core import Mode, read_bundle
from causal_contracts.core.issue import ContractError, error, nearest
from causal_contracts.core.model import Contract, JointThreshold, SetDriveTarget


def read_contract(asset: Path, contract_id: str | None) -> Contract:
    """The latching contract of that id on the asset; the first one where None.

    Raises:
        ContractError: there is none, or it has no rest target.
    """
    bundle = read_bundle(asset)
    usable = {
        contract.id: contract
        for contract in bundle.contracts
        if isinstance(contract.trigger, JointThreshold)
        and isinstance(contract.effect, SetDriveTarget)
        and contract.effect.rest is not None
        and contract.mode is Mode.LATCHING
    }
    wanted = contract_id or next(iter(usable), "")
    if wanted not in usable:
        what = f"no latching contract '{wanted}' with a rest target is on this asset"
        raise ContractError(error(str(asset), what, nearest(wanted, [*usable])))
    return usable[wanted]
