# SPDX-License-Identifier: Apache-2.0
"""What both learners share: plain numbers."""

HIDDEN = (64, 64)
"""Widths of the hidden layers of actor and critic."""
INITIAL_STD = 0.2
"""Exploration at the start, in actions of -1 to 1: a button is pressed rarely."""
STEPS = 120
"""Environment steps of one rollout: an episode of 4 s."""
