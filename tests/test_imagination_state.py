# SPDX-License-Identifier: Apache-2.0
"""The state of imagined environments: forked, gathered, reset, joined, stored."""

from __future__ import annotations

import io

import numpy as np
import pytest
from causal_contracts.core import CouplingTerm, compile_bundle
from rules import bits, bundle, host, on_each_device

pytest.importorskip("torch", reason="torch is not installed")
import torch
from causal_contracts.lab.imagination import State, load_state_dict, prepare, state_dict, step
from imagined import COMPILED, JOINTS, per_env, run, same, walk


@on_each_device
@pytest.mark.parametrize("frontend", ["torch", "warp"])
@pytest.mark.parametrize("own", [False, True], ids=["shared", "per environment"])
def test_a_fork_goes_on_as_the_original_and_leaves_it_alone(device, frontend, own):
    path = walk(9, 16, 3, device)
    term = CouplingTerm(COMPILED, 9, device, frontend=frontend, per_env=own)
    rng = np.random.default_rng(5)
    written = term.threshold.numpy() if frontend == "warp" else host(term.threshold)
    changed = (written + rng.uniform(-0.2, 0.2, written.shape)).astype(np.float32)
    if frontend == "warp":
        term.threshold.assign(changed)
    else:
        term.threshold.copy_(torch.from_numpy(changed))
    targets = torch.zeros_like(path[0])
    for joint_pos in path[:6]:
        term.apply(joint_pos, targets)
    fork, again = State.from_term(term), State.from_term(term)
    assert fork.latched.any() and not fork.latched.all()
    for joint_pos in path[6:]:
        merged, fork = step(COMPILED, joint_pos, fork, targets=targets)
    assert same(State.from_term(term), again)  # imagining changed nothing
    for joint_pos in path[6:]:
        original = term.apply(joint_pos, targets)
    assert bits(merged) == bits(original)
    assert same(fork, State.from_term(term)) and not same(fork, again)


@on_each_device
@pytest.mark.parametrize("own", [False, True], ids=["shared", "per environment"])
def test_gathering_and_repeating_commute_with_a_step(device, own):
    state = State.initial(COMPILED, 8, device)
    if own:
        state = state._replace(params=per_env(8, 1, device))
    path = walk(8, 6, 7, device)
    _, state = run(path[:3], state)
    ids = torch.tensor([7, 0, 0, 3, 5], device=device)
    for choose, pick in (
        (lambda s: s.gather(ids), lambda x: x[ids]),
        (lambda s: s.gather(ids.int()), lambda x: x[ids]),
        (lambda s: s.repeat(3), lambda x: x.repeat_interleave(3, 0)),
    ):
        chosen, after_choice = run([pick(x) for x in path[3:]], choose(state))
        everyone, after = run(path[3:], state)
        assert same(after_choice, choose(after))
        assert bits(chosen[-1]) == bits(pick(everyone[-1]))


def test_a_reset_clears_these_rows_and_no_other():
    _, state = run(walk(8, 4, 2), State.initial(COMPILED, 8)._replace(params=per_env(8, 2)))
    mask = torch.tensor([True, False] * 4)
    after = state.reset(mask)
    assert state.latched[mask].any() and state.latched[~mask].any()
    for was, now in zip(state.flags, after.flags, strict=True):
        assert not now[mask].any() and torch.equal(now[~mask], was[~mask])
    assert same(after._replace(params=None), after.clone()._replace(params=None))
    assert after.params is not None and torch.equal(after.params.target, state.params.target)


def test_rows_of_two_states_come_together_by_mask_or_one_after_the_other():
    one, two = (
        run(walk(6, 5, seed), State.initial(COMPILED, 6)._replace(params=per_env(6, seed)))[1]
        for seed in (0, 1)
    )
    mask = torch.tensor([True, False, False, True, True, False])
    mixed = one.where(mask, two)
    for a, b, m in zip(one.flags, two.flags, mixed.flags, strict=True):
        assert torch.equal(m[mask], b[mask]) and torch.equal(m[~mask], a[~mask])
    assert torch.equal(mixed.params.target[mask], two.params.target[mask])
    both = State.cat([one, two])
    assert same(both.gather(torch.arange(6)), one) and same(both.gather(torch.arange(6, 12)), two)
    shared = one._replace(params=prepare(COMPILED, "cpu").parameters)
    assert State.cat([shared, one]).params.threshold.shape == (12, COMPILED.num_contracts)
    with pytest.raises(ValueError, match="parameters and others none"):
        one.where(mask, two._replace(params=None))


def test_a_clone_owns_its_memory():
    state = State.initial(COMPILED, 4)._replace(params=per_env(4, 0))
    copy = state.clone()
    copy.latched[:] = True
    copy.params.threshold[:] = 0.0
    assert not state.latched.any() and state.params.threshold.any()


@pytest.mark.parametrize("own", [False, True], ids=["shared", "per environment"])
def test_a_stored_state_loads_into_a_term_and_back(own):
    _, state = run(walk(8, 4, 4), State.initial(COMPILED, 8))
    if own:
        state = state._replace(params=per_env(8, 4))
        _, state = run(walk(8, 2, 5), state)
    file = io.BytesIO()
    torch.save(state_dict(COMPILED, state), file)
    file.seek(0)
    saved = torch.load(file, weights_only=True)
    assert same(load_state_dict(COMPILED, saved), state)
    term = CouplingTerm(COMPILED, 8, frontend="torch", per_env=own)
    assert term.load_state_dict(saved) == ([], [])
    forked = State.from_term(term)
    assert same(forked if own else forked._replace(params=None), state)
    assert same(load_state_dict(COMPILED, term.state_dict()), state)


def test_a_stored_state_is_found_by_contract_id():
    _, state = run(walk(8, 4, 4), State.initial(COMPILED, 8)._replace(params=per_env(8, 4)))
    saved = state_dict(COMPILED, state)
    other = compile_bundle(
        bundle(
            "a_new_one: door > 9 => lid := 1, latching",
            "shut: lid < -0.75 => door := 0.25, latching",
        ),
        JOINTS,
    )
    loaded = load_state_dict(other, saved)
    assert torch.equal(loaded.latched[:, 1], state.latched[:, 2]) and state.latched[:, 2].any()
    assert not loaded.latched[:, 0].any()
    assert torch.equal(loaded.params.threshold[:, 1], state.params.threshold[:, 2])
    assert loaded.params.threshold[:, 0].tolist() == [9.0] * 8
    with pytest.raises(ValueError, match="version 9"):
        load_state_dict(COMPILED, {**saved, "version": 9})
    with pytest.raises(ValueError, match=r"lacks \['fired'\]"):
        load_state_dict(COMPILED, {k: v for k, v in saved.items() if k != "fired"})
