# SPDX-License-Identifier: Apache-2.0
"""Newton's solver step on the CPU, recorded once, compared with the eager one, then replayed."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, Literal

import warp as wp
from isaaclab.sim import SimulationContext
from isaaclab_newton.physics import NewtonMJWarpManager

from .solver_trial import Trial, difference

Mode = Literal["auto", "always", "never"]
STEPS = 8
"""Steps of each run that is compared; the joints are reset in between."""


class Replay:
    """Whether the solver is replayed from a recording, and why or why not; call it to undo.

    `replayed` turns False by itself where the simulation becomes another than the recorded one.
    """

    def __init__(self, why: str) -> None:
        self.why = why
        self._patch: tuple[Any, str, Any] | None = None

    @property
    def replayed(self) -> bool:
        """Whether steps are replayed now."""
        return self._patch is not None

    @property
    def sentence(self) -> str:
        """One sentence for a log."""
        how = "is replayed from a recording" if self.replayed else "runs eagerly"
        return f"Newton's solver {how}: {self.why}."

    def start(self, manager: Any, name: str, step: Callable[[], None]) -> None:
        """Let `step` stand for the manager's method `name`."""
        self._patch = manager, name, classmethod(lambda cls: step())
        setattr(*self._patch)

    def stop(self, why: str) -> None:
        """Bring the eager solver back and say why."""
        if self._patch is None:
            return
        manager, name, patch = self._patch
        self._patch, self.why = None, why
        # The original is inherited, so deleting the attribute brings it back.
        if vars(manager).get(name) is patch:
            delattr(manager, name)

    @contextlib.contextmanager
    def eagerly(self) -> Iterator[None]:
        """Inside, the eager solver steps."""
        assert self._patch is not None
        delattr(*self._patch[:2])
        yield
        setattr(*self._patch)

    def __call__(self) -> None:
        """Bring the eager solver back, before the next environment is made; again: nothing."""
        self.stop("the replay was undone")


def replay_on_cpu(mode: Mode = "auto") -> Replay:
    """Replay Newton's solver step from a recording where that equals the eager one bit for bit.

    Isaac Lab does this on CUDA by itself and not on the CPU. `auto` lets the joints move at random,
    eagerly and replayed, with resets in between, and keeps the recording where every bit of
    positions and velocities is equal; `always` keeps it unchecked; `never` records nothing. The
    simulation's state is afterwards what it was. What callbacks of your own remember is not, so
    call this before the environment's first reset. Undo it before the next environment.
    """
    if mode == "never":
        return Replay("a replay was ruled out")
    manager = _manager()
    if manager is None:
        return Replay("only Newton with MuJoCo Warp is recorded, and no such simulation is alive")
    if "cuda" in str(manager.get_device()):
        return Replay("Isaac Lab replays it on CUDA by itself")
    trial = Trial(manager)
    try:
        return _checked(manager, trial) if mode == "auto" else _unchecked(manager)
    finally:
        trial.restore()


def _manager() -> Any | None:
    """The class that steps the living simulation, where that is Newton's with MuJoCo Warp."""
    sim = SimulationContext.instance()
    if sim is None:
        return None
    # Isaac Lab may hold the class by its name; a class method knows the class itself.
    manager = sim.physics_manager.step.__self__
    return manager if issubclass(manager, NewtonMJWarpManager) else None


def _checked(manager: Any, trial: Trial) -> Replay:
    eager = trial.run(STEPS)
    replay = _record(manager, f"{STEPS} steps equal the eager ones bit for bit")
    if not replay.replayed:
        return replay
    replayed = trial.run(STEPS)
    if difference(eager, replayed):
        # What a callback remembers is not restored; the eager run that follows remembers it too.
        with replay.eagerly():
            again = trial.run(STEPS)
        if apart := difference(again, replayed):
            own = difference(eager, again)
            who = (
                "eager steps differ among themselves" if own else "eager and replayed steps differ"
            )
            replay.stop(f"{who}, {apart}")
    return replay


def _unchecked(manager: Any) -> Replay:
    manager.step()  # loads modules and allocates, which a recording must not
    return _record(manager, "it was asked for, unchecked")


def _record(manager: Any, why: str) -> Replay:
    """Record the region that the manager records on CUDA, and replay it from now on."""
    name = "_simulate_full" if manager._is_all_graphable() else "_simulate_physics_only"
    simulate = getattr(manager, name)
    try:
        with wp.ScopedCapture(device="cpu") as capture:
            simulate()
    except RuntimeError as fault:
        return Replay(f"recording it failed, {fault}")
    graph, recorded, replay = capture.graph, _baked_in(manager), Replay(why)
    assert graph is not None

    def step() -> None:
        now = _baked_in(manager)
        if now == recorded:
            wp.capture_launch(graph)
            return
        changed = ", ".join(key for key, value in now.items() if value != recorded[key])
        replay.stop(f"{changed} changed after the recording")
        simulate()

    replay.start(manager, name, step)
    return replay


def _baked_in(manager: Any) -> dict[str, Any]:
    """What a recording holds fast, by name; it stands for no simulation in which this differs."""
    return {
        "the solver": id(manager._solver),
        "the model": id(manager.backend.model),
        "the state": id(manager.backend.state_0),
        "the decimation": manager._decimation,
        "the callbacks": (
            len(manager._post_actuator_callbacks),
            len(manager._post_step_callbacks),
            len(manager._state_force_callbacks),
        ),
        "the sensors": (
            len(manager._newton_contact_sensors),
            len(manager._newton_imu_sensors),
            len(manager._newton_frame_transform_sensors),
        ),
    }
