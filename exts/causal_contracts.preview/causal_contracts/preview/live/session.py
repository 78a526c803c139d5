# SPDX-License-Identifier: Apache-2.0
"""Clones and a bundle to a run that can be changed between steps; worker and replay share it."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import warp as wp
from causal_contracts.core.articulation import Articulation
from causal_contracts.core.compile import compile_bundle
from causal_contracts.core.model import Bundle
from causal_contracts.core.term import CouplingTerm

from ..loop import Frame, rest_targets, run
from ..report import Reason
from ..summary import inert_rows
from .changes import (
    Change,
    Loop,
    Native,
    Pattern,
    Press,
    Release,
    Reset,
    SetPattern,
    Swap,
    bundle_of,
    checked,
)
from .content import Content
from .fingers import Fingers
from .messages import Rule
from .tally import Tally
from .trace import Digest, Trace

if TYPE_CHECKING:
    from causal_contracts.core.ir import CompiledCouplings

    from ..clones import Clones


ORDINARY = Pattern()


class Session:
    """One run: the loop, the term and the hand of the headless preview, with episodes and changes.

    The same clones, bundle, pattern, seed and changes at the same steps give the same run.
    """

    def __init__(
        self,
        clones: Clones,
        articulation: Articulation,
        bundle: Bundle,
        *,
        pattern: Pattern = ORDINARY,
        seed: int = 0,
        loop: bool = True,
        native: bool = False,
        trace: bool = False,
    ) -> None:
        """Stand ready before step 0; raises `ContractError` where bundle or pattern cannot run."""
        self.clones, self.articulation, self.bundle = clones, articulation, bundle
        self.pattern, self.seed, self.looping, self.native = pattern, seed, loop, native
        self._content = Content()
        self.step = 0
        """Steps taken, and the index of the one that comes next."""
        self.episode = 0
        names = tuple(clones.joint_names)
        wp.set_device(clones.device)
        self._first = np.array(clones.joint_pos().numpy()[0], dtype=np.float32)
        self.rest = rest_targets(bundle, articulation, names, self._first)
        self.compiled = _compile(bundle, names)
        self.fingers = Fingers(articulation, names, clones.num_envs, clones.dt)
        self.fingers.plan(bundle, self.rest, checked(pattern, seed=seed), seed)
        running = _switched(self.compiled, bundle, off=native)
        self.term = CouplingTerm(running, clones.num_envs, clones.device, frontend="warp")
        self.tally = self._new_tally()
        self.digest = Digest()
        self.trace = Trace(names, clones.num_envs, clones.dt) if trace else None

    def run(self, before: Callable[[int], bool] = lambda step: True) -> Iterator[Frame]:
        """Step without end; `before` may `apply` changes, and ends the run by answering False."""

        def begin(step: int) -> bool:
            self.step = self.fingers.step = step
            if not before(step):
                return False
            length = round(self.pattern.seconds / self.clones.dt) + 1
            if self.looping and step - self.fingers.episode_step >= length:
                self.episode += 1
                self._begin()
            return True

        for frame in run(self.clones, self.term, self.fingers, self.rest, steps=None, before=begin):
            self.tally.add(frame.joint_pos)
            self.digest.add(frame)
            if self.trace is not None:
                self.trace.add(frame, self.compiled.ids)
            self.step = frame.index + 1
            yield frame

    def apply(self, change: Change) -> None:
        """Change the run before the positions of this step are read.

        Raises `ContractError`, with nothing changed, where the change cannot be made.
        """
        match change:
            case Press():
                self.fingers.press(change)
            case Release():
                self.fingers.release(change)
            case Reset(clones=None):
                self._begin()
            case Reset(clones=clones):
                self._reset(self._mask(self.fingers.clones(clones or ())))
            case Swap(couplings=couplings, partly=True):
                self._swap(_amended(self.bundle, bundle_of(couplings)))
            case Swap(couplings=couplings):
                self._swap(self._content.bundle(couplings))
            case Native(on=on):
                self._switch(on)
            case SetPattern(pattern=pattern, seed=seed):
                self._repattern(pattern, seed)
            case Loop(on=on):
                self.looping = on

    def rule(self) -> Rule:
        """What runs now."""
        skipped = [Reason(contract=skip.id, why=skip.reason) for skip in self.compiled.skipped]
        bare = [name for name in self.fingers.reach if not self._has_drive(name)]
        return Rule(
            couplings=self._content.of(self.bundle),
            ids=self.compiled.ids,
            skipped=tuple(skipped),
            inert=tuple(inert_rows(self.bundle, self.articulation)),
            hand=self.fingers.reach,
            note=f"{', '.join(bare)} has no drive, which the preview lends when it starts again"
            if bare
            else "",
        )

    def _begin(self) -> None:
        """Reset all clones and begin the pattern; the seed counts on with the episodes."""
        everything = np.ones(self.clones.num_envs, dtype=bool)
        self._reset(everything)
        self.fingers.plan(self.bundle, self.rest, self.pattern, self.seed + self.episode)

    def _reset(self, mask: np.ndarray) -> None:
        self.tally.finish(mask, self.fingers.touched, self.step)
        env_mask = wp.array(mask, dtype=wp.bool, device=self.clones.device)
        self.term.reset(env_mask=env_mask)
        self.clones.reset(env_mask)
        self.fingers.let_go(mask)

    def _swap(self, bundle: Bundle) -> None:
        names = tuple(self.clones.joint_names)
        compiled = _compile(bundle, names)
        self.rest[:] = rest_targets(bundle, self.articulation, names, self._first)
        seed = self.seed + self.episode
        self.fingers.replan(bundle, self.rest, self.pattern, seed)
        self.term.swap(_switched(compiled, bundle, off=self.native))
        self.compiled, self.bundle = compiled, bundle
        self.tally.rule(bundle, self.fingers.touched, self.step)

    def _switch(self, off: bool) -> None:
        self.native = off
        self.term.swap(_switched(self.compiled, self.bundle, off=off))
        self.tally.rule(self.bundle, self.fingers.touched, self.step, forget=True)

    def _repattern(self, pattern: Pattern, seed: int) -> None:
        # Planned once to see that it can be: a fault must leave the run as it is.
        self.fingers.plan(self.bundle, self.rest, checked(pattern, seed=seed), seed)
        self.pattern, self.seed, self.episode = pattern, seed, 0
        self._begin()
        self.tally = self._new_tally()

    def _new_tally(self) -> Tally:
        tally = Tally(
            self.clones.joint_names,
            self.clones.num_envs,
            self.clones.dt,
            window=self.pattern.window,
            settle=self.pattern.settle,
        )
        tally.rule(self.bundle, self.fingers.touched, self.step)
        return tally

    def _mask(self, clones: list[int]) -> np.ndarray:
        mask = np.zeros(self.clones.num_envs, dtype=bool)
        mask[clones] = True
        return mask

    def _has_drive(self, joint: str) -> bool:
        drives = [known.drive for known in self.articulation.find(joint)]
        usable = any(d is not None and d.stiffness > 0 and d.max_force > 0 for d in drives)
        return usable or joint in self.clones.given_drives


def _amended(bundle: Bundle, some: Bundle) -> Bundle:
    """The bundle with some contracts in place of those of the same ids, and beside."""
    contracts = {one.id: one for one in (*bundle.contracts, *some.contracts)}
    return replace(bundle, contracts=tuple(contracts.values()))


def _compile(bundle: Bundle, names: tuple[str, ...]) -> CompiledCouplings:
    with warnings.catch_warnings():
        # The rule lists what was skipped; the warning would say it twice.
        warnings.simplefilter("ignore")
        return compile_bundle(bundle, names)


def _switched(compiled: CompiledCouplings, bundle: Bundle, *, off: bool) -> CompiledCouplings:
    """The rule itself, or with every contract disabled: then `apply` passes targets through."""
    if not off:
        return compiled
    contracts = tuple(replace(contract, enabled=False) for contract in bundle.contracts)
    return _compile(replace(bundle, contracts=contracts), compiled.joint_names)
