# SPDX-License-Identifier: Apache-2.0
"""Commands between forms: `export`, `import`, `compile`."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..check import check_bundle
from ..compile import compile_bundle
from ..couplings_json import encode_couplings, read_couplings, write_couplings
from ..issue import ContractError, error
from ..model import Bundle
from .asset_commands import Asset, Root, bundle_of
from .edit_commands import Output
from .output import FOUND, Json, command, issue_dicts, print_issues, print_json, stderr, stdout

if TYPE_CHECKING:
    from ..usd_apply import Change

_STYLE = {"added": "#76B900", "changed": "#E0A030", "removed": "#D05050", "unchanged": "#9E9E9E"}


def add_commands(app: typer.Typer) -> None:
    """Add the commands between asset, couplings.json and compiled form to the app."""
    app.command("export", epilog="Example: causal-contracts export data/car/car.usda -o out/")(
        export
    )
    app.command(
        "import",
        epilog="Example: causal-contracts import couplings.json box.usda "
        "-o box_with_contracts.usda",
    )(import_)
    app.command(
        "compile",
        epilog="Example: causal-contracts compile couplings.json --joints button_slide,door_hinge",
    )(compile_)


@command
def export(
    asset: Asset,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            help="A file, a folder, or - for standard output. "
            "Default: couplings.json beside the asset.",
        ),
    ] = None,
    articulation: Root = None,
    json: Json = False,
) -> None:
    """Write the contracts of an asset as couplings.json, in radians and metres."""
    if output == Path("-"):
        sys.stdout.write(encode_couplings(bundle_of(asset, articulation)).decode())
        return
    bundles = _bundles(asset, articulation, output)
    for path, bundle in bundles.items():
        write_couplings(bundle, path)
    if json:
        print_json(
            {
                "files": [
                    {"file": str(path), "couplings": len(bundle.contracts)}
                    for path, bundle in bundles.items()
                ]
            }
        )
        return
    for path, bundle in bundles.items():
        stdout().print(f"wrote {path}", markup=False)
        stdout().print(str(bundle), markup=False)


@command
def import_(
    couplings: Annotated[Path, typer.Argument(help="A couplings.json.")],
    asset: Asset,
    output: Output = None,
    articulation: Root = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Remove contracts that couplings.json lacks.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would change.")] = (
        False
    ),
    json: Json = False,
) -> None:
    """Author the contracts of a couplings.json on an asset, showing what changes."""
    from ..usd_apply import apply_bundle, plan_bundle
    from ..usd_articulation import find_articulation
    from ..usd_stage import open_stage
    from .save import open_for_edit, save

    bundle = read_couplings(couplings)
    stage = open_stage(asset) if dry_run else open_for_edit(asset, output)
    found = find_articulation(stage, articulation)
    changes = plan_bundle(stage, bundle, articulation).changes
    edits = apply_bundle(stage, bundle, articulation, replace=replace)
    written = None if dry_run else save(stage, asset, output)
    findings = check_bundle(bundle, found)
    if json:
        print_json(
            {
                "file": None if written is None else str(written),
                "edits": edits,
                "changes": changes,
                "issues": issue_dicts(findings),
            }
        )
        return
    _print_changes(changes, bundle, removing=replace)
    stdout().print("nothing was written" if written is None else f"saved {written}", markup=False)
    print_issues(findings, stderr())


@command
def compile_(
    source: Annotated[Path, typer.Argument(help="A couplings.json or an asset.")],
    asset: Annotated[
        Path | None, typer.Option(help="Take the joints of this asset, in stage order.")
    ] = None,
    joints: Annotated[
        str | None, typer.Option(help="Joint names in the articulation's order: a,b,c.")
    ] = None,
    articulation: Root = None,
    json: Json = False,
) -> None:
    """Compile and print the rule. Exit code 1 where a contract is skipped."""
    bundle = bundle_of(source, articulation)
    if asset is None and source.suffix.lower() != ".json":
        asset = source
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # the skipped ones are printed
        compiled = compile_bundle(bundle, _joint_names(joints, asset, articulation))
    if json:
        print_json(
            {
                "fingerprint": compiled.fingerprint,
                "joint_names": compiled.joint_names,
                "ids": compiled.ids,
                **{name: array.tolist() for name, array in compiled.arrays().items()},
                "skipped": compiled.skipped,
            }
        )
    else:
        stdout().print(str(compiled), markup=False)
    if compiled.skipped:
        raise typer.Exit(FOUND)


def _bundles(asset: Path, articulation: str | None, output: Path | None) -> dict[Path, Bundle]:
    """One bundle per file that will be written."""
    from ..usd_articulation import find_articulations, root_path
    from ..usd_bundle import read_bundle
    from ..usd_stage import open_stage

    if output is not None and not (output.is_dir() or output.suffix == ""):
        return {output: read_bundle(asset, articulation)}
    stage = open_stage(asset)
    roots = [root_path(one) for one in find_articulations(stage)]
    folder = output or asset.parent
    if articulation is not None or len(roots) <= 1 or output is None:
        bundles = {"couplings.json": read_bundle(stage, articulation)}
    else:
        bundles = {
            f"{root.strip('/').replace('/', '.')}.couplings.json": read_bundle(stage, root)
            for root in roots
        }
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise ContractError(
            error(str(folder), f"cannot be made: {fault.strerror}", "choose another -o path")
        ) from fault
    return {folder / name: bundle for name, bundle in bundles.items()}


def _joint_names(joints: str | None, asset: Path | None, articulation: str | None) -> list[str]:
    if joints is not None and asset is None:
        return [name.strip() for name in joints.split(",") if name.strip()]
    if asset is not None and joints is None:
        from ..usd_articulation import find_articulation

        return [joint.name for joint in find_articulation(asset, articulation).movable]
    raise ContractError(
        error(
            "--asset, --joints",
            "one of them must say which joints there are",
            "give --asset ASSET, or --joints a,b,c",
        )
    )


def _print_changes(changes: dict[str, Change], bundle: Bundle, *, removing: bool) -> None:
    sentences = {contract.id: str(contract) for contract in bundle.contracts}
    for contract_id, change in changes.items():
        word = str(change) if removing or change != "removed" else "left alone"
        style = _STYLE.get(word, "#9E9E9E")
        stdout().print(f"[{style}]{word:>9}[/]  ", end="")
        stdout().print(sentences.get(contract_id, contract_id), markup=False)
