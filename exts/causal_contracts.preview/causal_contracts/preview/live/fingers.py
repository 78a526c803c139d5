# SPDX-License-Identifier: Apache-2.0
"""A pattern and presses by hand to drive targets, as functions of the physics step alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from causal_contracts.core.articulation import Articulation
from causal_contracts.core.issue import ContractError, error, nearest
from causal_contracts.core.model import Bundle

from ..causality import judged
from ..hand import RAMP, Hand, plan_presses
from ..hand import Press as Planned
from .changes import Pattern, Press, Release

NEVER = np.iinfo(np.int64).max // 4


class Fingers(Hand):
    """The headless preview's hand, with episodes, and presses that come while it runs."""

    def __init__(
        self, articulation: Articulation, joint_names: Sequence[str], num_envs: int, dt: float
    ) -> None:
        super().__init__((), num_envs, len(joint_names))
        self.articulation, self.joint_names, self.dt = articulation, tuple(joint_names), dt
        self.num_envs = num_envs
        self.step = 0
        """The step that comes next; whoever runs the loop sets it."""
        self.episode_step = 0
        """The step at which this episode began."""
        self._rest = np.zeros(len(joint_names))
        shape = (num_envs, len(joint_names))
        self._value = np.zeros(shape)
        self._began = np.full(shape, NEVER, dtype=np.int64)
        self._ended = np.full(shape, NEVER, dtype=np.int64)
        self._columns: list[int] = []
        self.touched = np.full(shape, np.inf)
        """Step of the first touch of each joint in a clone's trial; inf where there is none."""

    @property
    def reach(self) -> dict[str, float]:
        """The joints that the hand presses, with the drive target of a full press [rad or m]."""
        found: dict[str, float] = {}
        for press in self.presses:
            found.setdefault(press.joint, press.pressed)
        return found

    def plan(self, bundle: Bundle, rest: np.ndarray, pattern: Pattern, seed: int) -> None:
        """Begin an episode at this step; raises `ContractError` where it is too short to press."""
        self.presses = self._planned(bundle, rest, pattern, seed)
        self._rest = rest.astype(np.float64)
        self.episode_step = self.step
        self._began[:] = NEVER
        self._columns.clear()
        self._touch_again(np.ones(self.num_envs, dtype=bool))

    def replan(self, bundle: Bundle, rest: np.ndarray, pattern: Pattern, seed: int) -> None:
        """Take another bundle within the episode: presses under way go on as they are."""
        before = {(press.joint, press.op): press for press in self.presses}
        now = (self.step - self.episode_step) * self.dt
        presses = []
        for press in self._planned(bundle, rest, pattern, seed):
            old = before.get((press.joint, press.op))
            start = np.where(press.start < now, np.inf, press.start)
            presses.append(
                replace(press, start=start)
                if old is None
                else replace(press, start=old.start, hold=old.hold, depth=old.depth)
            )
        self.presses = tuple(presses)
        self._rest = rest.astype(np.float64)

    def press(self, press: Press) -> None:
        """Press from this step on; raises `ContractError` for a joint or a clone not there."""
        for column, value in self._aims(press):
            for clone in self.clones(press.clones):
                if self._ended[clone, column] != NEVER or self._began[clone, column] == NEVER:
                    self._began[clone, column] = self.step
                self._value[clone, column] = value
                self._ended[clone, column] = self._end(press.seconds)
                self.touched[clone, column] = min(self.touched[clone, column], self.step)
            if column not in self._columns:
                self._columns.append(column)

    def release(self, release: Release) -> None:
        """Let go at this step of what is held by hand."""
        columns = range(self.num_joints) if release.joint is None else [self.column(release.joint)]
        clones = self.clones(release.clones)
        for column in columns:
            ended = self._ended[clones, column]
            self._ended[clones, column] = np.where(ended > self.step, self.step, ended)

    def let_go(self, mask: np.ndarray) -> None:
        """Forget every press of the masked clones that has begun; a new trial begins for them."""
        now = (self.step - self.episode_step) * self.dt
        for press in self.presses:
            press.start[mask & (press.start < now)] = np.inf
        self._began[mask] = NEVER
        self._touch_again(mask)

    def write(self, time: float, targets_out: np.ndarray) -> None:
        """Write the pattern's targets, then those pressed by hand; `time` is the loop's own."""
        del time  # an episode's time begins with the episode
        super().write((self.step - self.episode_step) * self.dt, targets_out)
        for column in self._columns:
            began, ended = self._began[:, column], self._ended[:, column]
            share = np.minimum(self.step - began, ended + RAMP / self.dt - self.step)
            share = np.clip(share * (self.dt / RAMP), 0.0, 1.0)
            way = self._value[:, column] - self._rest[column]
            np.copyto(
                targets_out[:, column],
                self._rest[column] + share * way,
                where=(share > 0) & (began < NEVER),
                casting="same_kind",
            )

    def clones(self, wanted: Sequence[int]) -> list[int]:
        """`wanted`; raises `ContractError` where one is not there."""
        wrong = [clone for clone in wanted if not 0 <= clone < self.num_envs]
        if wrong:
            what = f"there is no clone {', '.join(map(str, wrong[:8]))}"
            raise ContractError(error("clones", what, f"they are 0 to {self.num_envs - 1}"))
        return list(wanted)

    def column(self, joint: str) -> int:
        """Index of `joint`; raises `ContractError` where it is not there."""
        if joint not in self.joint_names:
            what = f"no joint '{joint}' in this articulation"
            raise ContractError(error("joint", what, nearest(joint, self.joint_names)))
        return self.joint_names.index(joint)

    def _aims(self, press: Press) -> list[tuple[int, float]]:
        """Column and drive target of each joint that a press moves."""
        reach = self.reach
        joints = list(reach) if press.joint is None else [press.joint]
        missing = [joint for joint in joints if press.value is None and joint not in reach]
        if missing or not joints:
            what = f"nothing says how far to press {missing[0]}" if missing else "nothing to press"
            raise ContractError(error("press", what, "give a joint and a value"))
        if press.value is not None and not np.isfinite(press.value):
            raise ContractError(error("press.value", f"{press.value} is no position"))
        return [
            (self.column(joint), reach[joint] if press.value is None else press.value)
            for joint in joints
        ]

    def _end(self, seconds: float | None) -> int:
        return NEVER if seconds is None else self.step + max(0, round(seconds / self.dt))

    def _planned(
        self, bundle: Bundle, rest: np.ndarray, pattern: Pattern, seed: int
    ) -> tuple[Planned, ...]:
        presses = plan_presses(
            judged(bundle, self.joint_names),
            self.articulation,
            self.joint_names,
            rest,
            num_envs=self.num_envs,
            seconds=pattern.seconds,
            settle=pattern.settle,
            window=pattern.window,
            fraction=1.0 if pattern.kind == "sweep" else pattern.fraction,
            seed=seed,
        )
        return tuple(_shaped(press, pattern, self.num_envs) for press in presses)

    def _touch_again(self, mask: np.ndarray) -> None:
        """The first touches to come in the trials that begin now."""
        self.touched[mask] = np.inf
        for press in self.presses:
            steps = self.episode_step + press.start / self.dt
            column = self.touched[:, press.column]
            column[mask] = np.minimum(column, steps)[mask]


def _shaped(press: Planned, pattern: Pattern, num_envs: int) -> Planned:
    """A press of the headless preview as the pattern has it."""
    pressed = np.isfinite(press.start)
    match pattern.kind:
        case "fraction":
            return press
        case "hold":
            return replace(press, hold=np.inf, start=np.where(pressed, pattern.settle, np.inf))
        case "sweep":
            depth = np.arange(1, num_envs + 1) / num_envs
            start = np.where(pressed, pattern.settle, np.inf)
            return replace(press, start=start, depth=depth)
        case "by_hand":
            return replace(press, start=np.full(num_envs, np.inf))
