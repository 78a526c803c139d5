# SPDX-License-Identifier: Apache-2.0
# pyright: reportGeneralTypeIssues=false
# (Warp types the fields of its arrays and structs loosely.)
"""The arrays given to `apply` to a recorded launch over them: checked once, found again fast."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

import warp as wp

from . import kernel
from .arrays import Array, Seen, as_warp, borrowed, is_torch, key_of, overlap
from .launch import record
from .stream_order import StreamOrder

Run = Callable[[], None]
"""A launch in the order of the library whose arrays it runs over."""

MAX_RECORDED = 16
"""Recorded launches kept at once; a caller alternates between a few buffers at most."""


def remember[T](launches: dict[tuple[Any, ...], T], key: tuple[Any, ...], launch: T) -> None:
    """Keep a launch under the keys of its arrays (`key_of`); the oldest makes room."""
    while len(launches) >= MAX_RECORDED:
        launches.pop(next(iter(launches)))
    launches[key] = launch


class RecordedLaunches:
    """Launches of one rule into one state, by the caller's arrays, which are not kept alive."""

    def __init__(
        self,
        rules: kernel.Rules,
        state: tuple[wp.array, wp.array, wp.array],
        output: wp.array,
        order: StreamOrder,
    ) -> None:
        """Hold what every launch shares.

        Args:
            rules: the rule on the device.
            state: fired, latched and active, each bool, shape (num_envs, num_contracts).
            output: where to write without an `out`, float32, shape (num_envs, num_joints).
            order: what keeps launches in the order of the arrays' library.
        """
        self._rules, self._state, self._output, self._order = rules, state, output, order
        self._runs: dict[tuple[Any, ...], Run] = {}
        self._seen: deque[tuple[Seen, Seen, Seen | None, Run]] = deque(maxlen=4)

    def over(self, joint_pos: Array, targets: Array, out: Array | None) -> Run:
        """The recorded launch over these arrays, made and remembered where there is none.

        Args and errors are those of `CouplingTerm.apply`.
        """
        in_place = out is targets  # asked once of both
        for was_pos, was_targets, was_out, run in self._seen:
            if in_place is not (was_out is was_targets):
                continue
            if (
                was_pos.is_same(joint_pos)
                and was_targets.is_same(targets)
                and (in_place or (out is None if was_out is None else was_out.is_same(out)))
            ):
                return run
        key = (key_of(joint_pos), key_of(targets), None if out is None else key_of(out))
        run = self._runs.get(key)
        if run is None:
            run = self._record(joint_pos, targets, out)
            remember(self._runs, key, run)
        pos, given = Seen(joint_pos), Seen(targets)
        written = given if in_place else None if out is None else Seen(out)
        self._seen.append((pos, given, written, run))
        return run

    def _record(self, joint_pos: Array, targets: Array, out: Array | None) -> Run:
        """Validate once, then return the recorded launch."""
        pos, given = (
            as_warp(array, name, self._output.shape, wp.float32, self._output.device)
            for array, name in ((joint_pos, "joint_pos"), (targets, "targets"))
        )
        if out is None:
            output = self._output
        else:
            output = as_warp(out, "out", self._output.shape, wp.float32, self._output.device)
        in_place = output.ptr == given.ptr
        if overlap(pos, output):
            raise ValueError(
                "out shares memory with joint_pos; triggers would read what was "
                "written: pass another out"
            )
        if not in_place and overlap(given, output):
            raise ValueError(
                "out overlaps targets without being targets; pass out=targets, or another buffer"
            )
        if out is None and overlap(given, output):
            raise ValueError(
                "targets is the buffer that apply returns, where an effect would outlast its "
                "cause; pass the caller's own targets, or out=targets to write in place"
            )
        pos, given, output = borrowed(pos), borrowed(given), borrowed(output)
        launch = record(pos, given, output, self._rules, self._state)
        return self._order.ordered(launch, follows_torch=is_torch(joint_pos))
