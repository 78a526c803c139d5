# SPDX-License-Identifier: Apache-2.0
"""A reset in part clears exactly the environments that are named, in whatever way."""

import numpy as np
import pytest
import warp as wp
from latch_terms import flags, latched, press, pressed_term
from rules import array, for_each_frontend, for_each_size, host, on_each_device, with_torch

WAYS = {
    "a list": lambda ids, n, kind: {"env_ids": ids},
    "a tuple": lambda ids, n, kind: {"env_ids": tuple(ids)},
    "a list of NumPy integers": lambda ids, n, kind: {"env_ids": [np.int32(i) for i in ids]},
    "NumPy int32": lambda ids, n, kind: {"env_ids": np.array(ids, np.int32)},
    "NumPy int64": lambda ids, n, kind: {"env_ids": np.array(ids, np.int64)},
    "int32 array": lambda ids, n, kind: {"env_ids": array(ids, *kind, dtype=np.int32)},
    "int64 array": lambda ids, n, kind: {"env_ids": array(ids, *kind, dtype=np.int64)},
    "a mask list": lambda ids, n, kind: {"env_mask": np.isin(range(n), ids).tolist()},
    "a NumPy mask": lambda ids, n, kind: {"env_mask": np.isin(range(n), ids)},
    "a mask array": lambda ids, n, kind: {
        "env_mask": array(np.isin(range(n), ids), *kind, dtype=bool)
    },
}


@on_each_device
@for_each_frontend
@for_each_size
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_a_reset_clears_exactly_the_environments_named(device, frontend, num_envs, way):
    term = pressed_term(num_envs=num_envs, device=device, frontend=frontend)
    some = sorted({0, num_envs // 2, num_envs - 1})
    twice = [num_envs // 3, num_envs // 3]
    more_than_there_are = [0] * num_envs + some
    for ids in ([], some, list(range(num_envs)), twice, more_than_there_are):
        press(term)
        term.reset(**way(ids, num_envs, (frontend, device)))
        left = ~np.isin(np.arange(num_envs), ids)
        assert (host(term.fired) == left[:, None]).all()
        assert (host(term.active) == left[:, None]).all()
        assert (host(term.latched) == left[:, None] & np.array([False, True])).all()


@on_each_device
@pytest.mark.parametrize(
    ("envs", "left"),
    [
        (slice(None), []),
        (slice(1, 3), [0, 3]),
        (slice(0, 0), [0, 1, 2, 3]),
        (slice(None, None, 2), [1, 3]),
        (slice(-1, None), [0, 1, 2]),
        (slice(2, 99), [0, 1]),
    ],
)
def test_a_slice_names_environments_as_it_names_list_items(device, envs, left):
    term = pressed_term(device=device)
    term.reset(envs)
    assert np.flatnonzero(latched(term, "press")).tolist() == left


@on_each_device
@for_each_frontend
@pytest.mark.parametrize("dtype", [np.int32, np.int64])
def test_a_reset_by_index_records_no_launch_of_its_own(device, frontend, dtype, monkeypatch):
    term = pressed_term(device=device, frontend=frontend)
    monkeypatch.setattr(wp, "launch", lambda *given, **named: pytest.fail("recorded anew"))
    for ids, left in (([3], [0, 1, 2]), ([0, 0, 9, -1], [1, 2]), ([1, 2], [])):
        term.reset(array(ids, frontend, device, dtype=dtype))
        assert np.flatnonzero(latched(term, "press")).tolist() == left


@on_each_device
@for_each_frontend
def test_a_reset_without_arguments_clears_all(device, frontend):
    term = pressed_term(device=device, frontend=frontend)
    term.reset()
    assert not any(np.any(rows) for rows in flags(term).values())


REFUSED = {
    "both": (lambda kind: {"env_ids": [0], "env_mask": np.ones(4, bool)}, ValueError, "not both"),
    "an index beyond": (lambda kind: {"env_ids": [1, 4]}, ValueError, r"\[1, 4\]: .* 0 to 3"),
    "a negative index": (lambda kind: {"env_ids": [-1]}, ValueError, r"\[-1\]: .* 0 to 3"),
    "a bare number": (lambda kind: {"env_ids": 2}, ValueError, r"shape \(\)"),
    "ids in two dimensions": (lambda kind: {"env_ids": [[0], [1]]}, ValueError, r"\(2, 1\)"),
    "fractions": (lambda kind: {"env_ids": [0.5]}, TypeError, "float64; indices are integers"),
    "a mask as ids": (lambda kind: {"env_ids": [True] * 4}, TypeError, "bool; .* env_mask"),
    "ids as a mask": (lambda kind: {"env_mask": [0, 1, 2, 3]}, TypeError, "int64; .* bool"),
    "a short mask": (lambda kind: {"env_mask": [True]}, ValueError, r"\(1,\); .* \(4,\)"),
    "an array of ids in two dimensions": (
        lambda kind: {"env_ids": array([[0], [1]], *kind, dtype=np.int32)},
        ValueError,
        r"\(2, 1\); indices have shape",
    ),
    "an array of fractions": (
        lambda kind: {"env_ids": array([0.5], *kind)},
        TypeError,
        "float32; the term needs int32",
    ),
    "an array of bools as ids": (
        lambda kind: {"env_ids": array([True] * 4, *kind, dtype=bool)},
        TypeError,
        "bool; the term needs int32",
    ),
    "an array of bytes as a mask": (
        lambda kind: {"env_mask": array([1] * 4, *kind, dtype=np.uint8)},
        TypeError,
        "uint8; the term needs bool",
    ),
    "a mask array that is short": (
        lambda kind: {"env_mask": array([True] * 3, *kind, dtype=bool)},
        ValueError,
        r"\(3,\); the term was built for \(4,\)",
    ),
    "every other element of a mask": (
        lambda kind: {"env_mask": array([True] * 8, *kind, dtype=bool)[::2]},
        ValueError,
        "contiguous",
    ),
}


@on_each_device
@for_each_frontend
@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_a_reset_that_is_refused_changes_nothing(device, frontend, case):
    arguments, kind_of_error, message = case
    term = pressed_term(device=device, frontend=frontend)
    before = flags(term)
    with pytest.raises(kind_of_error, match=message):
        term.reset(**arguments((frontend, device)))
    assert flags(term) == before


@with_torch
def test_a_torch_number_is_no_list_of_ids():
    import torch

    term = pressed_term()
    with pytest.raises(ValueError, match=r"env_ids has shape \(\)"):
        term.reset(torch.tensor(1))


@on_each_device
@for_each_frontend
def test_an_index_outside_that_lies_on_the_device_clears_nothing(device, frontend):
    term = pressed_term(device=device, frontend=frontend)
    for dtype, far in ((np.int32, 2**31 - 1), (np.int64, 2**32)):
        term.reset(array([-1, 4, far], frontend, device, dtype=dtype))
    assert latched(term, "press") == [True] * 4
