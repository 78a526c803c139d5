# SPDX-License-Identifier: Apache-2.0
"""Commands that edit an asset: `add`, `remove`, `rename`, `enable`, `disable`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..articulation import Articulation, Joint
from ..check import check_bundle
from ..issue import ContractError, Issue, error, nearest
from ..model import Bundle, Contract, JointThreshold, Mode, Op, SetDriveTarget
from ..quantity import example, parse_quantity
from .asset_commands import Asset, Root
from .output import Json, command, issue_dicts, print_issues, print_json, stderr, stdout

if TYPE_CHECKING:
    from ..usd_edit import Edit

Output = Annotated[
    Path | None, typer.Option("-o", "--output", help="Write there instead of into the asset.")
]
Id = Annotated[str, typer.Option("--id", help="Contract id: letters, digits and '_'.")]

_OPS = {">": Op.GREATER, "<": Op.LESS, "greater": Op.GREATER, "less": Op.LESS}


def add_commands(app: typer.Typer) -> None:
    """Add the editing commands to the app."""
    app.command(
        epilog="Example: causal-contracts add box.usda --id press --trigger button --op less "
        "--threshold -5mm --effect lid --target 90deg --mode latching"
    )(add)
    app.command(epilog="Example: causal-contracts remove box.usda --id press")(remove)
    app.command(epilog="Example: causal-contracts rename box.usda --id press --to open")(rename)
    app.command(epilog="Example: causal-contracts enable box.usda --id press")(enable)
    app.command(epilog="Example: causal-contracts disable box.usda --id press")(disable)


@command
def add(
    asset: Asset,
    id: Id,
    trigger: Annotated[str, typer.Option(help="Trigger joint, by name.")],
    op: Annotated[str, typer.Option(help="'>' or '<' (quote them), or greater, less.")],
    threshold: Annotated[str, typer.Option(help="Position, e.g. -5mm or 30deg.")],
    effect: Annotated[str, typer.Option(help="Effect joint, by name.")],
    target: Annotated[str, typer.Option(help="Drive target, e.g. 90deg.")],
    mode: Annotated[Mode, typer.Option(help="Stay until reset, or only while.")] = Mode.LATCHING,
    disabled: Annotated[bool, typer.Option("--disabled", help="Author it switched off.")] = False,
    replace: Annotated[bool, typer.Option("--replace", help="Overwrite one of that id.")] = False,
    output: Output = None,
    articulation: Root = None,
    json: Json = False,
) -> None:
    """Author a contract on an asset."""
    from ..usd_apply import apply_bundle
    from ..usd_articulation import find_articulation
    from ..usd_contract import applied_ids
    from .save import open_for_edit, save

    stage = open_for_edit(asset, output)
    found = find_articulation(stage, articulation)
    contract = _contract(found, id, trigger, op, threshold, effect, target, mode, not disabled)
    if not replace and id in applied_ids(stage.GetPrimAtPath(found.host)):
        raise ContractError(
            error(
                found.host,
                f"a contract '{id}' stands there already",
                "choose another --id, or say --replace",
                id,
            )
        )
    bundle = Bundle((contract,))
    edits = apply_bundle(stage, bundle, articulation)
    written = save(stage, asset, output)
    _report(edits, written, check_bundle(bundle, found), contract, json=json)


@command
def remove(
    asset: Asset,
    id: Id,
    output: Output = None,
    articulation: Root = None,
    json: Json = False,
) -> None:
    """Remove a contract with all its properties."""
    _edit(asset, output, articulation, "remove_contract", (id,), json=json)


@command
def rename(
    asset: Asset,
    id: Id,
    to: Annotated[str, typer.Option(help="The new id.")],
    output: Output = None,
    articulation: Root = None,
    json: Json = False,
) -> None:
    """Give a contract another id."""
    _edit(asset, output, articulation, "rename_contract", (id, to), json=json)


@command
def enable(
    asset: Asset,
    id: Id,
    output: Output = None,
    articulation: Root = None,
    json: Json = False,
) -> None:
    """Switch a contract on."""
    _edit(asset, output, articulation, "enable_contract", (id,), json=json, enabled=True)


@command
def disable(
    asset: Asset,
    id: Id,
    output: Output = None,
    articulation: Root = None,
    json: Json = False,
) -> None:
    """Switch a contract off; it stays on the asset and in exports."""
    _edit(asset, output, articulation, "enable_contract", (id,), json=json, enabled=False)


def _edit(
    asset: Path,
    output: Path | None,
    articulation: str | None,
    action: str,
    ids: tuple[str, ...],
    *,
    json: bool,
    **options: bool,
) -> None:
    from .. import usd_edit
    from ..usd_articulation import find_articulation
    from .save import open_for_edit, save

    stage = open_for_edit(asset, output)
    host = find_articulation(stage, articulation).host
    edit = getattr(usd_edit, action)(stage, host, *ids, **options)
    _report([edit], save(stage, asset, output), [], None, json=json)


def _contract(
    found: Articulation,
    contract_id: str,
    trigger: str,
    op: str,
    threshold: str,
    effect: str,
    target: str,
    mode: Mode,
    enabled: bool,
) -> Contract:
    """The contract that the options describe; every fault of them at once."""
    from ..usd_edit import id_issue

    fault = id_issue(contract_id, "--id")
    issues = [] if fault is None else [fault]
    trigger_joint = _joint(found, trigger, "--trigger", issues)
    effect_joint = _joint(found, effect, "--effect", issues)
    if op not in _OPS:
        issues.append(error("--op", f"'{op}' is no operator", f"use one of {', '.join(_OPS)}"))
    at = _quantity(threshold, trigger_joint, "--threshold", issues)
    to = _quantity(target, effect_joint, "--target", issues)
    if trigger_joint is not None and trigger_joint == effect_joint:
        issues.append(error("--effect", f"'{effect}' is the trigger too", "choose another joint"))
    if issues or trigger_joint is None or effect_joint is None:
        raise ContractError(issues)
    return Contract(
        contract_id,
        JointThreshold(trigger_joint.name, _OPS[op], at, trigger_joint.unit, trigger_joint.path),
        SetDriveTarget(
            effect_joint.name, to, effect_joint.rest, effect_joint.unit, effect_joint.path
        ),
        mode,
        enabled,
    )


def _joint(found: Articulation, name: str, option: str, issues: list[Issue]) -> Joint | None:
    named = [joint for joint in found.joints if name in (joint.name, joint.path)]
    if len(named) == 1 and named[0].movable:
        return named[0]
    names = [joint.name for joint in found.movable]
    if not named:
        issues.append(error(option, f"no joint '{name}' in {found.host}", nearest(name, names)))
    elif len(named) > 1:
        paths = ", ".join(joint.path for joint in named)
        issues.append(
            error(
                option,
                f"'{name}' is the name of {len(named)} joints: {paths}",
                "rename them: engines know joints by leaf name",
            )
        )
    else:
        issues.append(error(option, f"'{name}' is a {named[0].type} joint", nearest(name, names)))
    return None


def _quantity(text: str, joint: Joint | None, option: str, issues: list[Issue]) -> float:
    if joint is None:
        return 0.0
    try:
        return parse_quantity(text, joint)
    except ValueError as fault:
        issues.append(error(option, str(fault), f"write for example {example(joint)}"))
        return 0.0


def _report(
    edits: list[Edit], written: Path, issues: list[Issue], contract: Contract | None, *, json: bool
) -> None:
    if json:
        print_json(
            {
                "file": str(written),
                "edits": edits,
                "sentence": None if contract is None else str(contract),
                "issues": issue_dicts(issues),
            }
        )
        return
    for edit in edits:
        stdout().print(f"{edit.action} {edit.contract} on {edit.prim}", markup=False)
    if contract is not None:
        stdout().print(str(contract), markup=False)
    stdout().print(f"saved {written}", markup=False)
    print_issues(issues, stderr())
