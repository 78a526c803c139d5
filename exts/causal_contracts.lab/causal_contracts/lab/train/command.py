# SPDX-License-Identifier: Apache-2.0
"""The commands `train`, `gate` and `export-policy`, for the one command line."""

from __future__ import annotations

import typer

from .export_command import EXPORT, export_policy
from .gate_command import GATE, gate
from .train_command import TRAIN, train


def add_commands(app: typer.Typer) -> None:
    """Add `train`, `gate` and `export-policy` (entry point group `causal_contracts.commands`)."""
    app.command("train", help=TRAIN, short_help="Train a policy on an asset in Isaac Lab.")(train)
    summary = "Prove by training, with contracts and without, that effects follow their causes."
    app.command("gate", help=GATE, short_help=summary)(gate)
    summary = "Write a trained policy as ONNX or TorchScript."
    app.command("export-policy", help=EXPORT, short_help=summary)(export_policy)
