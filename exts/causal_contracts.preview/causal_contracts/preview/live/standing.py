# SPDX-License-Identifier: Apache-2.0
"""An engine's name to its libraries, loaded before anything is started on it."""

from __future__ import annotations

import gc
from collections.abc import Callable
from contextlib import suppress

from causal_contracts.core.issue import ContractError

from ..clones import warm_up
from ..quiet_start import start_warp


def stand(sim: str, progress: Callable[[str], None], *, usd: bool) -> None:
    """Load what every start on `sim` needs, while the author is still choosing.

    Without `usd` nothing of it is loaded: another process reads the asset meanwhile. The collector
    of garbage is off until then.
    """
    start_warp()
    from . import build, outlook, session

    del build, outlook, session
    if usd:
        from . import reading

        reading.load()
    with suppress(ModuleNotFoundError, ContractError):  # the start says it, with a way out
        warm_up(sim, progress)
    gc.freeze()
    gc.enable()
