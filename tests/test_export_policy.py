# SPDX-License-Identifier: Apache-2.0
"""Exported policies: equal to the trained one, whole, refused where they differ, and explained."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest

pytest.importorskip("torch", reason="torch is not installed")
pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")

import onnx
import onnxruntime
import torch
from causal_contracts.core.issue import ContractError
from causal_contracts.lab.train import export
from causal_contracts.lab.train.export import export_policy, sample_observations
from causal_contracts.lab.train.policy import PolicyModule, TrainedPolicy
from causal_contracts.lab.train.policy_facts import (
    Action,
    PolicyFacts,
    read_policy_facts,
    write_policy_facts,
)

NAMES = ("button.position", "button.velocity", "opens.progress")
FACTS = PolicyFacts(
    asset="box.usda",
    library="rsl_rl",
    step_seconds=1 / 30,
    observations=list(NAMES),
    actions=[Action(joint="button", unit="m", actions=[-1.0, 0.0], targets=[-0.01, 0.0])],
    contracts=["opens: button < -0.005 m => lid := 1.571 rad, latching"],
)


def policy(clip=float("inf")):
    """A seeded policy whose normaliser does something."""
    torch.manual_seed(0)
    module = PolicyModule([3, 64, 64, 1], clip).eval()
    module.mean.copy_(torch.tensor([0.3, -2.0, 10.0]))
    module.scale.copy_(torch.tensor([0.1, 4.0, 0.02]))
    return TrainedPolicy(module, "rsl_rl", NAMES, ("button",))


def by_hand(module, observations):
    """The same in NumPy, float64: normalise, clip, two ELU layers, clip."""
    state = {name: value.double().numpy() for name, value in module.state_dict().items()}
    x = (observations.astype(np.float64) - state["mean"]) / state["scale"]
    x = np.clip(x, -module.clip, module.clip)
    for layer in (0, 2, 4):
        x = x @ state[f"mlp.{layer}.weight"].T + state[f"mlp.{layer}.bias"]
        if layer < 4:
            x = np.where(x > 0, x, np.expm1(x))
    return np.clip(x, -1, 1)


@pytest.fixture(scope="module", params=[float("inf"), 1.5], ids=["no clip", "clip 1.5"])
def files(request, tmp_path_factory):
    """A policy, and where its two forms and what was said of them stand."""
    folder, trained = tmp_path_factory.mktemp("policy"), policy(request.param)
    said = export_policy(
        trained, FACTS, onnx=folder / "p.onnx", torchscript=folder / "p.pt", seed=3
    )
    return trained, folder, said


def test_both_forms_equal_the_arithmetic_for_any_number_of_environments(files):
    trained, folder, _ = files
    session = onnxruntime.InferenceSession(folder / "p.onnx", providers=["CPUExecutionProvider"])
    scripted = torch.jit.load(folder / "p.pt")
    for num_envs in (1, 7, 256):
        seen = sample_observations(trained.module, num_envs)[:num_envs]
        wanted = by_hand(trained.module, seen)
        (actions,) = session.run(["actions"], {"obs": seen})
        assert actions.shape == wanted.shape == (num_envs, 1)
        np.testing.assert_allclose(actions, wanted, atol=1e-5)
        np.testing.assert_allclose(scripted(torch.from_numpy(seen)).detach(), wanted, atol=1e-5)


def test_the_difference_is_stated_over_seeded_observations(files):
    trained, folder, said = files
    assert [one.form for one in said] == ["onnx", "torchscript"]
    assert all(0 <= one.largest_difference <= export.TOLERANCE for one in said)
    seen = sample_observations(trained.module, 3)
    assert len(seen) == said[0].samples and (seen == sample_observations(trained.module, 3)).all()
    session = onnxruntime.InferenceSession(folder / "p.onnx", providers=["CPUExecutionProvider"])
    away = np.abs(session.run(None, {"obs": seen})[0] - trained.act(torch.from_numpy(seen)).numpy())
    assert said[0].largest_difference >= away.max()


def test_the_files_say_what_observations_and_actions_are(files):
    _, folder, _ = files
    model = onnx.load(folder / "p.onnx")
    onnx.checker.check_model(model)
    properties = {each.key: each.value for each in model.metadata_props}
    extra = {"policy.json": ""}
    torch.jit.load(folder / "p.pt", _extra_files=extra)
    for text in (properties["policy.json"], extra["policy.json"]):
        tree = json.loads(text)
        assert tree["observations"] == list(NAMES)
        assert tree["actions"][0]["joint"] == "button"
        assert tree["actions"][0]["targets"] == [-0.01, 0.0]
        assert "contracts are not part of the policy" in tree["note"]


def broken(form, how):
    """The writer of one form, with a policy that is not the trained one."""
    write = getattr(export, f"as_{form}")

    def wrong(module, facts):
        other = PolicyModule(module.sizes, module.clip)
        other.load_state_dict(module.state_dict())
        with torch.no_grad():
            how(other)
        return write(other.eval(), facts)

    return wrong


def without_normaliser(module):
    module.mean.zero_()
    module.scale.fill_(1.0)


def slightly_off(module):
    module.mlp[4].bias.add_(1e-4)


def not_finite(module):
    module.mlp[0].weight[0, 0] = float("nan")


@pytest.mark.parametrize(
    ("form", "how"),
    [
        ("onnx", without_normaliser),
        ("onnx", not_finite),
        ("torchscript", slightly_off),
    ],
)
def test_a_form_that_differs_is_refused_and_nothing_is_written(form, how, tmp_path, monkeypatch):
    monkeypatch.setattr(export, f"as_{form}", broken(form, how))
    with pytest.raises(ContractError, match="differs from the trained policy") as fault:
        export_policy(policy(), FACTS, onnx=tmp_path / "onnx", torchscript=tmp_path / "torchscript")
    assert [issue.address for issue in fault.value.issues] == [str(tmp_path / form)]
    assert list(tmp_path.iterdir()) == []


def test_the_trained_policy_is_left_as_it_was():
    trained = policy()
    before = io.BytesIO()
    torch.save(trained.module.state_dict(), before)
    export.as_torchscript(trained.module, FACTS)
    after = io.BytesIO()
    torch.save(trained.module.state_dict(), after)
    assert before.getvalue() == after.getvalue()


def test_the_facts_beside_a_checkpoint_are_read_as_written(tmp_path):
    written = write_policy_facts(FACTS, tmp_path / "policy.pt")
    assert written == tmp_path / "policy.json"
    assert read_policy_facts(tmp_path / "policy.pt") == FACTS
    written.write_text('{"asset": 3}')
    with pytest.raises(ContractError, match="says nothing of a policy"):
        read_policy_facts(tmp_path / "policy.pt")
