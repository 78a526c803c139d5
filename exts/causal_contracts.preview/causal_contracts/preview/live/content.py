# SPDX-License-Identifier: Apache-2.0
"""A bundle that changes a little to the content of its couplings.json and back, by what is new."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from causal_contracts.core.issue import ContractError
from causal_contracts.core.model import Bundle, Contract

from .changes import bundle_of, couplings_of


class Content:
    """`couplings_of` and `bundle_of`, which take a while for hundreds of contracts, for a drag."""

    def __init__(self) -> None:
        self._rows: dict[str, tuple[Contract, dict[str, Any]]] = {}
        self._named: tuple[str | None, str | None] | None = None
        self._empty: dict[str, Any] = {}

    def of(self, bundle: Bundle) -> dict[str, Any]:
        """The content; raises `ContractError` where couplings.json cannot keep it."""
        before, self._rows = self._rows, {}
        if not before:
            content = couplings_of(bundle)
            rows = content["couplings"]
        else:
            content = self._around(bundle)
            rows = [_row(one, before.get(one.id)) for one in bundle.contracts]
        self._keep(bundle, rows)
        return {**content, "couplings": rows}

    def bundle(self, content: dict[str, Any]) -> Bundle:
        """The bundle that a content says; raises `ContractError` with every fault."""
        rows = content.get("couplings")
        known = self._rows
        if not known or not isinstance(rows, list) or not _all_named(rows):
            return self._whole(content)
        try:
            empty = bundle_of({**content, "couplings": []})
            contracts = tuple(_contract(row, known.get(row["id"])) for row in rows)
        except ContractError:
            return self._whole(content)  # which says where each fault stands
        bundle = replace(empty, contracts=contracts)
        by_id = {row["id"]: row for row in rows}
        self._keep(bundle, [by_id[one.id] for one in bundle.contracts])
        return bundle

    def _around(self, bundle: Bundle) -> dict[str, Any]:
        """The content without contracts."""
        named = bundle.asset, bundle.articulation_root
        if named != self._named:
            self._named, self._empty = named, couplings_of(replace(bundle, contracts=()))
        return self._empty

    def _whole(self, content: dict[str, Any]) -> Bundle:
        bundle = bundle_of(content)
        self._rows = {}
        return bundle

    def _keep(self, bundle: Bundle, rows: list[dict[str, Any]]) -> None:
        self._rows = {one.id: (one, row) for one, row in zip(bundle.contracts, rows, strict=True)}


def _all_named(rows: list[Any]) -> bool:
    """Whether every row has an id of its own, so that it can be known again."""
    ids = [row.get("id") if isinstance(row, dict) else None for row in rows]
    return all(isinstance(one, str) for one in ids) and len({*ids}) == len(ids)


def _row(contract: Contract, known: tuple[Contract, dict[str, Any]] | None) -> dict[str, Any]:
    if known is not None and (known[0] is contract or known[0] == contract):
        return known[1]
    return couplings_of(Bundle((contract,)))["couplings"][0]


def _contract(row: dict[str, Any], known: tuple[Contract, dict[str, Any]] | None) -> Contract:
    if known is not None and known[1] == row:
        return known[0]
    return bundle_of({"couplings": [row]}).contracts[0]
