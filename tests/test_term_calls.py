# SPDX-License-Identifier: Apache-2.0
"""Calling the term: what it refuses, what it checks once, what it never allocates, who may call."""

import gc
import subprocess
import sys
import textwrap
import tracemalloc
import weakref

import numpy as np
import pytest
import warp as wp
from causal_contracts.core import CouplingTerm, compile_bundle, recorded_launches
from rules import (
    FORMS,
    HAS_CUDA,
    array,
    bits,
    bundle,
    for_each_form,
    for_each_frontend,
    for_each_size,
    host,
    on_cuda,
    on_each_device,
    pointer,
    run,
    with_torch,
)

NAMES = ("button", "lid")
RULE = ("press: button < -0.005 => lid := 1.5, latching", "hold: lid > 0.5 => lid := 0.7, level")
SHAPE = (4, 2)


def make(device="cpu", frontend="warp", num_envs=4):
    return CouplingTerm(compile_bundle(bundle(*RULE), NAMES), num_envs, device, frontend=frontend)


def zeros(frontend, device, shape=SHAPE, dtype=np.float32):
    return array(np.zeros(shape), frontend, device, dtype=dtype)


def pressed(frontend, device, shape=SHAPE):
    return array(np.full(shape, -0.01), frontend, device)


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


@on_each_device
@for_each_frontend
@for_each_form
def test_equal_pointers_are_validated_once(device, frontend, form, monkeypatch):
    seen = []
    check = recorded_launches.as_warp
    monkeypatch.setattr(
        recorded_launches, "as_warp", lambda *args: (seen.append(args[1]), check(*args))[1]
    )
    term = make(device, frontend)
    joint_pos, targets, out = (zeros(frontend, device) for _ in range(3))
    run(term, joint_pos, targets, form, out)
    once = ["joint_pos", "targets"] + ["out"] * (form != "own output")
    assert seen == once
    for _ in range(50):
        run(term, joint_pos, targets, form, out)
    assert seen == once
    other = zeros(frontend, device)
    run(term, joint_pos, other, form, out)
    run(term, joint_pos, targets, form, out)
    assert seen == once * 2


@on_each_device
@for_each_frontend
def test_a_view_with_the_pointer_of_a_checked_array_is_checked_again(device, frontend):
    kind = (frontend, device)
    term = make(*reversed(kind))
    joint_pos, targets = zeros(*kind), zeros(*kind)
    term.apply(joint_pos, targets)
    for view in (joint_pos[:3], joint_pos.reshape((8,)), joint_pos.reshape((2, 4))):
        assert pointer(view) == pointer(joint_pos)
        with pytest.raises(ValueError, match="joint_pos has shape"):
            term.apply(view, targets)
    square = CouplingTerm(compile_bundle(bundle(), NAMES), 2, device, frontend=frontend)
    whole = zeros(*kind, shape=(2, 2))
    square.apply(whole, zeros(*kind, shape=(2, 2)))
    turned = whole.T if frontend == "torch" else whole.transpose()
    with pytest.raises(ValueError, match="contiguous"):
        square.apply(turned, zeros(*kind, shape=(2, 2)))


@with_torch
@on_each_device
def test_another_dtype_over_the_same_memory_is_checked_again(device):
    import torch

    term = make(device, "torch")
    joint_pos, targets = zeros("torch", device), zeros("torch", device)
    term.apply(joint_pos, targets)
    with pytest.raises(TypeError, match="int32; the term needs float32"):
        term.apply(joint_pos.view(torch.int32), targets)


@on_each_device
@for_each_frontend
def test_many_buffers_in_turn_all_give_the_right_answer(device, frontend):
    kind = (frontend, device)
    term = make(*reversed(kind))
    rows = [
        array(np.full(SHAPE, 0.01 * i), *kind) for i in range(3 * recorded_launches.MAX_RECORDED)
    ]
    free = zeros(*kind)
    for _ in range(2):
        for i, targets in enumerate(rows):
            assert host(term.apply(free, targets))[0, 0] == np.float32(0.01 * i)
    assert len(term._launches._launches) <= recorded_launches.MAX_RECORDED


