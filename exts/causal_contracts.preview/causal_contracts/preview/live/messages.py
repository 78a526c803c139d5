# SPDX-License-Identifier: Apache-2.0
"""What client and worker say to each other: tagged structs, one MessagePack document each."""

from __future__ import annotations

from typing import Any

import msgspec

from ..causality import Cell
from ..report import Rates, Reason
from .changes import Change, Loop, Native, Pattern, Press, Release, Reset, SetPattern, Swap
from .skeleton import Skeleton

MAX_CLONES = 256
"""Clones that one worker may be asked for."""

FIRED, LATCHED, ACTIVE, REACHED = 1, 2, 4, 8
"""Bits of a flag: condition true now; latch set; effect commanded; effect measured as reached."""

EDITED = "edited"
"""The cell of a trial in which the rule changed after something had moved: it is not counted."""
CELLS = (*(str(cell) for cell in Cell), EDITED)
"""What the bytes of `ContractRates.codes` mean."""


class _Said(msgspec.Struct, frozen=True, kw_only=True, tag_field="do", forbid_unknown_fields=True):
    pass


class Start(_Said, frozen=True, kw_only=True, tag="start"):
    """Build clones and run; while another run is on, it ends first."""

    asset: str
    """Path of the asset file."""
    articulation: str | None = None
    """Path of the articulation root; None where the asset has one."""
    couplings: dict[str, Any] | None = None
    """Content of a couplings.json; None: the contracts on the asset."""
    snapshot: str | None = None
    """A flattened layer as text (`stage.Flatten().ExportToString()`) that is simulated in place of
    the file, for what was not saved; `asset` then only names it."""
    sim: str = "physx"
    num_envs: int = 16
    dt: float = 1 / 120
    """Seconds of a physics step."""
    pattern: Pattern = Pattern()
    seed: int = 0
    loop: bool = True
    native: bool = False
    playing: bool = True
    speed: float | None = 1.0
    """Simulated seconds per second; None: as fast as possible."""
    frames_per_second: float = 60.0
    """Most frames sent in a second."""
    watch: tuple[int, ...] = ()
    trace: str | None = None
    """Write every step to this .npz when the run ends."""


class Play(_Said, frozen=True, kw_only=True, tag="play"):
    """Go on."""


class Pause(_Said, frozen=True, kw_only=True, tag="pause"):
    """Stand still; changes are still taken."""


class Step(_Said, frozen=True, kw_only=True, tag="step"):
    """Pause, then run this many steps."""

    count: int = 1


class Speed(_Said, frozen=True, kw_only=True, tag="speed"):
    """Simulated seconds per second; None: as fast as possible."""

    times: float | None


class Watch(_Said, frozen=True, kw_only=True, tag="watch"):
    """Clones whose every step the frames carry, for traces."""

    clones: tuple[int, ...]


class Seen(_Said, frozen=True, kw_only=True, tag="seen"):
    """The client has read a frame, so another may be sent: none ever waits in a queue."""


class Quit(_Said, frozen=True, kw_only=True, tag="quit"):
    """End the run and the process."""


Command = (
    Start | Play | Pause | Step | Speed | Watch | Seen | Quit
    | Press | Release | Reset | Swap | Native | SetPattern | Loop
)  # fmt: skip


class Building(_Said, frozen=True, kw_only=True, tag="building"):
    """Progress while the physics is built."""

    text: str


class Rule(_Said, frozen=True, kw_only=True, tag="rule"):
    """The rule that runs: what the frames' columns mean."""

    couplings: dict[str, Any]
    """The content of its couplings.json; after a `Swap` of a part, in `Changed`, that part."""
    ids: tuple[str, ...]
    """The contract of each column of flags, in order."""
    skipped: tuple[Reason, ...]
    """Contracts that cannot run."""
    inert: tuple[Reason, ...]
    """Contracts whose effect joint no drive target can move."""
    hand: dict[str, float]
    """Joints that `Press` moves where it names none, with the drive target [rad or m]."""
    note: str = ""
    """What needs `Start` again, e.g. a new trigger that has no drive."""


class Ready(_Said, frozen=True, kw_only=True, tag="ready"):
    """The clones stand."""

    joint_names: tuple[str, ...]
    """Order of the joints in every array."""
    num_envs: int
    dt: float
    sim: str
    engine: str
    articulation: str
    asset_sha256: str
    rule: Rule
    rest: tuple[float, ...]
    """Drive targets while nothing acts [rad or m]."""
    given_drives: dict[str, tuple[float, float]]
    """(stiffness, damping) lent to pressed joints that have no drive, in SI units."""
    skeleton: Skeleton
    versions: dict[str, str]


class FrameSent(_Said, frozen=True, kw_only=True, tag="frame"):
    """The newest step; arrays as little-endian bytes in C order."""

    step: int
    """Steps taken."""
    time: float
    """Simulated seconds since the start."""
    episode: int
    episode_step: int
    """Steps since this episode began."""
    playing: bool
    joint_pos: bytes
    """float32, (num_envs, num_joints), [rad or m]."""
    targets: bytes
    """float32, (num_envs, num_joints), [rad or m]."""
    flags: bytes
    """uint8, (num_envs, num_contracts): FIRED | LATCHED | ACTIVE | REACHED."""
    ids: tuple[str, ...]
    """The contract of each column of `flags`."""
    traced: tuple[int, ...]
    """The watched clones."""
    trace_steps: bytes
    """int64, (num_samples,): the steps since the last frame, thinned where they are many."""
    trace_pos: bytes
    """float32, (num_samples, num_watched, num_joints), [rad or m]."""


class ContractRates(msgspec.Struct, frozen=True, kw_only=True):
    """One contract since its last change: finished trials and those that run."""

    id: str
    rates: Rates
    codes: bytes
    """The cell of each clone's present trial, one byte a clone: what `cells` says in words."""
    spontaneous: tuple[int, ...]
    """Clones that fired though nobody had moved the trigger."""

    @property
    def cells(self) -> tuple[str, ...]:
        """The cell of each clone's present trial; `edited`: not counted before its next reset."""
        return tuple(CELLS[code] for code in self.codes)


class Metrics(_Said, frozen=True, kw_only=True, tag="metrics"):
    """Cause and effect so far, a few times a second."""

    step: int
    overall: Rates
    contracts: tuple[ContractRates, ...]
    nan_clones: tuple[int, ...]
    steps_per_second: float
    digest: str
    """Of every position, target and flag of the steps before `step`."""


class Changed(_Said, frozen=True, kw_only=True, tag="changed"):
    """A change took effect before the positions of `step` were read."""

    step: int
    at: float
    """When, by `time.monotonic` of this machine [s]."""
    change: Change
    rule: Rule | None = None
    """The new rule, after `Swap` and `Native`."""


class Failed(_Said, frozen=True, kw_only=True, tag="failed"):
    """Something that was asked for cannot be done; a run that was on goes on."""

    text: str
    fatal: bool = False
    """Nothing runs: the clones could not be built."""


class Ended(_Said, frozen=True, kw_only=True, tag="ended"):
    """The run is over after this many steps."""

    step: int
    digest: str


Event = Building | Ready | FrameSent | Metrics | Changed | Failed | Ended
