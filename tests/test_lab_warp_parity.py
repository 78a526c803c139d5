# SPDX-License-Identifier: Apache-2.0
"""Warp terms against the torch terms' own task, to the bit, with stages eager and replayed."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("isaaclab_experimental", reason="Isaac Lab is not installed")

import torch
import warp as wp
from causal_contracts.core import Bundle
from causal_contracts.lab import mdp, warp_terms
from lab_device import DEVICE
from manager_tasks import FireRate, Reached, Task
from warp_manager_tasks import SEVERAL, build

NUM_ENVS, STEPS = 6, 60


def one(cfg: Task) -> None:
    cfg.terminations.reached.params = {"progress": 0.3}


def several(cfg: Task) -> None:
    cfg.terminations.reached.params = {"progress": 0.2, "contract_ids": ["a_press"]}
    # b_stop would command the button its rest target, over the policy
    on_the_door = tuple(c for c in SEVERAL.contracts if c.id != "b_stop")
    cfg.actions.contracts.couplings = Bundle(on_the_door)
    cfg.rewards.given_cause.params = {"contract_ids": ["a_press", "c_half"]}


def compose(cfg: Task) -> None:
    several(cfg)
    cfg.actions.contracts.couplings = SEVERAL
    cfg.actions.press.joint_names = [".*"]
    cfg.actions.contracts.compose = True


def beside_another(cfg: Task) -> None:
    one(cfg)
    cfg.scene.spare = cfg.scene.microwave.replace(prim_path="{ENV_REGEX_NS}/Spare")
    cfg.scene.spare.init_state.pos = (0.0, 1.0, 0.0)


CHANGES = {each.__name__: each for each in (one, several, compose, beside_another)}


def cfg_of(change) -> Task:
    """Episodes of half a second, or until the door has moved."""
    cfg = Task(decimation=2, episode_length_s=0.5, terminations=Reached(), curriculum=FireRate())
    change(cfg)
    return cfg


def reward_terms(env, kind: str) -> list[np.ndarray]:
    """The terms alone: Isaac Lab's two managers round the weighted sum differently."""
    values = []
    for name in ("effect_progress", "effect_given_cause"):
        if kind == "torch":
            values.append(getattr(mdp, name)(env).numpy())
        else:
            out = wp.zeros(env.num_envs, dtype=wp.float32)
            getattr(warp_terms, name)(env, out)
            values.append(out.numpy())
    return [value.copy() for value in values]


def trace_of(kind: str, change) -> list[dict[str, object]]:
    """All that a step says, to the bit, with buttons held and episodes that end one by one."""
    running = build(kind, cfg_of(change))
    env = running.env
    env.episode_length_buf[:] = torch.arange(NUM_ENVS) * 2
    rng = np.random.default_rng(0)
    columns = env.action_manager.total_action_dim
    trace = []
    for step in range(STEPS):
        if step % 6 == 0:
            actions = torch.full((NUM_ENVS, columns), 0.4)
            actions[:, running.button if columns > 1 else 0] = torch.from_numpy(
                np.where(rng.random(NUM_ENVS) < 0.6, -0.01, 0.0).astype(np.float32)
            )
        obs, reward, terminated, time_outs, extras = env.step(actions)
        seen = {
            "joint_pos": running.asset.data.joint_pos.torch,
            "targets": running.asset.actuators.target_command.position.torch,
            "policy": obs["policy"],
            "terminated": terminated,
            "time_outs": time_outs,
            "has_fired": running.action.has_fired,
            **obs["contracts"],
        }
        row: dict[str, object] = {key: value.numpy().tobytes() for key, value in seen.items()}
        row["rewards"] = reward_terms(env, kind)
        row["fire_rate"] = {k: float(v) for k, v in extras["log"].items() if "fire_rate" in k}
        row["reward"] = reward.numpy().copy()
        trace.append(row)
    stages = [] if kind == "torch" else [*env._manager_call_switch._graph_cache._graphs]
    running.close()
    assert len(stages) == (11 if kind == "replayed" else 0)
    return trace


@pytest.fixture(scope="module", params=list(CHANGES))
def torch_trace(request):
    change = CHANGES[request.param]
    return change, trace_of("torch", change)


@pytest.mark.filterwarnings("ignore:action term 'press' commands")
@pytest.mark.parametrize("kind", ["eager", "replayed"])
def test_warp_terms_do_to_the_bit_what_the_torch_terms_do(torch_trace, kind):
    change, expected = torch_trace
    found = trace_of(kind, change)
    for step, (seen, want) in enumerate(zip(found, expected, strict=True)):
        assert seen.pop("reward") == pytest.approx(want["reward"], rel=1e-6), step
        # a GPU's compiler may fuse a product with a sum, and then rounds once instead of twice
        rounding = 0.0 if DEVICE == "cpu" else 1e-6
        for mine, other in zip(seen.pop("rewards"), want["rewards"], strict=True):
            assert mine == pytest.approx(other, rel=rounding, abs=0.0), step
        differing = [key for key, value in seen.items() if value != want[key]]
        assert differing == [], step
    # much happened: flags changed, doors moved, and episodes ended in both ways
    changing = {"joint_pos", "fired", "latched", "active", "margin", "progress", "terminated"}
    assert {key for key in changing if len({row[key] for row in expected}) < 4} == set()
    assert len({str(row["fire_rate"]) for row in expected}) > 2
