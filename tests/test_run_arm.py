# SPDX-License-Identifier: Apache-2.0
"""One arm after the other in one process: what is learned, counted, judged, written and closed."""

from __future__ import annotations

import dataclasses
import math

import pytest

pytest.importorskip("isaaclab", reason="Isaac Lab is not installed")

import torch
from causal_contracts.core.issue import ContractError
from causal_contracts.lab.metrics import CELLS
from causal_contracts.lab.train import rsl_rl_learner, skrl_learner
from causal_contracts.lab.train.arm import ArmRequest
from causal_contracts.lab.train.policy import PolicyModule, TrainedPolicy, load_policy
from causal_contracts.lab.train.run_arm import run_arm
from causal_contracts.preview.causality import Cell, judge
from causal_contracts.preview.episode import read_contracts
from causal_contracts.preview.measured import Episode
from isaaclab.sim import SimulationContext
from lab_device import DEVICE
from tensordict import TensorDict
from train_tasks import asset, sample_task

pytestmark = pytest.mark.skipif(DEVICE != "cpu", reason="these arms choose the CPU themselves")

SMALL = ArmRequest(asset("microwave"), "contract", num_envs=16, iterations=2, eval_envs=8)
STEPS = 120  # of an episode of 4 s at 30 steps a second
ID = "press_opens_door"


@pytest.fixture(scope="module")
def arms(tmp_path_factory):
    """Both arms, one after the other, and what the callbacks heard."""
    heard = []
    out = tmp_path_factory.mktemp("arm")
    results = {
        arm: run_arm(dataclasses.replace(SMALL, arm=arm, out=out / arm), on_iteration=heard.append)
        for arm in ("contract", "native")
    }
    return results, heard


@pytest.fixture(params=["contract", "native"])
def arm(request, arms):
    return arms[0][request.param]


def test_every_iteration_is_told_with_one_episode_of_every_environment(arms):
    results, heard = arms
    assert tuple(heard) == results["contract"].iterations + results["native"].iterations
    assert [each.iteration for each in heard] == [1, 2, 1, 2]
    assert [each.env_steps for each in heard] == [16 * STEPS, 32 * STEPS] * 2
    assert all(each.rates.episodes == 16 for each in heard)
    assert all(each.seconds > 0 and each.nan_environments == 0 for each in heard)


def test_the_whole_training_is_the_sum_of_its_iterations(arm):
    (total,) = arm.contracts.values()
    assert total.episodes == sum(each.rates.episodes for each in arm.iterations)
    assert total.causes == sum(each.rates.causes for each in arm.iterations)
    assert arm.nan.environments == () and arm.nan.episodes == arm.nan.recovered == 0


def test_the_hand_opens_every_door_and_a_reset_closes_it(arms):
    scripted = arms[0]["contract"].scripted
    assert scripted.num_envs == 8 and scripted.seconds == pytest.approx(4.0)
    assert scripted.reached == {ID: 8} and scripted.closed_after_reset == {ID: 8}
    assert scripted.rates[ID].effect_given_cause == (8, 8)
    assert len(scripted.latencies[ID]) == 8
    assert all(0.2 < latency < 0.8 for latency in scripted.latencies[ID])
    assert scripted.reward > 0.98


def test_without_the_contract_the_same_hand_opens_none(arms):
    native = arms[0]["native"]
    assert native.scripted.rates[ID].effect_given_cause == (0, 8)
    assert native.scripted.reached == {ID: 0} and native.scripted.latencies == {ID: ()}
    assert native.scripted.reward == native.evaluation.reward == 0.0
    assert all(each.reward == 0.0 for each in native.iterations)
    assert all(each.rates.effect_given_cause[0] == 0 for each in native.iterations)


def test_both_arms_start_alike(arms):
    results, _ = arms
    first = [results[arm].iterations[0].rates for arm in ("contract", "native")]
    assert first[0].causes == first[1].causes


def test_the_written_policy_can_be_read_again(arm):
    policy = load_policy(arm.policy)
    assert policy.library == "rsl_rl" and policy.actions == ("button_slide",)
    names = ("button_slide.position", "button_slide.velocity", f"{ID}.progress")
    assert policy.observations == names
    assert (policy.obs_dim, policy.action_dim) == (3, 1)
    assert not torch.equal(policy.module.scale, torch.ones(3))  # it has its normaliser
    assert policy.act(torch.zeros(5, 3)).shape == (5, 1)


def test_the_environment_is_closed_and_the_packages_are_named(arm):
    assert SimulationContext.instance() is None
    assert {"python", "isaaclab", "torch", "rsl-rl-lib", "warp-lang"} <= set(arm.versions)


