# SPDX-License-Identifier: Apache-2.0
"""RSL-RL's PPO on imagined rollouts alone, and its policy in the real environment."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from typing import Any

import torch
from causal_contracts.lab.imagination import effect_progress
from rsl_rl.env import VecEnv
from rsl_rl.runners import OnPolicyRunner
from tensordict import TensorDict

from .real import RealEnv
from .recording import Recording, state_of
from .rollout import Imagination

HORIZON = 60
"""Decisions of an imagined episode."""
EFFORT = 0.1
"""What a decision with the trigger fully pressed costs; an effect reached earns 1 a decision."""
REACHED = 0.95
"""Share of the way from rest to target that counts as the effect."""
REAL_SECONDS = 2.0
Policy = Callable[[torch.Tensor], torch.Tensor]
"""Normalised states (n, columns) to the share of the way to press, shape (n, 1)."""


class ImaginedEnv(VecEnv):
    """Environments that only the ensemble knows; each begins at a recorded state and its fork."""

    def __init__(self, model: Imagination, recording: Recording, num_envs: int, seed: int) -> None:
        self.num_envs, self.num_actions = num_envs, 1
        self.max_episode_length = HORIZON
        self.device = recording.before.device
        self.cfg = {}
        self.model = model
        self._dice = torch.Generator().manual_seed(seed)
        self._recording, self._envs = recording, recording.envs(held_out=False)
        self._x, self._contracts = self._starts()
        # Episodes end at different times, or every rollout would end with all of them.
        self.episode_length_buf = torch.arange(num_envs, device=self.device) % HORIZON

    def get_observations(self) -> TensorDict:
        return TensorDict({"policy": self._x}, batch_size=[self.num_envs])

    def step(
        self, actions: torch.Tensor
    ) -> tuple[TensorDict, torch.Tensor, torch.Tensor, dict[str, Any]]:
        press = actions.clamp(0.0, 1.0)
        x, contracts = self.model.step(self._x, press, self._contracts)
        reward = effect_progress(self.model.compiled, self.model.joint_pos(x), contracts)
        self.episode_length_buf = self.episode_length_buf + 1
        ends = self.episode_length_buf >= HORIZON
        fresh, forks = self._starts()
        self._x = torch.where(ends[:, None], fresh, x)
        self._contracts = contracts.where(ends, forks)
        self.episode_length_buf = torch.where(ends, 0, self.episode_length_buf)
        reward = reward - EFFORT * press[:, 0]
        return self.get_observations(), reward, ends.long(), {"time_outs": ends}

    def _starts(self) -> tuple[torch.Tensor, Any]:
        """Recorded states at random, with the contracts as they stood there."""
        decisions, envs = (
            torch.randint(high, (self.num_envs,), generator=self._dice).to(self.device)
            for high in (len(self._recording.before), len(self._envs))
        )
        envs = self._envs[envs]
        states = self.model.ensemble.states(self._recording.before[decisions, envs])
        return states, self._recording.rows(decisions, envs)


def train(
    env: ImaginedEnv, iterations: int, seed: int, progress: Callable[[str], None]
) -> tuple[Policy, list[float]]:
    """The policy without exploration noise, and the mean reward of every rollout."""
    torch.manual_seed(seed)
    rewards: list[float] = []
    step = env.step

    def watched(actions: torch.Tensor) -> Any:
        result = step(actions)
        rewards.append(float(result[1].mean()))
        return result

    env.step = watched  # pyright: ignore[reportAttributeAccessIssue]
    with contextlib.redirect_stdout(io.StringIO()):
        runner = OnPolicyRunner(env, _settings(), log_dir=None, device=str(env.device))
    steps = runner.cfg["num_steps_per_env"]
    for done in range(0, iterations, 10):
        with contextlib.redirect_stdout(io.StringIO()):
            runner.learn(min(10, iterations - done))
        progress(f"{min(done + 10, iterations)} of {iterations}, reward {rewards[-1]:.3f}")
    actor = runner.get_inference_policy(str(env.device))

    def policy(x: torch.Tensor) -> torch.Tensor:
        with torch.inference_mode():
            return actor(TensorDict({"policy": x}, batch_size=[len(x)])).clamp(0.0, 1.0)

    chunks = [rewards[i : i + steps] for i in range(0, len(rewards), steps)]
    return policy, [sum(chunk) / len(chunk) for chunk in chunks]


def evaluate(env: RealEnv, model: Imagination, policy: Policy) -> dict[str, Any]:
    """Two seconds in every real environment from the authored pose: where the effects stand."""
    env.enable(torch.ones(env.num_envs, dtype=torch.bool, device=env.device))
    pressed = torch.zeros(env.num_envs, dtype=torch.bool, device=env.device)
    traces = []
    for _ in range(round(REAL_SECONDS / env.step_dt)):
        press = policy(model.ensemble.states(state_of(env)))
        env.act(press[:, 0].clone())
        trigger = env.joint_pos[:, env.trigger]
        threshold = float(env.compiled.threshold[0])
        pressed |= trigger > threshold if env.compiled.greater[0] else trigger < threshold
        traces.append(env.joint_pos[:, env.effect].clone())
    rest, target = float(env.compiled.rest[0]), float(env.compiled.target[0])
    share = (traces[-1] - rest) / (target - rest)
    return {
        "opened": int((share >= REACHED).sum()),
        "pressed": int(pressed.sum()),
        "of": env.num_envs,
        "trace": torch.stack(traces).mean(1).tolist(),
    }


def _settings() -> dict[str, Any]:
    network = {"class_name": "MLPModel", "hidden_dims": [32, 32], "activation": "elu"}
    noise = {"class_name": "GaussianDistribution", "init_std": 1.0}
    return {
        "num_steps_per_env": 24,
        "save_interval": 10**6,
        "obs_groups": {"actor": ["policy"], "critic": ["policy"]},
        "actor": {**network, "distribution_cfg": noise},
        "critic": network,
        "algorithm": {
            "class_name": "PPO",
            "gamma": 0.98,
            "learning_rate": 1.0e-3,
            "entropy_coef": 0.0,
            "num_learning_epochs": 4,
            "num_mini_batches": 4,
        },
    }
