# SPDX-License-Identifier: Apache-2.0
"""The torch form, which defines the meaning for readers, equals the oracle and changes nothing."""

import numpy as np
import pytest
from causal_contracts.core import compile_bundle
from hypothesis import HealthCheck, given, settings
from oracle import Oracle
from programmes import Apply, Reset, programmes
from rules import array, bits, bundle, for_each_size, host, on_each_device

pytest.importorskip("torch", reason="torch is not installed")
from causal_contracts.core import torch_form

EXAMPLES = {1: 80, 7: 80, 4096: 4}


@on_each_device
@for_each_size
def test_the_torch_form_equals_the_oracle_bit_for_bit(device, num_envs):
    @settings(
        max_examples=EXAMPLES[num_envs],
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(programmes(num_envs))
    def property_(programme):
        names, made, steps = programme
        compiled = compile_bundle(made, names)
        oracle = Oracle(made, names, num_envs)
        latched = array(oracle.rows("latched"), "torch", device, dtype=bool)
        for step in steps:
            match step:
                case Apply():
                    joint_pos, targets = (
                        array(pattern.view(np.float32), "torch", device)
                        for pattern in (step.joint_pos, step.targets)
                    )
                    merged, state = torch_form.apply(compiled, joint_pos, targets, latched)
                    latched = state.latched
                    expected = oracle.apply(step.joint_pos.tolist(), step.targets.tolist())
                    assert bits(merged) == expected
                    for name in ("fired", "latched", "active"):
                        assert host(getattr(state, name)).tolist() == oracle.rows(name), name
                case Reset(envs):
                    oracle.reset(envs)
                    latched[envs] = False

    property_()


@on_each_device
def test_the_torch_form_changes_none_of_its_arguments(device):
    compiled = compile_bundle(bundle("c: a > 0.5 => b := 1.0, latching"), ("a", "b"))
    given_ = [
        array(np.ones((2, 2)), "torch", device),
        array(np.zeros((2, 2)), "torch", device),
        array(np.zeros((2, 1)), "torch", device, dtype=bool),
    ]
    merged, state = torch_form.apply(compiled, *given_)
    assert host(merged).tolist() == [[0.0, 1.0]] * 2 and host(state.latched).all()
    assert [host(x).any() for x in given_] == [True, False, False]
    assert {merged.data_ptr(), state.latched.data_ptr()}.isdisjoint(x.data_ptr() for x in given_)
