# SPDX-License-Identifier: Apache-2.0
"""What an author can do to the set of contracts, by name; None, or one sentence why not."""

from __future__ import annotations

from dataclasses import replace

from causal_contracts.core.usd_contract import AuthoredContract, applied_ids
from causal_contracts.core.usd_edit import (
    id_issue,
    remove_contract,
    rename_contract,
    write_contract,
)
from pxr import Usd

from .fresh import fresh_contract, fresh_id, fresh_pair
from .named_values import Ids, NamedValues, named
from .refusal import Refusal


class NamedEdits(NamedValues):
    """Adds, duplicates, renames and deletes; one call is one undo step."""

    def add(
        self, trigger: str | None = None, effect: str | None = None, *, new_id: str | None = None
    ) -> str | None:
        """Add a contract and select it; what is not given is chosen from the joints."""
        why = self.why_no_add()
        if why is not None:
            return self._refuse(why)
        try:
            contract = self._fresh(trigger, effect, new_id)
        except Refusal as refusal:
            return self._refuse(str(refusal))
        return self._edit(
            f"Add {contract.id}",
            [contract.id],
            lambda stage, _: write_contract(stage, contract),
            select=[contract.id],
        )

    def duplicate(self, ids: Ids = None) -> str | None:
        """Copy contracts under new ids, and select the copies."""
        chosen = self._chosen(ids)
        why = self.why_no_duplicate(chosen)
        if why is not None:
            return self._refuse(why)
        taken = set(self._taken())
        copies = []
        for one in chosen:
            copies.append(replace(self.authored[one], id=fresh_id(one, taken)))
            taken.add(copies[-1].id)

        def write(stage: Usd.Stage, _: str) -> None:
            for copy in copies:
                write_contract(stage, copy)

        new = [copy.id for copy in copies]
        return self._edit(f"Duplicate {named(chosen)}", new, write, select=new)

    def rename(self, contract_id: str, new_id: str) -> str | None:
        """Give a contract another id."""
        new_id = new_id.strip()
        if new_id == contract_id:
            return None
        why = self.why_no_rename(contract_id, new_id)
        if why is not None:
            return self._refuse(why)
        return self._edit(
            f"Rename {contract_id} to {new_id}",
            [contract_id, new_id],
            lambda stage, host: rename_contract(stage, host, contract_id, new_id),
            select=[new_id if one == contract_id else one for one in self.selection],
        )

    def delete(self, ids: Ids = None) -> str | None:
        """Remove contracts with all their properties; the next one becomes selected."""
        chosen = self._chosen(ids)
        why = self.why_no_delete(chosen)
        if why is not None:
            return self._refuse(why)

        def write(stage: Usd.Stage, host: str) -> None:
            for one in chosen:
                remove_contract(stage, host, one)

        rest = [one for one in self.ids if one not in chosen]
        after = [one for one in rest if one > chosen[-1]] or rest[-1:]
        return self._edit(f"Delete {named(chosen)}", chosen, write, select=after[:1])

    # -- reasons

    def why_no_add(self) -> str | None:
        """Why no contract can be added; None where one can."""
        why = self.why_no_edit()
        if why is None and len(self.joints) < 2:
            path, count = self.picked, len(self.joints)
            return f"{path} has {count} movable joint{'s' * (count != 1)}: a contract needs two."
        return why

    def why_no_delete(self, ids: Ids = None) -> str | None:
        """Why the contracts cannot be deleted; None where they can."""
        return self.why_no_edit() or self._why_no_contract(self._chosen(ids))

    def why_no_duplicate(self, ids: Ids = None) -> str | None:
        """Why the contracts cannot be duplicated; None where they can."""
        return self.why_no_delete(ids)

    def why_no_rename(self, contract_id: str | None, new_id: str | None = None) -> str | None:
        """Why the contract cannot be renamed, or not to that id; None where it can."""
        why = self.why_no_edit() or self._why_no_contract([contract_id] if contract_id else [])
        if why is not None or new_id is None or new_id == contract_id:
            return why
        if new_id in self._taken():
            return f"There is a contract '{new_id}' already: choose another id."
        fault = id_issue(new_id, "")
        return f"{fault.what[0].upper()}{fault.what[1:]}: {fault.fix}." if fault else None

    # -- how

    def _taken(self) -> list[str]:
        """Ids on the host prim, those of another articulation included."""
        stage, found = self.host.stage(), self.articulation
        return applied_ids(stage.GetPrimAtPath(found.host)) if stage and found else []

    def _fresh(
        self, trigger: str | None, effect: str | None, new_id: str | None
    ) -> AuthoredContract:
        found = self.articulation
        assert found is not None
        for name in (trigger, effect):
            why = self.why_no_joint(name) if name is not None else None
            if why is not None:
                raise Refusal(why)
        joints = tuple(one for one in self.joints if self.why_no_joint(one.path) is None)
        chosen = self.joint(trigger) if trigger else self.selected_joint
        pair = fresh_pair(joints, chosen if chosen in joints else None)
        if pair is None:
            raise Refusal("No two joints can carry a contract: see the findings of the asset.")
        first, second = pair[0], self.joint(effect) if effect else pair[1]
        assert second is not None
        if first == second:
            first = next((one for one in joints if one != second), first)
        taken = self._taken()
        new_id = new_id or fresh_id(f"{first.name}_moves_{second.name}", taken)
        fault = id_issue(new_id, "new contract")
        if fault is not None or new_id in taken:
            raise Refusal(
                f"There is a contract '{new_id}' already: choose another id."
                if fault is None
                else f"{fault.what}: {fault.fix}."
            )
        return fresh_contract(new_id, first, second, found)
