# SPDX-License-Identifier: Apache-2.0
"""What a term refuses, in one sentence that names both sides, and that nothing changes by it."""

import numpy as np
import pytest
from rules import (
    HAS_CUDA,
    array,
    bits,
    for_each_frontend,
    host,
    on_cuda,
    on_each_device,
    with_torch,
)
from term_calls import SHAPE, make, pressed, zeros

BAD = {
    "a list": (lambda kind: [[0.0] * 2] * 4, TypeError, "is a list; pass a torch tensor or a Warp"),
    "nothing": (lambda kind: None, TypeError, "is a NoneType; pass"),
    "a NumPy array": (lambda kind: np.zeros(SHAPE, np.float32), TypeError, "is a ndarray; pass"),
    "environments too few": (
        lambda kind: zeros(*kind, shape=(3, 2)),
        ValueError,
        r"has shape .*3, 2.*; the term was built for \(4, 2\)",
    ),
    "joints too many": (
        lambda kind: zeros(*kind, shape=(4, 3)),
        ValueError,
        r"has shape .*4, 3.*; the term was built for \(4, 2\)",
    ),
    "one dimension": (
        lambda kind: zeros(*kind, shape=(8,)),
        ValueError,
        r"has shape .*8.*; the term was built for \(4, 2\)",
    ),
    "doubles": (
        lambda kind: zeros(*kind, dtype=np.float64),
        TypeError,
        "float64; the term needs float32",
    ),
    "integers": (
        lambda kind: zeros(*kind, dtype=np.int32),
        TypeError,
        "int32; the term needs float32",
    ),
    "columns of a wider buffer": (
        lambda kind: zeros(*kind, shape=(4, 4))[:, :2],
        ValueError,
        r"has strides \(.*\); the term needs contiguous memory",
    ),
    "every other row": (
        lambda kind: zeros(*kind, shape=(8, 2))[::2],
        ValueError,
        r"has strides \(.*\); the term needs contiguous memory",
    ),
}


@on_each_device
@for_each_frontend
@pytest.mark.parametrize("role", ["joint_pos", "targets", "out"])
@pytest.mark.parametrize("case", BAD.values(), ids=BAD)
def test_a_bad_array_is_refused_at_once_and_nothing_changes(device, frontend, role, case):
    if role == "out" and case is BAD["nothing"]:
        pytest.skip("no out is the default")
    make_bad, kind_of_error, message = case
    kind = (frontend, device)
    term = make(device, frontend)
    arguments = {"joint_pos": pressed(*kind), "targets": zeros(*kind), "out": zeros(*kind)}
    good = {name: bits(x) for name, x in arguments.items() if name != role}
    for _ in range(2):  # the second time nothing was remembered either
        with pytest.raises(kind_of_error, match=f"^{role} .*{message}"):
            term.apply(**{**arguments, role: make_bad(kind)})
    assert {name: bits(arguments[name]) for name in good} == good
    assert not host(term.fired).any() and not host(term.latched).any()


@with_torch
@pytest.mark.parametrize("dtype", ["complex64", "float16", "bfloat16", "int64"])
def test_a_dtype_that_warp_may_not_know_is_refused_naming_both(dtype):
    import torch

    targets = torch.zeros(SHAPE, dtype=getattr(torch, dtype))
    with pytest.raises(TypeError, match=f"targets .*{dtype}; the term needs float32"):
        make(frontend="torch").apply(zeros("torch", "cpu"), targets)


@on_cuda
@for_each_frontend
def test_an_array_on_another_device_is_refused_naming_both(frontend):
    for device, other in (("cpu", "cuda:0"), ("cuda:0", "cpu")):
        term = make(device, frontend)
        with pytest.raises(ValueError, match=f"targets lies on {other}; the term runs on {device}"):
            term.apply(zeros(frontend, device), zeros(frontend, other))


@on_each_device
@for_each_frontend
def test_memory_that_overlaps_is_refused_and_nothing_changes(device, frontend):
    kind = (frontend, device)
    term = make(*reversed(kind))
    buffer = array(np.full((6, 2), -0.01), *kind)
    low, high, apart = buffer[:4], buffer[2:], zeros(*kind)
    for joint_pos, targets, out, message in (
        (low, apart, low, "out shares memory with joint_pos"),
        (low, apart, high, "out shares memory with joint_pos"),
        (low, low, low, "out shares memory with joint_pos"),
        (low, high, high, "out shares memory with joint_pos"),
        (apart, low, high, "out overlaps targets without being targets"),
    ):
        with pytest.raises(ValueError, match=message):
            term.apply(joint_pos, targets, out=out)
    assert (host(buffer) == np.float32(-0.01)).all() and not host(apart).any()
    assert not host(term.fired).any()


@on_each_device
@for_each_frontend
def test_the_terms_own_output_cannot_come_back_as_targets(device, frontend):
    kind = (frontend, device)
    term = make(*reversed(kind))
    output = term.apply(pressed(*kind), zeros(*kind))
    with pytest.raises(ValueError, match="targets is the buffer that apply returns"):
        term.apply(zeros(*kind), output)
    with pytest.raises(ValueError, match="out shares memory with joint_pos"):
        term.apply(output, zeros(*kind))
    assert term.apply(zeros(*kind), output, out=output) is output


@on_each_device
@for_each_frontend
def test_positions_and_targets_may_be_one_array(device, frontend):
    kind = (frontend, device)
    both = pressed(*kind)
    result = make(*reversed(kind)).apply(both, both)
    assert host(result).tolist() == [[np.float32(-0.01), 1.5]] * 4
    assert (host(both) == np.float32(-0.01)).all()


@pytest.mark.parametrize("num_envs", [0, -1, 2.0, True, None, "4"])
def test_a_number_of_environments_that_is_none_is_refused(num_envs):
    with pytest.raises(ValueError, match=f"num_envs is {num_envs!r}"):
        make(num_envs=num_envs)


def test_a_frontend_outside_torch_and_warp_is_refused():
    with pytest.raises(ValueError, match="frontend is 'jax'; a term speaks 'torch' or 'warp'"):
        make(frontend="jax")


def test_cuda_is_named_where_it_is_missing():
    if HAS_CUDA:
        pytest.skip("a CUDA device is here")
    with pytest.raises(Exception, match="cuda:0"):
        make("cuda:0")
