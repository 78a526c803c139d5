# SPDX-License-Identifier: Apache-2.0
"""Clones in a real Isaac Lab environment on Newton, on CPU or CUDA."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from importlib.metadata import version

from .isaaclab_clones import IsaacLabClones


class NewtonClones(IsaacLabClones):
    """Clones on Newton with MuJoCo Warp, which keeps environments apart: they never collide."""

    BACKEND = "newton_mjwarp"

    def _speed_up(self, cleanup: contextlib.ExitStack, progress: Callable[[str], None]) -> None:
        from .solver_graph import replay_on_cpu

        self.replay = replay_on_cpu()
        cleanup.callback(self.replay)
        if not self.replay.replayed:
            progress(self.replay.sentence)

    def _solver(self) -> str:
        return f"Newton {version('newton')}, MuJoCo Warp"
