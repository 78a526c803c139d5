# SPDX-License-Identifier: Apache-2.0
"""Clones in a real Isaac Lab environment on OvPhysX, without Kit, on CPU or CUDA."""

from __future__ import annotations

import contextlib
from importlib.metadata import version
from typing import TYPE_CHECKING

from .isaaclab_clones import IsaacLabClones

if TYPE_CHECKING:
    from causal_contracts.preview.clones import ClonesRequest


class OvPhysXClones(IsaacLabClones):
    """Clones on PhysX as Isaac Lab runs it, which lets environments pass through each other."""

    BACKEND = "ovphysx"

    def _prepare(self, request: ClonesRequest, cleanup: contextlib.ExitStack) -> None:
        import ovphysx

        super()._prepare(request, cleanup)
        # Its console log goes to stdout, which is our caller's; errors go to the logger "ovphysx".
        ovphysx.enable_default_log_output(False)
        ovphysx.enable_python_logging(min_severity=ovphysx.LogLevel.ERROR)

    def _solver(self) -> str:
        return f"PhysX {'.'.join(version('ovphysx').split('.')[:3])}"
