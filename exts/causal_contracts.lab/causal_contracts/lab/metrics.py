# SPDX-License-Identifier: Apache-2.0
# pyright: reportOptionalMemberAccess=false, reportArgumentType=false, reportGeneralTypeIssues=false
# (Warp types the fields of its arrays and structs loosely.)
"""Measured positions and a bundle to rates of cause and effect, while training runs."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import torch
import warp as wp
from causal_contracts.core.arrays import Array, Seen, as_warp, borrowed, is_torch, key_of
from causal_contracts.core.indexed_launch import IndexedLaunch
from causal_contracts.core.ir import CompiledCouplings
from causal_contracts.core.quick_launch import quick, recorded_launch
from causal_contracts.core.recorded_launches import Run, remember
from causal_contracts.core.stream_order import StreamOrder
from causal_contracts.preview.causality import Cell

from . import episode_kernel, rates_kernel
from .logged_rates import LoggedRates
from .metrics_state import MaskedCounts, episodes_on, judged_on

FRESH = 64
"""Rates speak of an episode per environment or more: they are computed anew after a 64th of that.

Summing up and handing out new tensors costs the host more than all else that is measured."""
CELLS = tuple(Cell)
"""What the first columns of `ContractMetrics.counts` count; the last one counts presses."""

assert len(CELLS) + 1 == episode_kernel.NUM_COUNTS and CELLS[episode_kernel.LATE] is Cell.LATE


class ContractMetrics:
    """Judges every episode of every environment on the device; the host waits for nothing.

    Cause, effect and what is not counted are those of `causal_contracts.preview.causality.judge`,
    with one sample per environment step, the last one taken when the episode ends. No flag of the
    term is read, so that a broken rule shows.

    Whether anything was pressed is known on the device alone, and the host does not ask. So every
    rate is logged always: it speaks of the last one to two episodes per environment, keeps its
    last value where these hold nothing to divide by, and is 0 until there has been something. The
    key ``presses`` says how many counted presses stand behind it.
    """

    def __init__(
        self,
        compiled: CompiledCouplings,
        num_envs: int,
        device: Any,
        *,
        step_dt: float,
        window: float = 2.0,
    ) -> None:
        """Allocate the state.

        Args:
            compiled: the bundle against the joint order of the positions; disabled rows are left
                out.
            num_envs: number of environments.
            device: Warp or torch device.
            step_dt: seconds between samples.
            window: seconds T that an effect may take; a press with less than T left in its
                episode, or one of a level contract that lets go before T is over, is not counted.
        """
        self.compiled = compiled
        self.num_envs = num_envs
        self.device: wp.Device = wp.get_device(str(device))
        self._shape = (num_envs, compiled.num_joints)
        # A window of n seconds covers the samples up to and including the one n seconds later.
        self._judged = judged_on(self.device, compiled, math.floor(window / step_dt + 1e-6))
        self._episodes = episodes_on(self.device, compiled.num_contracts, num_envs)
        size = (compiled.num_contracts, episode_kernel.NUM_COUNTS)
        self._counts, self._origin, self._mark, self._older_mark = (
            wp.zeros(size, dtype=wp.int64, device=self.device) for _ in range(4)
        )
        rows = 1 + compiled.num_contracts
        self._held = wp.zeros((rows, 3), dtype=wp.float32, device=self.device)
        self._ended = 0
        """Episodes ended since the newer mark, a bound that the host knows."""
        self._values: dict[str, torch.Tensor] = {}
        self._unlogged = 0
        """Episodes ended since the rates were computed."""
        self._logged = LoggedRates(compiled.ids, self.device)
        self._step: int | None = None
        self._by_mask: MaskedCounts | None = None
        self._order = StreamOrder(self.device, follows_torch=True)
        self._over: dict[tuple[Any, ...], _Over] = {}
        self._seen: tuple[Seen, _Over] | None = None
        self._summarise: Run | None = None
        # A capture can neither compile nor load; 1 and 256 are the block sizes of `wp.launch`.
        for kernels in (episode_kernel, rates_kernel):
            wp.load_module(kernels, self.device, block_dim=256 if self.device.is_cuda else 1)

    def watch(self, joint_pos: Array, step: int) -> None:
        """Take one sample, once per environment step: a repeated `step` is ignored.

        Args:
            joint_pos: measured positions [rad or m], float32, shape (num_envs, num_joints); on
                CUDA it runs on the current stream of their library.
            step: number of the environment step, e.g. ``env.common_step_counter``.
        """
        if step == self._step:
            return
        self._step = step
        self._launches_over(joint_pos).watch()

    def end_episodes(self, joint_pos: torch.Tensor, env_ids: torch.Tensor) -> None:
        """Take the last sample of some environments and count their episodes.

        An environment without a sample since its last reset has no episode to count.

        Args:
            joint_pos: measured positions before anything is reset [rad or m], float32, shape
                (num_envs, num_joints).
            env_ids: int32 or int64, shape (number of them,).
        """
        if self._step is None or not len(env_ids):
            return
        end_episodes = self._launches_over(joint_pos).end_episodes
        if self._ended >= self.num_envs:
            with self._order.in_order(joint_pos):
                wp.copy(self._older_mark, self._mark)
                wp.copy(self._mark, self._counts)
            self._ended = 0
        end_episodes(env_ids)
        self._ended += len(env_ids)
        self._unlogged += len(env_ids)

    def end_episodes_by_mask(self, joint_pos: wp.array, env_mask: wp.array) -> None:
        """As `end_episodes`, in launches that a graph records, and `values` with them.

        Every number stays on the device, so one object takes masks or indices, not both.

        Args:
            joint_pos: measured positions before anything is reset [rad or m], float32, shape
                (num_envs, num_joints).
            env_mask: bool, shape (num_envs,).
        """
        if self._by_mask is None:
            self._by_mask = MaskedCounts(self._mark, self._older_mark)
        positions, marks = self._positions(joint_pos), self._by_mask.marks
        mask = as_warp(env_mask, "env_mask", (self.num_envs,), wp.bool, self.device)
        for rule, dim, inputs, outputs in (
            (
                episode_kernel.end_episodes_by_mask,
                self.num_envs,
                [mask, positions, self._judged],
                [self._episodes, self._counts, marks.ended],
            ),
            (
                rates_kernel.move_marks,
                self.compiled.num_contracts,
                [wp.int64(self.num_envs), self._counts],
                [marks],
            ),
            (
                rates_kernel.summarise,
                len(self._held),
                [self._counts, self._older_mark, self._origin],
                [self._held, self._logged.array],
            ),
        ):
            wp.launch(rule, dim=dim, inputs=inputs, outputs=outputs, device=self.device)

    def values(self) -> dict[str, torch.Tensor]:
        """What to log: a new dict of float32 tensors without dimensions that nobody changes later.

        ``press_rate`` (share of episodes with a cause), ``effect_given_cause``,
        ``effect_given_no_cause``, ``presses`` (counted presses behind the rates),
        ``nan_episodes`` (since the start; in no rate), over all contracts; where there are
        several, the first two as ``<id>/...`` too. Empty until an episode has ended; by mask
        that is known on the device alone, so all are there from the first call, 0 at first.
        They lag by at most a 64th of an episode per environment, by none below 64 environments.
        """
        if self._by_mask is not None:
            return self._logged.copies()
        if self._unlogged > (self.num_envs // FRESH if self._values else 0):
            self._unlogged = 0
            if self._summarise is None:
                self._summarise = self._summarising()
            self._summarise()
            self._values = self._logged.copies()
        return dict(self._values)

    @property
    def counts(self) -> torch.Tensor:
        """Episodes since the start, int64, shape (num_contracts, 9): the `CELLS`, and presses.

        A copy, which grows from call to call; reading it on the host waits for the device.
        """
        return wp.to_torch(self._counts).clone()

    @property
    def lost(self) -> torch.Tensor:
        """Environments in whose episode a position was not finite, bool, shape (num_envs,).

        A view, current as of the last sample: OR it into what a task calls terminated.
        """
        return wp.to_torch(self._episodes.lost)

    def _launches_over(self, joint_pos: Array) -> _Over:
        """The recorded launches over these positions, which are not kept alive."""
        if self._seen is not None and self._seen[0].is_same(joint_pos):
            return self._seen[1]
        key = key_of(joint_pos)
        if key not in self._over:
            positions = borrowed(self._positions(joint_pos))
            watch = self._recorded(
                episode_kernel.watch,
                self.num_envs,
                [positions, self._judged],
                [self._episodes],
                follows_torch=is_torch(joint_pos),
            )
            end_episodes = IndexedLaunch(
                episode_kernel.end_episodes,
                self.num_envs,
                [positions, self._judged],
                [self._episodes, self._counts],
                self._order,
            )
            remember(self._over, key, _Over(watch, end_episodes))
        self._seen = Seen(joint_pos), self._over[key]
        return self._over[key]

    def _summarising(self) -> Run:
        inputs = [self._counts, self._older_mark, self._origin]
        outputs = [self._held, self._logged.array]
        rule = rates_kernel.summarise
        return self._recorded(rule, len(self._held), inputs, outputs, follows_torch=True)

    def _recorded(
        self, rule: Any, dim: int, inputs: list[Any], outputs: list[Any], *, follows_torch: bool
    ) -> Run:
        launch = recorded_launch(rule, dim, inputs, outputs, self.device)
        return self._order.ordered(quick(launch), follows_torch=follows_torch)

    def _positions(self, joint_pos: Array) -> wp.array:
        return as_warp(joint_pos, "joint_pos", self._shape, wp.float32, self.device)


class _Over(NamedTuple):
    """Launches over one buffer of positions."""

    watch: Run
    end_episodes: IndexedLaunch
