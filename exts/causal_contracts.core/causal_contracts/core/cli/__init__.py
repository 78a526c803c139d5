# SPDX-License-Identifier: Apache-2.0
"""The command `causal-contracts`: commands of every installed package under one name."""

from __future__ import annotations

import sys
from importlib.metadata import entry_points
from typing import Any

import typer

from ..issue import error
from .isolate import guard
from .output import BAD_INPUT, issue_dicts, print_json

_USAGE_FAULT: Any = typer.BadParameter.__base__
"""Click's UsageError, by way of Typer, which may bring a click of its own."""

GROUP = "causal_contracts.commands"
"""Entry points of functions that take the Typer app and add commands to it."""

_HELP = (
    "When one joint must cause another: read, check, export, compile and preview contracts.\n\n"
    "Numbers are in the joint's authored unit (degrees or metres); a suffix may say otherwise: "
    "-5mm, 90deg, 1.57rad. Exit codes: 0 fine, 1 findings, 2 bad input."
)


def build_app() -> typer.Typer:
    """The Typer app with the commands of every installed package."""
    app = typer.Typer(
        name="causal-contracts",
        help=_HELP,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        point.load()(app)
    return app


def main() -> None:
    """Run the command line; with --json even wrong usage is one JSON document."""
    guard(sys.argv[1:])
    app = build_app()
    if "--json" not in sys.argv:
        app()
    try:
        sys.exit(app(standalone_mode=False))
    except _USAGE_FAULT as fault:
        where = fault.ctx.command_path if fault.ctx else "causal-contracts"
        issue = error(where, fault.format_message(), f"see {where} --help")
        print_json({"issues": issue_dicts([issue])})
        sys.exit(BAD_INPUT)