@on_each_device
@for_each_frontend
def test_buffers_are_not_kept_alive(device, frontend):
    kind = (frontend, device)
    term = make(*reversed(kind))
    joint_pos, targets, out = zeros(*kind), zeros(*kind), zeros(*kind)
    alive = [weakref.ref(x) for x in (joint_pos, targets, out)]
    for form in FORMS:
        run(term, joint_pos, targets, form, out)
    held = sys.getrefcount(joint_pos)
    del joint_pos, targets, out
    assert held <= 2
    assert [x() for x in alive] == [None] * 3


@on_each_device
@for_each_frontend
@for_each_form
def test_state_and_output_keep_their_pointers(device, frontend, form):
    kind = (frontend, device)
    term = make(*reversed(kind))
    joint_pos, targets, out = pressed(*kind), zeros(*kind), zeros(*kind)

    def pointers():
        result = run(term, joint_pos, targets, form, out)
        return [pointer(x) for x in (result, term.fired, term.latched, term.active)]

    before = pointers()
    for _ in range(3):
        term.reset()
        term.reset([1])
        term.load_state_dict(term.state_dict())
        assert pointers() == before


@on_each_device
@for_each_frontend
@for_each_size
def test_repeated_calls_leave_nothing_behind(device, frontend, num_envs):
    kind = (frontend, device)
    term = make(*reversed(kind), num_envs=num_envs)
    shape = (num_envs, 2)
    joint_pos, targets, out = pressed(*kind, shape=shape), *(zeros(*kind, shape=shape),) * 2
    mask = array(np.arange(num_envs) % 2 == 0, *kind, dtype=bool)
    ids = array([0], *kind, dtype=np.int64)

    def calls():
        for _ in range(20):
            for form in ("own output", "in place"):
                run(term, joint_pos, targets, form, out)
            term.reset(env_mask=mask)
            term.reset(env_ids=ids)
            term.reset()

    calls()
    used = device_memory(device)
    tracemalloc.start()
    calls()
    start = traced()
    for _ in range(5):
        calls()
    grown = traced() - start
    tracemalloc.stop()
    assert grown < 1024, "of 500 calls"
    assert device_memory(device) == used


def traced():
    """Bytes that Python holds; Warp's CPU launch leaves cycles to its collector."""
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


def device_memory(device):
    """Bytes that torch and Warp hold on a GPU; on the CPU nothing counts them."""
    if device == "cpu":
        return None
    used = [wp.get_mempool_used_mem_current(device)]
    if "torch" in sys.modules:
        used.append(sys.modules["torch"].cuda.memory_allocated(device))
    return used


@on_each_device
@for_each_frontend
def test_warp_allocates_nothing_after_construction(device, frontend):
    kind = (frontend, device)
    term = make(*reversed(kind))
    joint_pos, targets = pressed(*kind), zeros(*kind)
    reports = []
    with wp.ScopedMemoryTracker("calls", report_func=reports.append):
        term.apply(joint_pos, targets)
        term.apply(joint_pos, targets, out=targets)
        term.reset()
        term.reset([1, 2])
        term.reset(slice(1, 3))
    assert "rules.py" not in "".join(reports)  # nothing of ours is counted
    for ours in ("latches.py", "recorded_launches.py", "term.py"):
        assert ours not in "".join(reports)


