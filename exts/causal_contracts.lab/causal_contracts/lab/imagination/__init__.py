# SPDX-License-Identifier: Apache-2.0
"""Contracts in rollouts of a learned dynamics model: a pure step, and state that can be forked."""

from causal_contracts.core.torch_form import Parameters

from .columns import JointColumns
from .pure_step import step
from .rewards import effect_given_cause, effect_progress, progress
from .rule import Rule, prepare
from .state import State
from .stored import load_state_dict, state_dict

__all__ = [
    "JointColumns",
    "Parameters",
    "Rule",
    "State",
    "effect_given_cause",
    "effect_progress",
    "load_state_dict",
    "prepare",
    "progress",
    "state_dict",
    "step",
]
