# SPDX-License-Identifier: Apache-2.0
"""What commands print: issues, JSON for machines, and the exit code of bad input."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.text import Text

from ..issue import ContractError, Issue, Severity

FOUND = 1
"""Exit code where something was found."""
BAD_INPUT = 2
"""Exit code of bad input or usage."""

Json = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]

_STYLE = {
    Severity.ERROR: ("error", "bold #D05050"),
    Severity.WARNING: ("warning", "#E0A030"),
    Severity.INFO: ("info", "#9E9E9E"),
}


def stdout() -> Console:
    """Console for results; lines are never broken where a program reads them."""
    return Console(highlight=False, soft_wrap=True)


def stderr() -> Console:
    """Console for errors and progress."""
    return Console(stderr=True, highlight=False, soft_wrap=True)


def print_json(value: Any) -> None:
    """One JSON document on standard output."""
    data = msgspec.json.encode(msgspec.to_builtins(value, str_keys=True))
    sys.stdout.write(msgspec.json.format(data, indent=2).decode() + "\n")


def print_issues(issues: Iterable[Issue], console: Console) -> None:
    """Each issue: severity, address, what is wrong, and the way out on its own line."""
    for issue in issues:
        word, style = _STYLE[issue.severity]
        line = Text.assemble((word, style), "  ", (issue.address, "bold"), f": {issue.what}")
        console.print(line)
        if issue.fix:
            console.print(Text(f"  -> {issue.fix}", style="#9E9E9E"))


def issue_dicts(issues: Iterable[Issue]) -> list[dict[str, Any]]:
    """Issues as JSON objects."""
    return [msgspec.to_builtins(issue) for issue in issues]


def command[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    """Turn a ContractError into printed issues (JSON with --json) and exit code 2."""

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except ContractError as fault:
            if kwargs.get("json") is True:
                print_json({"issues": issue_dicts(fault.issues)})
            else:
                print_issues(fault.issues, stderr())
            raise typer.Exit(BAD_INPUT) from None

    return run
