# SPDX-License-Identifier: Apache-2.0
"""The command `causal-contracts export-policy`; imports wait until it runs."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from causal_contracts.core.cli.output import Json, command, print_json, stdout

EXPORT = """
Writes the policy of CHECKPOINT with its observation normaliser as ONNX, TorchScript or both, each
read back and compared with the trained policy before the file is written. The contracts are not
part of it: they stay in the environment. Needs the extra `lab`.

\b
Examples:
  causal-contracts export-policy out/microwave/contract/policy.pt --onnx policy.onnx
  causal-contracts export-policy policy.pt --onnx policy.onnx --torchscript policy_jit.pt --json

\b
Exit codes: 0 written, 2 bad input, or a form that does not equal the trained policy: then none is
written.
"""


@command
def export_policy(
    checkpoint: Annotated[
        Path, typer.Argument(help="What train or gate wrote as policy.", show_default=False)
    ],
    onnx: Annotated[Path | None, typer.Option(help="Write ONNX to this file.")] = None,
    torchscript: Annotated[
        Path | None, typer.Option(help="Write TorchScript to this file.")
    ] = None,
    json: Json = False,
) -> None:
    """Run the command; the help text is `EXPORT`."""
    from causal_contracts.core.issue import ContractError, error

    if onnx is None and torchscript is None:
        fix = "give --onnx FILE, --torchscript FILE or both"
        raise ContractError(error("export-policy", "has nothing to write", fix))
    if not checkpoint.is_file():
        fix = "give the policy.pt that a training wrote"
        raise ContractError(error(str(checkpoint), "is no file", fix))
    from .gate import require_installed

    require_installed("torch", "onnx", "onnxruntime")
    from .export import export_policy as export
    from .policy import load_policy
    from .policy_facts import read_policy_facts

    facts = read_policy_facts(checkpoint)
    written = export(load_policy(checkpoint), facts, onnx=onnx, torchscript=torchscript)
    if json:
        files = [asdict(one) | {"path": str(one.path)} for one in written]
        print_json({"files": files, "policy": facts})
        return
    for one in written:
        stdout().print(
            f"wrote {one.path}: at most {one.largest_difference:.1e} from the trained policy over "
            f"{one.samples:,} observations",
            markup=False,
        )
    stdout().print(facts.note, style="dim", markup=False)
