# SPDX-License-Identifier: Apache-2.0
"""What both learners share: plain numbers."""

HIDDEN = (64, 64)
"""Widths of the hidden layers of actor and critic."""
INITIAL_STD = 0.2
"""Exploration at the start, in actions of -1 to 1: a button is pressed rarely."""
HOLDING_STD = 0.4
"""The same where a level contract acts. Each trigger must be found and then held, and the reward is
shared: from 0.2 the stove learned one plate of four in 20 updates, from 0.4 all four."""
LEAST_SPREAD = 0.3
"""Added to the spread of an observation before dividing by it, where a level contract acts."""
STEPS = 120
"""Environment steps of one rollout: an episode of 4 s."""
