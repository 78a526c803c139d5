# SPDX-License-Identifier: Apache-2.0
"""Terms with a latching and a level contract on one button, for the tests of their state."""

import numpy as np
from causal_contracts.core import Bundle, CouplingTerm, compile_bundle
from rules import array, bits, contract, host

NAMES = ("button", "lid", "door")
PRESS = contract("press: button < -0.005 => lid := 1.5 rest 0.0, latching")
HOLD = contract("hold: button < -0.005 => door := 0.7 rest 0.0, level")
FLAGS = ("fired", "latched", "active")


def pressed_term(*contracts, num_envs=4, device="cpu", frontend="warp", where=slice(None)):
    """A term after one apply in which the button was pressed in the environments `where`."""
    compiled = compile_bundle(Bundle(contracts or (PRESS, HOLD)), NAMES)
    term = CouplingTerm(compiled, num_envs, device, frontend=frontend)
    press(term, where)
    return term


def press(term, where=slice(None)):
    joint_pos = np.zeros((term.num_envs, len(NAMES)), np.float32)
    joint_pos[where, 0] = -0.01
    return measure(term, joint_pos)


def measure(term, joint_pos):
    """`apply` at `joint_pos` over zero targets, as bit patterns."""
    kind = (term.frontend, term.device.alias)
    zeros = np.zeros_like(joint_pos)
    return bits(term.apply(array(joint_pos, *kind), array(zeros, *kind)))


def flags(term):
    return {name: host(getattr(term, name)).tolist() for name in FLAGS}


def latched(term, contract_id):
    return host(term.latched)[:, term.compiled.ids.index(contract_id)].tolist()


def states(term):
    return [getattr(term, name) for name in FLAGS]
