# SPDX-License-Identifier: Apache-2.0
"""Commands that read: `joints`, `show`, `check`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from ..articulation import Articulation, Joint
from ..check import check_bundle
from ..couplings_json import read_couplings
from ..issue import ContractError, Issue, Severity, errors_of
from ..model import Bundle
from ..quantity import show as shown
from .output import FOUND, Json, command, issue_dicts, print_issues, print_json, stderr, stdout

Asset = Annotated[Path, typer.Argument(help="A .usd, .usda, .usdc or .usdz file.")]
Root = Annotated[
    str | None,
    typer.Option(
        "--articulation",
        metavar="PATH",
        help="Articulation root or host prim, where there are several.",
    ),
]


def add_commands(app: typer.Typer) -> None:
    """Add the reading commands to the app."""
    app.command(epilog="Example: causal-contracts joints data/stove/stove.usda")(joints)
    app.command(epilog="Example: causal-contracts show data/stove/couplings.json")(show)
    app.command(epilog="Example: causal-contracts check assets/*.usd --strict")(check)


@command
def joints(asset: Asset, articulation: Root = None, json: Json = False) -> None:
    """List the joints that contracts can name: type, limits, drive, unit."""
    from ..usd_articulation import find_articulation, find_articulations

    found = (
        find_articulations(asset)
        if articulation is None
        else [find_articulation(asset, articulation)]
    )
    if json:
        print_json({"articulations": [_articulation_dict(one) for one in found]})
        return
    for one in found:
        table = Table(title=f"{one.host} ({one.root})", title_justify="left", box=None)
        for column in ("joint", "type", "limits", "at", "drive", "max force", "unit"):
            table.add_column(column, no_wrap=True)
        for joint in one.movable:
            table.add_row(*_joint_row(joint))
        stdout().print(table)
    if not found:
        stdout().print(f"{asset} has no articulation", markup=False)


@command
def show(source: Asset, articulation: Root = None, json: Json = False) -> None:
    """Print the contracts of an asset or a couplings.json, one sentence each."""
    bundle = bundle_of(source, articulation)
    if json:
        print_json(bundle_dict(bundle))
    else:
        stdout().print(str(bundle), markup=False)


@command
def check(
    sources: Annotated[list[Path], typer.Argument(help="Assets or couplings.json files.")],
    asset: Annotated[
        Path | None, typer.Option(help="The asset against which a couplings.json is checked.")
    ] = None,
    articulation: Root = None,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings count as findings.")] = False,
    json: Json = False,
) -> None:
    """Report what would keep contracts from acting. Exit code 1 where there are errors."""
    found = _check_all(sources, asset, articulation)
    if json:
        print_json(
            {
                "files": [
                    {"file": file, "issues": issue_dicts(issues)} for file, issues in found.items()
                ]
            }
        )
    else:
        for file, issues in found.items():
            stdout().print(f"[bold]{escape(file)}[/bold]  {_count(issues)}")
            print_issues(issues, stdout())
    worst = (Severity.ERROR, Severity.WARNING) if strict else (Severity.ERROR,)
    if any(issue.severity in worst for issues in found.values() for issue in issues):
        raise typer.Exit(FOUND)


def bundle_of(source: Path, articulation: str | None = None) -> Bundle:
    """The bundle in a couplings.json or on an asset, by what the file is called."""
    if source.suffix.lower() == ".json":
        return read_couplings(source)
    from ..usd_bundle import read_bundle

    return read_bundle(source, articulation)


def bundle_dict(bundle: Bundle) -> dict[str, Any]:
    """A bundle as couplings.json says it, with the sentence of each contract."""
    import msgspec

    from ..couplings_json import encode_couplings

    tree = msgspec.json.decode(encode_couplings(bundle))
    for coupling, contract in zip(tree["couplings"], bundle.contracts, strict=True):
        coupling["sentence"] = str(contract)
    return tree


def _check_all(
    sources: list[Path], asset: Path | None, articulation: str | None
) -> dict[str, list[Issue]]:
    """The findings of each file; a file that ends its reader ends no other."""
    from rich.progress import Progress

    from .isolate import each_apart

    if any(source.suffix.lower() != ".json" for source in sources):
        from .. import usd_check as usd_check  # once, before the children are forked

    # a refreshing thread could hold a lock at the moment of a fork, so each file refreshes
    quiet = len(sources) < 8
    with Progress(console=stderr(), transient=True, auto_refresh=False, disable=quiet) as progress:
        task = progress.add_task("checking", total=len(sources))
        issues = each_apart(
            lambda source: _issues(source, asset, articulation),
            sources,
            done=lambda count: progress.update(task, completed=count, refresh=True),
        )
    return dict(zip(map(str, sources), issues, strict=True))


def _issues(source: Path, asset: Path | None, articulation: str | None) -> list[Issue]:
    """Findings of one file; a file that cannot be read is a finding too."""
    try:
        if source.suffix.lower() != ".json":
            from ..usd_check import check_asset

            return check_asset(source, articulation)
        return check_bundle(read_couplings(source), _articulation(asset, articulation))
    except ContractError as fault:
        return list(fault.issues)


def _articulation(asset: Path | None, articulation: str | None) -> Articulation | None:
    if asset is None:
        return None
    from ..usd_articulation import find_articulation

    return find_articulation(asset, articulation)


def _count(issues: list[Issue]) -> str:
    errors = len(errors_of(issues))
    warnings = sum(issue.severity is Severity.WARNING for issue in issues)
    if not errors and not warnings:
        return "[#76B900]fine[/]"
    return f"{errors} error{'s' * (errors != 1)}, {warnings} warning{'s' * (warnings != 1)}"


def _joint_row(joint: Joint) -> list[str]:
    drive = joint.drive
    force = "N m" if joint.unit == "rad" else "N"
    notes = [f"follows {joint.follows}"] * bool(joint.follows) + ["excluded"] * joint.excluded
    return [
        joint.name if joint.path == joint.name else f"{joint.name}  [#9E9E9E]{joint.path}[/]",
        str(joint.type),
        f"{shown(joint.lower, joint)} to {shown(joint.upper, joint)}",
        shown(joint.position, joint),
        f"{drive.stiffness:.4g} {force}/{joint.unit}" if drive else "[#E0A030]none[/]",
        f"{drive.max_force:.4g} {force}" if drive else "-",
        ", ".join([str(joint.authored_unit), *notes]),
    ]


def _articulation_dict(one: Articulation) -> dict[str, Any]:
    import msgspec

    return {
        "host": one.host,
        "articulation_root": one.root,
        "joints": [
            {**msgspec.to_builtins(joint), "unit": joint.unit, "authored_unit": joint.authored_unit}
            for joint in one.movable
        ],
    }
