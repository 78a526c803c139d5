# SPDX-License-Identifier: Apache-2.0
"""A request to N running copies of an asset: the one interface to every physics engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from causal_contracts.core.issue import ContractError, error, nearest

if TYPE_CHECKING:
    import numpy as np
    import warp as wp

    from .scene_layers import PhysXStage

GROUP = "causal_contracts.clones"
"""Entry-point group under which packages offer their engines."""
OWN = EntryPoint("physx", "causal_contracts.preview.physx_clones:PhysXClones", GROUP)
EXTRAS = {"physx": "preview", "isaaclab-newton": "lab", "isaaclab-physx": "lab"}
"""Extra of the wheel that installs what an engine of this project needs."""


def _silent(message: str) -> None:
    del message


@dataclass(frozen=True, slots=True)
class ClonesRequest:
    """What to clone, how often and on which device."""

    asset: Path
    """Asset file: .usd, .usda, .usdc or .usdz."""
    articulation: str = "."
    """Path of the articulation root, or of a prim above exactly one; "." is the default prim."""
    num_envs: int = 16
    dt: float = 1 / 120
    """Length of one physics step [s]."""
    device: str = "cpu"
    """Warp device alias."""
    hand_joints: tuple[str, ...] = ()
    """Joints that the hand moves: each gets a drive where the asset has no usable one."""
    progress: Callable[[str], None] = _silent
    """Called with one line for anything that takes over 2 s."""
    written: PhysXStage | None = None
    """The scene, where somebody wrote it already; engines but PhysX itself build their own."""

    def __post_init__(self) -> None:
        issues = []
        if self.num_envs < 1:
            issues.append(
                error("num_envs", f"{self.num_envs} clones cannot be made", "ask for 1 or more")
            )
        if not 0 < self.dt <= 0.1:
            issues.append(
                error("dt", f"a step of {self.dt} s cannot be simulated", "give 0 < dt <= 0.1 s")
            )
        if issues:
            raise ContractError(issues)


class Clones(Protocol):
    """N copies of one articulated asset on a physics engine, stepped together."""

    joint_names: tuple[str, ...]
    """Leaf names in the engine's own order."""
    num_envs: int
    dt: float
    """Seconds per `step`."""
    device: str
    """Warp device alias of every array."""
    engine: str
    """Name and version of the engine, for reports."""
    given_drives: dict[str, tuple[float, float]]
    """(stiffness, damping) lent to hand joints [N/m, N s/m] or [N m/rad, N m s/rad], by name."""

    def __init__(self, request: ClonesRequest) -> None: ...

    def joint_pos(self) -> wp.array:
        """Measured positions [rad or m], float32, shape (num_envs, num_joints).

        The same array each time; its values are those after the latest step or reset.
        """
        ...

    def write_targets(self, targets: wp.array) -> None:
        """Set the drive position targets [rad or m], float32, shape (num_envs, num_joints).

        Targets stay until written again; at first they are those authored on the asset.
        """
        ...

    def step(self) -> None:
        """Advance all clones by `dt`."""
        ...

    def reset(self, env_mask: np.ndarray | wp.array) -> None:
        """Put the masked clones, bool (num_envs,), back to the authored pose, at rest; no other."""
        ...

    def close(self) -> None:
        """Free the engine and remove temporary files; a second call does nothing."""
        ...


def available() -> dict[str, EntryPoint]:
    """The engines that installed packages offer, by name, and the one of this package.

    Kit finds extensions on a search path, where no wheel states entry points.
    """
    return {OWN.name: OWN} | {point.name: point for point in entry_points(group=GROUP)}


def require_engine(sim: str) -> EntryPoint:
    """The engine called `sim`, not loaded. Raises ContractError where no package offers it."""
    point = _point(sim)
    if point is None:
        offered = available()
        known = list(offered) or sorted(EXTRAS)
        what = f"no simulation is called '{sim}'; there are {', '.join(sorted(known))}"
        raise ContractError(error("sim", what, _install(sim) or nearest(sim, known)))
    return point


def make_clones(sim: str, request: ClonesRequest) -> Clones:
    """Build the clones of `request` on the engine called `sim`.

    Raises ContractError where no installed package offers `sim`, where what it needs is not
    installed, or where the asset cannot be simulated.
    """
    point = require_engine(sim)
    try:
        cls: type[Clones] = point.load()
    except ModuleNotFoundError as missing:
        what = f"'{sim}' needs the Python package '{missing.name}', which is not installed"
        raise ContractError(error("sim", what, _install(sim))) from missing
    _keep_stdout_clean()
    return cls(request)


def warm_up(sim: str, progress: Callable[[str], None]) -> None:
    """Load what clones on `sim` need, ahead of a request; nothing where the engine offers no way.

    An engine's class may have a class method `warm_up(progress)`. Raises what the import raises.
    """
    point = _point(sim)
    load = getattr(point.load(), "warm_up", None) if point is not None else None
    if load is not None:
        load(progress)


def _point(sim: str) -> EntryPoint | None:
    """Where the engine is; to look for those of other packages takes 30 ms."""
    return OWN if sim == OWN.name else available().get(sim)


def _keep_stdout_clean() -> None:
    """Warp greets on stdout when it starts; commands write JSON there."""
    import warp as wp

    wp.config.log_level = max(wp.config.log_level, wp.LOG_WARNING)


def _install(sim: str) -> str:
    extra = EXTRAS.get(sim)
    return f"install it with: pip install 'causal-contracts[{extra}]'" if extra else ""
