# SPDX-License-Identifier: Apache-2.0
"""A bundle that changes a little to the content of its couplings.json, encoding what is new."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from causal_contracts.core.model import Bundle, Contract
from causal_contracts.preview.live.changes import couplings_of


class Content:
    """`couplings_of`, which takes a while for hundreds of contracts, as a drag can afford it."""

    def __init__(self) -> None:
        self._rows: dict[str, tuple[Contract, dict[str, Any]]] = {}

    def of(self, bundle: Bundle) -> dict[str, Any]:
        """The content; raises `ContractError` where couplings.json cannot keep it."""
        before, self._rows = self._rows, {}
        if not before:
            content = couplings_of(bundle)
            rows = content["couplings"]
        else:
            content = couplings_of(replace(bundle, contracts=()))
            rows = [_row(one, before.get(one.id)) for one in bundle.contracts]
        self._rows = {one.id: (one, row) for one, row in zip(bundle.contracts, rows, strict=True)}
        return {**content, "couplings": rows}


def _row(contract: Contract, known: tuple[Contract, dict[str, Any]] | None) -> dict[str, Any]:
    if known is not None and known[0] == contract:
        return known[1]
    return couplings_of(Bundle((contract,)))["couplings"][0]
