# SPDX-License-Identifier: Apache-2.0
"""RSL-RL's network with a normaliser that a joint which stood still so far does not upset."""

from __future__ import annotations

from typing import Any

from rsl_rl.models import MLPModel
from rsl_rl.modules import EmpiricalNormalization

from .hyper_parameters import LEAST_SPREAD


class SteadyMLP(MLPModel):
    """``(obs - mean) / (std + LEAST_SPREAD)``, then the layers.

    Until something has been pressed the effects stand at rest, and their spread is about 0.
    RSL-RL adds 0.01 to it, so that the first plate to rise reads as a hundred spreads and throws
    the policy off. A latched door stays open all the same; a plate falls with its knob.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """As `MLPModel`."""
        super().__init__(*args, **kwargs)
        if isinstance(self.obs_normalizer, EmpiricalNormalization):
            self.obs_normalizer.eps = LEAST_SPREAD
