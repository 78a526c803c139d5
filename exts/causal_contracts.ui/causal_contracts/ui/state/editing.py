# SPDX-License-Identifier: Apache-2.0
"""Changes in, one undo step or one sentence out; and drags, which write once at their end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from causal_contracts.core.issue import ContractError
from causal_contracts.core.model import Bundle, Contract, JointThreshold, Mode, SetDriveTarget
from causal_contracts.core.quantity import to_si
from causal_contracts.core.usd_bundle import OP_OF_TOKEN
from causal_contracts.core.usd_contract import PREFIX, property_name
from causal_contracts.core.usd_edit import change_contracts
from pxr import Tf, Usd

from .layer_memory import LayerMemory, Mine
from .refusal import Refusal, sentence, sentence_of
from .step import EditStep, Shown
from .topics import Topic
from .truth import Truth

Values = Mapping[str, dict[str, Any]]
"""By contract id: property base names and values in stage units."""

_Live = tuple[tuple[Bundle, Values], tuple[Bundle, dict[str, Contract]]]
_NO_DRAFT: dict[str, dict[str, Any]] = {}


class Editing(Truth):
    """Writes at the host's edit target. A refused edit changes nothing."""

    refused: str | None = None
    """Why the last edit was refused; None where it was not."""
    _gesture: str | None = None
    _draft: dict[str, dict[str, Any]] = _NO_DRAFT
    _live: _Live = (Bundle(), _NO_DRAFT), (Bundle(), {})

    @property
    def draft(self) -> Values:
        """What a drag shows and nobody wrote: by contract id, in stage units."""
        return self._draft

    @property
    def live_bundle(self) -> Bundle:
        """The bundle with the draft, which a running preview follows."""
        return self._with_draft()[0]

    def contract(self, contract_id: str | None) -> Contract | None:
        """What a contract means now, draft included; None where it cannot be read."""
        return self._with_draft()[1].get(contract_id or "")

    def _with_draft(self) -> tuple[Bundle, dict[str, Contract]]:
        """The bundle with the draft, and its contracts by id; the same ones until either changes.

        It is asked for many times a frame, and a bundle may hold hundreds of contracts.
        """
        bundle, draft = self.bundle, self.draft
        of, known = self._live
        if of[0] is not bundle or of[1] is not draft:
            if draft:
                contracts = tuple(
                    self._drafted(one) if one.id in draft else one for one in bundle.contracts
                )
                bundle = replace(bundle, contracts=contracts)
            known = bundle, {one.id: one for one in bundle.contracts}
            self._live = (self.bundle, draft), known
        return known

    # -- drags

    def begin_gesture(self, name: str = "") -> str | None:
        """From now on values go to the draft alone; says why the contracts cannot be edited.

        Without a name the undo step takes that of the value which was dragged.
        """
        self.cancel_gesture()
        why = self.why_no_edit()
        if why is not None:
            return self._refuse(why)
        self._gesture = name
        return None

    def end_gesture(self) -> str | None:
        """Write the draft as one undo step; says why it cannot be written, and drops it."""
        name, draft = self._gesture, dict(self.draft)
        self.cancel_gesture()
        known = {one: values for one, values in draft.items() if one in self.authored}
        return self._write_values(name or "Edit", known) if known else None

    def cancel_gesture(self) -> None:
        """Drop the draft; nothing was written."""
        self._gesture = None
        if self.draft:
            self._topics.mark(Topic.DRAFT, Topic.ROWS)
        self._draft = _NO_DRAFT

    @property
    def in_gesture(self) -> bool:
        """Whether values go to the draft alone."""
        return self._gesture is not None

    # -- undo

    def undo(self) -> str | None:
        """Take the newest step back; says why there is none."""
        if self.in_gesture:
            self.cancel_gesture()
            return None
        why = self.why_no_undo()
        if why is None:
            self.host.undo()
        return why

    def redo(self) -> str | None:
        """Make the step that was undone last again; says why there is none."""
        why = self.why_no_redo()
        if why is None:
            self.cancel_gesture()
            self.host.redo()
        return why

    def after_step(self, shown: Shown) -> None:
        """Show what a step changed: it was undone or redone, perhaps from a menu of the host."""
        path, ids = shown
        if path is not None and path != self.picked:
            self._pick(path)
        else:
            self.refresh()
        self.select(*ids)
        self._topics.mark(Topic.UNDO)

    # -- reasons

    def why_no_edit(self) -> str | None:
        """Why no contract of the picked articulation can be edited; None where they can."""
        stage, found = self.host.stage(), self.articulation
        if stage is None or found is None:
            return self.problem or "There is no articulation: pick one first."
        if self.host.is_playing():
            return "The simulation is playing: stop it to edit."
        target = self.host.edit_target()
        if target is not None and target.why_not is not None:
            return target.why_not
        return _why_no_prim(stage, found.host)

    def why_no_undo(self) -> str | None:
        """Why nothing can be undone; None where something can."""
        return None if self.host.can_undo() else "There is nothing to undo."

    def why_no_redo(self) -> str | None:
        """Why nothing can be redone; None where something can."""
        return None if self.host.can_redo() else "There is nothing to redo."

    # -- writing

    def refuse(self, why: str) -> str:
        """Say why something that was asked for cannot be done; returns the sentence."""
        return self._refuse(why)

    def _set(self, what: str, values: Values) -> str | None:
        """Put values into the draft or onto the stage, e.g. `Set threshold of`."""
        name = f"{what} {_counted(values)}"
        if not self.in_gesture:
            return self._write_values(name, values)
        self._gesture = self._gesture or name
        self._draft = {**self.draft}
        for contract_id, given in values.items():
            self._draft[contract_id] = {**self._draft.get(contract_id, {}), **given}
        self._topics.mark(Topic.DRAFT, Topic.ROWS)
        return None

    def _write_values(self, name: str, values: Values) -> str | None:
        def write(stage: Usd.Stage, host: str) -> None:
            change_contracts(stage, host, values)

        written = (property_name(one, base) for one, given in values.items() for base in given)
        return self._edit(name, values, write, only=frozenset(written))

    def _edit(
        self,
        name: str,
        ids: Iterable[str],
        write: Callable[[Usd.Stage, str], object],
        *,
        only: frozenset[str] | None = None,
        also: Mapping[str, Mine] | None = None,
        select: Iterable[str] | None = None,
    ) -> str | None:
        """Let `write` change the contracts `ids`, and prims `also`, as one undo step.

        Args:
            name: what the author did.
            ids: contracts that are written, made or removed.
            write: gets the stage and the path of the host prim; raises ContractError or Refusal.
            only: full names of the properties that are written; any of these contracts where None.
            also: other prims that are written, each with the names of its properties.
            select: the contracts to select afterwards; the same as before where None.

        Returns:
            None, or one sentence where it was refused and nothing was changed.
        """
        self.cancel_gesture()
        why = self.why_no_edit()
        stage, found = self.host.stage(), self.articulation
        if why is not None or stage is None or found is None:
            return self._refuse(why or "There is no articulation.")
        for path in also or {}:
            why = why or _why_no_prim(stage, path)
        if why is not None:
            return self._refuse(why)
        mine = only if only is not None else _starts(tuple(f"{PREFIX}:{one}:" for one in ids))
        touched: dict[str, Mine] = {found.host: mine, **(also or {})}
        before = LayerMemory.of(stage.GetEditTarget(), touched)
        shown = (self.picked, self.selection)
        try:
            write(stage, found.host)
        except (ContractError, Refusal, Tf.ErrorException) as fault:
            before.restore(before.again())
            self.refresh()
            return self._refuse(_said(fault))
        after = before.again()
        if after.same(before):
            return None
        self.refresh()
        if select is not None:
            self.select(*select)
        steps = (shown, (self.picked, self.selection))
        self.host.push(EditStep(name, before, after, steps, self, self.host))
        self._topics.mark(Topic.UNDO)
        return None

    def _refuse(self, why: str) -> str:
        """Note and return the sentence; fields show the stage's values again."""
        self.refused = why
        self._topics.mark(Topic.REFUSED, Topic.ROWS, Topic.DRAFT)
        return why

    def _drafted(self, contract: Contract) -> Contract:
        given = self.draft.get(contract.id)
        trigger, effect = contract.trigger, contract.effect
        if not given or not isinstance(trigger, JointThreshold):
            return contract
        assert isinstance(effect, SetDriveTarget)
        if "triggerThreshold" in given:
            unit = "deg" if trigger.unit == "rad" else "m"
            trigger = replace(trigger, threshold=to_si(given["triggerThreshold"], unit))
        if "triggerOp" in given:
            trigger = replace(trigger, op=OP_OF_TOKEN[given["triggerOp"]])
        if "effectTarget" in given:
            unit = "deg" if effect.unit == "rad" else "m"
            effect = replace(effect, target=to_si(given["effectTarget"], unit))
        if "rest" in given:
            effect = replace(effect, rest=given["rest"])
        mode = Mode(given["mode"]) if "mode" in given else contract.mode
        enabled = given.get("enabled", contract.enabled)
        return replace(contract, trigger=trigger, effect=effect, mode=mode, enabled=enabled)


def _why_no_prim(stage: Usd.Stage, path: str) -> str | None:
    prim = stage.GetPrimAtPath(path)
    if not prim:
        return f"{path} is gone from the stage."
    if prim.IsInstanceProxy() or prim.IsInPrototype():
        return (
            f"{path} lies inside an instance, which takes no edits: "
            "edit the asset itself, or switch instanceable off."
        )
    return None


def _starts(prefixes: tuple[str, ...]) -> Mine:
    return lambda name: name.startswith(prefixes)


def _said(fault: Exception) -> str:
    if isinstance(fault, ContractError):
        return sentence_of(fault.issues)
    if isinstance(fault, Refusal):
        return sentence(str(fault))
    return "The layer takes no edits: choose another edit target."


def _counted(values: Iterable[str]) -> str:
    ids = list(values)
    return ids[0] if len(ids) == 1 else f"{len(ids)} contracts"
