# SPDX-License-Identifier: Apache-2.0
"""Calls of a term in inference mode, with gradients, of either kind of array, without torch."""

import subprocess
import sys
import textwrap

import pytest
import warp as wp
from rules import for_each_form, host, on_each_device, run, with_torch
from term_calls import SHAPE, make, pressed, zeros


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