@on_each_device
@with_torch
@pytest.mark.parametrize("made_inside", [True, False])
@for_each_form
def test_inference_mode_may_begin_and_end_anywhere(device, made_inside, form):
    import torch

    with torch.inference_mode(made_inside):
        term = make(device, "torch")
        if made_inside:
            term.apply(zeros("torch", device), zeros("torch", device))
            assert not term.latched.any()
    with torch.inference_mode():
        inside = [pressed("torch", device), zeros("torch", device), zeros("torch", device)]
        result = run(term, *inside[:2], form, inside[2])
        assert host(result)[:, 1].tolist() == [1.5] * 4
        assert host(term.latched)[:, 1].all()
    term.reset([0, 1])
    outside = [zeros("torch", device) for _ in range(3)]
    result = run(term, *outside[:2], form, outside[2])
    assert host(result)[:, 1].tolist() == [0.0, 0.0, 1.5, 1.5]
    result.add_(1.0)  # a plain tensor, which may be changed outside of inference mode
    with torch.inference_mode():
        run(term, *inside[:2], form, inside[2])
        term.reset(env_mask=torch.ones(4, dtype=torch.bool, device=device))
    assert not term.active.any()
    assert not term.active.is_inference() and not term.apply(*outside[:2]).is_inference()


@on_each_device
@with_torch
def test_tensors_that_require_gradients_pass_as_numbers(device):
    import torch

    term = make(device, "torch")
    joint_pos = torch.full(SHAPE, -0.01, device=device, requires_grad=True)
    result = term.apply(joint_pos, zeros("torch", device))
    assert not result.requires_grad and host(result)[:, 1].tolist() == [1.5] * 4
    assert joint_pos.grad is None


@on_each_device
@with_torch
def test_the_output_is_of_the_kind_of_the_targets(device):
    import torch

    term = make(device, "torch")
    mixed = term.apply(zeros("warp", device), zeros("torch", device))
    assert isinstance(mixed, torch.Tensor)
    assert isinstance(term.apply(zeros("torch", device), zeros("warp", device)), wp.array)


@with_torch
def test_torch_is_the_frontend_where_it_is_installed():
    assert make(frontend=None).frontend == "torch"


def test_a_term_prints_where_it_runs():
    assert repr(make()).startswith("CouplingTerm on 4 environments, cpu: 2 compiled on 2 joints")


REFUSE_TORCH = {
    "no finder knows it": """
        import sys
        class Hook:
            def find_spec(self, name, path=None, target=None):
                if name.partition(".")[0] == "torch":
                    raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        sys.meta_path.insert(0, Hook())
    """,
    "it is barred": """
        import sys
        sys.modules["torch"] = None
    """,
}


@on_each_device
@pytest.mark.parametrize("frontend", ["warp", None])
@pytest.mark.parametrize("refuse", REFUSE_TORCH.values(), ids=REFUSE_TORCH)
def test_without_torch_the_term_constructs_and_runs(device, frontend, refuse):
    code = textwrap.dedent(refuse) + textwrap.dedent(f"""
        import warp as wp
        wp.config.log_level = wp.LOG_WARNING
        from causal_contracts.core import (
            Bundle, Contract, CouplingTerm, JointThreshold, SetDriveTarget, compile_bundle
        )
        press = Contract("c", JointThreshold("a", "<", -0.005), SetDriveTarget("b", 1.5))
        term = CouplingTerm(
            compile_bundle(Bundle((press,)), ["a", "b"]), 3, {device!r}, frontend={frontend!r}
        )
        joint_pos = wp.full((3, 2), -0.01, dtype=wp.float32, device={device!r})
        targets = wp.zeros((3, 2), dtype=wp.float32, device={device!r})
        result = term.apply(joint_pos, targets)
        term.apply(joint_pos, targets, out=targets)
        assert result.numpy().tolist() == targets.numpy().tolist() == [[0.0, 1.5]] * 3
        term.reset([0])
        term.reset(env_mask=[False, True, False])
        other = CouplingTerm(term.compiled, 3, {device!r})
        other.load_state_dict(term.state_dict())
        assert other.latched.numpy()[:, 0].tolist() == [False, False, True]
        assert term.swap(term.compiled)
        assert not sys.modules.get("torch")
        print("ran")
    """)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip().endswith("ran"), done.stderr


def test_cuda_is_named_where_it_is_missing():
    if HAS_CUDA:
        pytest.skip("a CUDA device is here")
    with pytest.raises(Exception, match="cuda:0"):
        make("cuda:0")
