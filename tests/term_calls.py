# SPDX-License-Identifier: Apache-2.0
"""A term of two contracts, and arrays to call it with, for the tests of its calls."""

import numpy as np
from causal_contracts.core import CouplingTerm, compile_bundle
from rules import array, bundle

NAMES = ("button", "lid")
RULE = ("press: button < -0.005 => lid := 1.5, latching", "hold: lid > 0.5 => lid := 0.7, level")
SHAPE = (4, 2)


def make(device="cpu", frontend="warp", num_envs=4):
    return CouplingTerm(compile_bundle(bundle(*RULE), NAMES), num_envs, device, frontend=frontend)


def zeros(frontend, device, shape=SHAPE, dtype=np.float32):
    return array(np.zeros(shape), frontend, device, dtype=dtype)


def pressed(frontend, device, shape=SHAPE):
    return array(np.full(shape, -0.01), frontend, device)
