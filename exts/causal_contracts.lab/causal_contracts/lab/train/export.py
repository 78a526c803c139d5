# SPDX-License-Identifier: Apache-2.0
"""A trained policy to ONNX and TorchScript, each read back and compared before it is written."""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from causal_contracts.core.atomic import write_atomically
from causal_contracts.core.issue import ContractError, error

from .policy import PolicyModule, TrainedPolicy
from .policy_facts import PolicyFacts, to_json

INPUT, OUTPUT = "obs", "actions"
"""Names in the ONNX graph, as RSL-RL's exporter has them."""
OPSET = 18
METADATA = "policy.json"
"""Key of the ONNX metadata, and name of the extra file of TorchScript, that hold the facts."""
SAMPLES = 1024
SPREAD = 3.0
"""Standard deviations of the normaliser that the compared observations cover."""
TOLERANCE = 1e-5
"""Largest difference of an action, in -1 to 1; float32 rounding of two small layers is 1e-6."""


@dataclass(frozen=True, slots=True)
class Exported:
    """One file that was written."""

    form: str
    path: Path
    largest_difference: float
    """Of any action from the trained policy's, over all compared observations."""
    samples: int


def export_policy(
    policy: TrainedPolicy,
    facts: PolicyFacts,
    *,
    onnx: Path | None = None,
    torchscript: Path | None = None,
    seed: int = 0,
) -> list[Exported]:
    """Write the policy with its normaliser; the contracts stay in the environment.

    Args:
        policy: what a training gave, on any device.
        facts: joint names and the meaning of the actions, which go into every file.
        onnx: input `obs` (num_envs, obs_dim), output `actions` (num_envs, action_dim).
        torchscript: a module with the same input and output.
        seed: of the observations that are compared.

    Raises:
        ContractError: a form differs from the policy by more than `TOLERANCE` (then none is
            written), or a file cannot be written.
    """
    module = _on_cpu(policy.module)
    observations = sample_observations(module, seed)
    with torch.inference_mode():
        wanted = module(torch.from_numpy(observations)).numpy()
    ready, faults = [], []
    for form, path, write, run in (
        ("onnx", onnx, as_onnx, run_onnx),
        ("torchscript", torchscript, as_torchscript, run_torchscript),
    ):
        if path is None:
            continue
        data = write(module, facts)
        away = _largest_difference(run, data, observations, wanted)
        if not away <= TOLERANCE:
            what = f"differs from the trained policy by {away:.3g}, more than {TOLERANCE:g}"
            fix = "nothing was written; report it with the checkpoint"
            faults.append(error(str(path), what, fix))
        ready.append((Exported(form, path, away, len(observations)), data))
    if faults:
        raise ContractError(faults)
    for done, data in ready:
        write_atomically(done.path, data)
    return [done for done, _ in ready]


def sample_observations(module: PolicyModule, seed: int) -> np.ndarray:
    """Observations around the normaliser's mean, float32, shape (SAMPLES, obs_dim)."""
    noise = np.random.default_rng(seed).standard_normal((SAMPLES, module.sizes[0]))
    scale, mean = module.scale.numpy(), module.mean.numpy()
    return (mean + SPREAD * scale * noise).astype(np.float32)


def as_onnx(module: PolicyModule, facts: PolicyFacts) -> bytes:
    """The module as an ONNX file for any number of environments."""
    example = torch.zeros(2, module.sizes[0])
    with _quietly():
        program = torch.onnx.export(
            module,
            (example,),
            dynamo=True,
            opset_version=OPSET,
            input_names=[INPUT],
            output_names=[OUTPUT],
            dynamic_shapes=({0: torch.export.Dim("num_envs")},),
            verbose=False,
        )
    assert program is not None, "the exporter made no program"
    model = program.model_proto
    for name, value in (
        ("library", facts.library),
        ("asset", facts.asset),
        (METADATA, to_json(facts).decode()),
    ):
        model.metadata_props.add(key=name, value=value)
    return model.SerializeToString()


def run_onnx(data: bytes, observations: np.ndarray) -> np.ndarray:
    """The actions of an ONNX file, by onnxruntime on the CPU."""
    import onnxruntime

    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    (actions,) = session.run([OUTPUT], {INPUT: observations})
    return np.asarray(actions)


def as_torchscript(module: PolicyModule, facts: PolicyFacts) -> bytes:
    """The module as a TorchScript file, which C++ can load too."""
    buffer = io.BytesIO()
    with _quietly():
        scripted = torch.jit.script(module)
        torch.jit.save(scripted, buffer, _extra_files={METADATA: to_json(facts)})
    return buffer.getvalue()


def run_torchscript(data: bytes, observations: np.ndarray) -> np.ndarray:
    """The actions of a TorchScript file."""
    with _quietly(), torch.inference_mode():
        module = torch.jit.load(io.BytesIO(data), map_location="cpu")
        return module(torch.from_numpy(observations)).numpy()


def _largest_difference(
    run: Callable[[bytes, np.ndarray], np.ndarray],
    data: bytes,
    observations: np.ndarray,
    wanted: np.ndarray,
) -> float:
    """Over all observations at once and the first alone: a fixed batch size would show."""
    away = np.abs(run(data, observations) - wanted).max()
    return float(max(away, np.abs(run(data, observations[:1]) - wanted[:1]).max()))


def _on_cpu(module: PolicyModule) -> PolicyModule:
    copy = PolicyModule(module.sizes, module.clip)
    copy.load_state_dict({name: value.cpu() for name, value in module.state_dict().items()})
    return copy.eval()


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """The exporters announce each step, and that TorchScript is old."""
    chatter = [logging.getLogger(name) for name in ("torch.onnx", "onnxscript", "onnx_ir")]
    levels = [each.level for each in chatter]
    for each in chatter:
        each.setLevel(logging.ERROR)
    try:
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for each, level in zip(chatter, levels, strict=True):
            each.setLevel(level)
