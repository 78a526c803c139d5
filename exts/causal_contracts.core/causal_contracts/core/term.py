# SPDX-License-Identifier: Apache-2.0
# pyright: reportOptionalMemberAccess=false, reportOptionalOperand=false, reportArgumentType=false
# pyright: reportGeneralTypeIssues=false
# (Warp types the fields of its arrays and structs loosely.)
"""CouplingTerm: the running rule with its latches, for torch tensors and Warp arrays."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Literal

import warp as wp

from .arrays import Array, has_torch, is_torch
from .ir import CompiledCouplings
from .latches import Latches
from .launch import load
from .parameters import Parameters
from .recorded_launches import RecordedLaunches
from .rules_on_device import update, upload
from .stream_order import StreamOrder


class CouplingTerm:
    """Runs a compiled bundle over all environments in one kernel launch.

    Nothing is allocated on the device after construction, and state and output keep their pointers
    until a `swap` that says otherwise, so that `apply`, and `reset` with device arrays or none, can
    be captured in a graph. Buffers given are not kept alive: a graph's owner keeps them.

    On CUDA everything runs on the current stream of the library that made the arrays: torch's for
    tensors, Warp's for Warp arrays; calls without arrays follow the last `apply`.
    """

    def __init__(
        self,
        compiled: CompiledCouplings,
        num_envs: int,
        device: Any = "cpu",
        *,
        frontend: Literal["torch", "warp"] | None = None,
        per_env: bool = False,
    ) -> None:
        """Allocate state and output.

        Args:
            compiled: the rule, compiled for the joint order of the arrays given to `apply`.
            num_envs: number of environments, at least 1.
            device: Warp or torch device, e.g. ``"cuda:0"``.
            frontend: what state and parameters are; torch tensors where torch is installed,
                unless said otherwise.
            per_env: give every environment its own threshold, target and enabled flag.

        Raises:
            ValueError: `num_envs` is no positive number, or `frontend` is neither.
        """
        if not isinstance(num_envs, int) or isinstance(num_envs, bool) or num_envs < 1:
            raise ValueError(f"num_envs is {num_envs!r}; a term runs at least 1 environment")
        if frontend not in (None, "torch", "warp"):
            raise ValueError(f"frontend is {frontend!r}; a term speaks 'torch' or 'warp'")
        self.compiled = compiled
        self.num_envs = num_envs
        self.device: wp.Device = wp.get_device(str(device))
        self.frontend = frontend or ("torch" if has_torch() else "warp")
        self._parameters = Parameters(num_envs, compiled, self.device, per_env=per_env)
        self._order = StreamOrder(self.device, follows_torch=self.frontend == "torch")
        self._latches = Latches(num_envs, compiled, self._parameters, self._order)
        self._rules = upload(compiled, self._parameters, self.device)
        self._output = wp.zeros(
            (num_envs, compiled.num_joints), dtype=wp.float32, device=self.device
        )
        self._launches = self._none_recorded()
        self._views: dict[str, Any] = {}
        load(self.device)
        if self.device.is_cuda:  # the first `apply` may run on a stream that waits for no other
            wp.synchronize_stream(self.device.stream)

    def apply(self, joint_pos: Array, targets: Array, out: Array | None = None) -> Array:
        """Write the targets of active contracts; everything else passes through.

        Args:
            joint_pos: measured positions [rad or m], float32, shape (num_envs, num_joints).
            targets: drive targets [rad or m], like `joint_pos`; not changed unless it is `out`.
            out: where to write; the term's own buffer where None, in place where it is `targets`.

        Returns:
            `out`, or the term's own buffer as the same kind of array as `targets`.

        Raises:
            TypeError: another dtype, or no torch tensor and no Warp array.
            ValueError: another shape or device, not contiguous, or memory that overlaps.
        """
        self._launches.over(joint_pos, targets, out)()
        if out is not None:
            return out
        return self._view("output", self._output, torch=is_torch(targets))

    def recorded(
        self, joint_pos: Array, targets: Array, out: Array | None = None
    ) -> Callable[[], None]:
        """`apply` on these very buffers as a call, checked now and never again.

        For eager loops that keep their buffers. The call keeps them and the term alive, and is
        over after a `swap` that moves pointers.
        """
        call = partial(self._launches.over(joint_pos, targets, out))
        alive = (self, self._launches, joint_pos, targets, out)
        call.alive = alive  # pyright: ignore[reportAttributeAccessIssue]
        return call

    def reset(self, env_ids: Any = None, env_mask: Array | None = None) -> None:
        """Clear the state of some environments and of no other; of all where nothing is given.

        Args:
            env_ids: indices: a list, slice, NumPy, torch or Warp array of int32 or int64.
            env_mask: bool, shape (num_envs,), torch, Warp or NumPy.

        Raises:
            TypeError: another dtype; a list of bools is a mask, not indices.
            ValueError: another shape or device, both are given, or an index on the host is outside;
                one on the device is ignored, since reading it would stall the host.
        """
        if env_ids is not None and env_mask is not None:
            raise ValueError("give env_ids or env_mask, not both")
        self._latches.reset(env_ids, env_mask)

    def swap(self, compiled: CompiledCouplings) -> bool:
        """Run another bundle from the next `apply` on, keeping latches where the rule allows.

        A latch stays where threshold, target, rest or effect joint changed, and is cleared where
        trigger, op or mode did, or where the contract was switched off. A threshold, target or
        enabled flag that the new rule changes is rewritten for all environments; the others keep
        what was written into them. The host waits meanwhile.

        Returns:
            True where every pointer stayed, so that graphs captured before remain valid.

        Raises:
            ValueError: `compiled` has another joint order.
        """
        if compiled.joint_names != self.compiled.joint_names:
            raise ValueError(
                f"compiled for joints {list(compiled.joint_names)}; "
                f"the term runs on {list(self.compiled.joint_names)}"
            )
        with self._order.in_order(wait=True):
            self._parameters.carry_to(compiled)
            stayed = self._latches.carry_to(compiled)
            if not update(self._rules, compiled):
                self._rules = upload(compiled, self._parameters, self.device)
                stayed = False
        if not stayed:
            self._launches = self._none_recorded()
            self._views.clear()
        self.compiled = compiled
        return stayed

    @property
    def per_env(self) -> bool:
        """Whether every environment has its own parameters."""
        return self._parameters.per_env

    @property
    def threshold(self) -> Array:
        """Trigger thresholds [rad or m], float32, shape (num_envs or 1, num_contracts).

        Like `target` and `enabled` it has one row per environment with `per_env`, else one for all.
        It may be written in place, and counts from the next `apply` on.
        """
        return self._view("threshold", self._parameters.threshold)

    @property
    def target(self) -> Array:
        """Drive targets while active [rad or m], float32, shape (num_envs or 1, num_contracts)."""
        return self._view("target", self._parameters.target)

    @property
    def enabled(self) -> Array:
        """Whether a contract may fire, bool, shape (num_envs or 1, num_contracts).

        Where it is false at an `apply`, the contract does not fire and its latch is forgotten.
        """
        return self._view("enabled", self._parameters.enabled)

    @property
    def fired(self) -> Array:
        """Condition true at the last `apply`, bool, shape (num_envs, num_contracts)."""
        return self._view("fired", self._latches.fired)

    @property
    def latched(self) -> Array:
        """Latch of latching contracts, bool, shape (num_envs, num_contracts)."""
        return self._view("latched", self._latches.latched)

    @property
    def active(self) -> Array:
        """Fired or latched, bool, shape (num_envs, num_contracts)."""
        return self._view("active", self._latches.active)

    def state_dict(self) -> dict[str, Any]:
        """A copy of the state by contract id: torch tensors or NumPy arrays as the frontend is."""
        with self._order.in_order(wait=True):
            return self._latches.state_dict(as_torch=self.frontend == "torch")

    def load_state_dict(self, state: dict[str, Any]) -> tuple[list[str], list[str]]:
        """Restore a state by contract id, whatever the order of the bundle it was saved with.

        Returns:
            Ids that the state lacks (cleared) and ids that this term lacks (ignored).

        Raises:
            TypeError: flags that are not bool.
            ValueError: another number of environments, or no state of a term.
        """
        with self._order.in_order():
            return self._latches.load_state_dict(state)

    def __repr__(self) -> str:
        return f"CouplingTerm on {self.num_envs} environments, {self.device.alias}: {self.compiled}"

    def _none_recorded(self) -> RecordedLaunches:
        return RecordedLaunches(self._rules, self._latches.state, self._output, self._order)

    def _view(self, name: str, array: wp.array, *, torch: bool | None = None) -> Array:
        if not (self.frontend == "torch" if torch is None else torch):
            return array
        if name not in self._views:
            import torch as library

            with library.inference_mode(False):  # a plain tensor, whoever asks first
                self._views[name] = wp.to_torch(array)
        return self._views[name]