def test_skrl_trains_the_same_task_and_its_policy_acts_as_skrl_does(monkeypatch):
    agents = []
    plain = skrl_learner.plain
    monkeypatch.setattr(
        skrl_learner, "plain", lambda agent: (agents.append(agent), plain(agent))[1]
    )
    heard = []
    with sample_task("coffee_maker", num_envs=16) as task:
        module = skrl_learner.train_skrl(task, iterations=2, logs=None, after_update=heard.append)
        seen = torch.randn(64, 3)
        agents[0].enable_models_training_mode(False)
        inputs = {"observations": agents[0]._observation_preprocessor(seen), "states": None}
        _, outputs = agents[0].policy.act(inputs, role="policy")
        expected = outputs["mean_actions"].detach().clamp(-1.0, 1.0)
        counts = task.coupling_metrics["asset"].counts.sum(dim=1)
    assert heard == [STEPS, STEPS]
    assert counts[0] >= 2 * 16  # the episodes, and the presses among them
    torch.testing.assert_close(module(seen), expected, atol=1e-5, rtol=0.0)


def test_a_policy_of_rsl_rl_acts_as_rsl_rl_does():
    from rsl_rl.models import MLPModel

    torch.manual_seed(0)
    seen = TensorDict({"policy": 3.0 * torch.randn(256, 4) - 1.0}, batch_size=[256])
    gaussian = {"class_name": "GaussianDistribution", "init_std": 0.2}
    model = MLPModel(
        seen, {"actor": ["policy"]}, "actor", 2, (64, 64), "elu", True, distribution_cfg=gaussian
    )
    model.update_normalization(seen)
    expected = model.eval()(seen).detach().clamp(-1.0, 1.0)
    module = rsl_rl_learner.plain(model)
    torch.testing.assert_close(module(seen["policy"]), expected, atol=1e-6, rtol=0.0)


def test_a_policy_is_what_was_saved(tmp_path):
    torch.manual_seed(0)
    module = PolicyModule([4, 8, 2], clip=5.0)
    module.mean += 1.0
    saved = TrainedPolicy(module, "skrl", ("a", "b", "c", "d"), ("x", "y"))
    read = load_policy(saved.save(tmp_path / "policy.pt"))
    seen = 20.0 * torch.randn(16, 4)
    assert torch.equal(read.act(seen), saved.act(seen))
    assert (read.library, read.observations, read.actions) == ("skrl", tuple("abcd"), ("x", "y"))
    assert read.module.clip == 5.0


@pytest.mark.parametrize("content", [b"", b"no policy", None], ids=["empty", "text", "missing"])
def test_what_is_no_policy_says_so(tmp_path, content):
    path = tmp_path / "policy.pt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ContractError, match=r"policy\.pt: (holds no policy|cannot be read)"):
        load_policy(path)


def test_another_torch_file_is_no_policy(tmp_path):
    torch.save({"weights": torch.zeros(1)}, tmp_path / "policy.pt")
    with pytest.raises(ContractError, match="holds no policy of this project"):
        load_policy(tmp_path / "policy.pt")


def test_all_faults_of_a_request_are_told_at_once():
    bad = dataclasses.replace(SMALL, num_envs=0, iterations=-1, window=math.nan)
    with pytest.raises(ContractError) as raised:
        run_arm(bad)
    assert [issue.address for issue in raised.value.issues] == ["num_envs", "iterations", "window"]


def test_a_simulation_that_is_alive_is_left_alone():
    with sample_task("microwave", num_envs=2) as task:
        with pytest.raises(ContractError, match="is alive in this process"):
            run_arm(SMALL)
        task.step(torch.zeros(2, 1))


def test_what_is_counted_is_what_the_judge_says_of_every_physics_step():
    """Of the same positions as the contract saw: a press shorter than a step is a press."""
    torch.manual_seed(0)
    _, bundle, _ = read_contracts(asset("microwave"))
    with sample_task("microwave", num_envs=32) as task:
        joint_pos = [task.binding.joint_pos().clone()]
        task.on_measured = lambda measured: joint_pos.append(measured.clone())
        for _ in range(STEPS):
            _, _, _, over, _ = task.step(0.3 * torch.randn(32, 1))
        assert over.all()
        counts = task.coupling_metrics["asset"].counts[0].tolist()
        episode = Episode(
            torch.stack(joint_pos).numpy(), tuple(task.asset.joint_names), task.physics_dt
        )
    assert len(joint_pos) == 1 + STEPS * 4
    (judgement,) = judge(bundle, episode)
    assert dict(zip(CELLS, counts, strict=False)) == {c: judgement.count(c) for c in CELLS}
    assert counts[-1] == sum(outcome.cause is not None for outcome in judgement.outcomes) > 0
    assert judgement.count(Cell.NO_CAUSE_EFFECT) == 0


def test_actions_and_drive_targets_are_one_to_one():
    with sample_task("car", num_envs=5) as task:
        steps = torch.tensor([-1.0, -0.6, 0.0, 0.3, 1.0]).unsqueeze(1)
        # the boot opens upwards, the flap's button downwards
        actions = steps.abs() * torch.tensor([1.0, -1.0])
        assert list(task.cfg.couplings_policy_joints) == ["boot_hinge", "flap_button"]
        targets = task.targets_of(actions)
        torch.testing.assert_close(task.actions_for(targets), actions)
        assert targets[0].tolist() == pytest.approx([math.radians(75), -0.010])
        assert targets[2].tolist() == [0.0, 0.0]
        half = task.targets_of(torch.tensor([[0.5, -0.5]]))
        assert half[0].tolist() == pytest.approx([math.radians(20), -0.005])
