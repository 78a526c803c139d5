# SPDX-License-Identifier: Apache-2.0
"""A frame to one code a clone: what its cell in the grid shows for a contract."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from causal_contracts.preview.live.messages import ACTIVE, FIRED, REACHED
from causal_contracts.preview.live.view import LiveFrame


class Cell(IntEnum):
    """`Look` of the live preview, and a contract that does not run."""

    IDLE = 0
    FIRED = 1
    LATCHED = 2
    REACHED = 3
    INERT = 4
    NAN = 5
    OFF = 6
    """Contracts are off, or this one is disabled or cannot run."""


MEANS = {
    Cell.IDLE: "idle",
    Cell.FIRED: "fired",
    Cell.LATCHED: "latched",
    Cell.REACHED: "reached",
    Cell.INERT: "inert",
    Cell.NAN: "NaN",
    Cell.OFF: "off",
}
"""What the legend says."""


def cells_of(
    frame: LiveFrame,
    contract: str | None,
    *,
    inert: bool,
    off: bool,
    triggered: np.ndarray | None = None,
) -> np.ndarray:
    """Codes of all clones, uint8, shape (num_envs,); the meaning is that of `LiveFrame.look`.

    Args:
        frame: the newest step.
        contract: whose state is shown.
        inert: no drive target can move its effect joint.
        off: it does not run at all.
        triggered: where its trigger holds though it does not run, bool, shape (num_envs,); there
            the asset is inert: nothing answers the trigger.
    """
    codes = np.zeros(len(frame.joint_pos), dtype=np.uint8)
    if off or contract not in frame.ids:
        codes[:] = Cell.OFF
        if triggered is not None:
            codes[triggered] = Cell.INERT
    else:
        flags = frame.flags[:, frame.ids.index(contract)]
        active = (flags & ACTIVE) != 0
        codes[active] = Cell.LATCHED
        codes[active & ((flags & FIRED) != 0)] = Cell.FIRED
        codes[active & ((flags & REACHED) != 0)] = Cell.REACHED
        if inert:
            codes[active] = Cell.INERT
    codes[~np.isfinite(frame.joint_pos).all(axis=1)] = Cell.NAN
    return codes
