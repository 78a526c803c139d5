# SPDX-License-Identifier: Apache-2.0
"""Measured rows to text for a terminal, to a Markdown table, and to JSON."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any


def block(row: dict[str, Any]) -> str:
    """A case with its floors, and a line per form."""
    inside, outside = row["in_place"], row["out_of_place"]
    lines = [
        f"{row['case']}: floor {inside['floor_us']:,.2f} us in place "
        f"({inside['bytes'] / 1e6:,.2f} MB), {outside['floor_us']:,.2f} us out of place",
        f"  {'':32}{'median':>12}{'min':>12}{'max':>12} us{'GB/s':>9}{'x floor':>9}",
    ]
    for name, timing in row["forms"].items():
        if name in row["wrong"]:
            lines.append(f"  {name:32}differs from the torch form")
        elif timing is None:
            lines.append(f"  {name:32}{'-':>12}")
        else:
            lines.append(
                f"  {name:32}{timing['median_us']:12,.2f}{timing['min_us']:12,.2f}"
                f"{timing['max_us']:12,.2f}   {timing['bytes_per_s'] / 1e9:9,.1f}"
                f"{timing['times_floor']:9,.2f}"
            )
    return "\n".join(lines) + "\n"


def markdown(result: dict[str, Any]) -> str:
    """One table, a row per case and a column per form: median (min to max)."""
    return "\n".join([_how(result), "", *_rows(result, _cell)])


def short(result: dict[str, Any], forms: Sequence[str]) -> str:
    """The same with some forms alone, and of each the median."""
    chosen = {**result, "forms": [name for name in result["forms"] if name in forms]}
    where = (
        f"Microseconds per apply, median, on {result['device']}; torch {result['torch']}, Warp "
        f"{result['warp']}, {result['date']}; copy {result['copy_bytes_per_s'] / 1e9:,.0f} GB/s. "
        "A dash was not timed; a loop over environments is not where it would take over 2 s."
    )
    return "\n".join([where, "", *_rows(chosen, _median)])


def picked(result: dict[str, Any], options: argparse.Namespace) -> dict[str, Any]:
    """The cases that the options name."""
    cases = [
        case
        for case in result["cases"]
        if (not options.envs or case["num_envs"] in options.envs)
        and (not options.contracts or case["contracts"] in options.contracts)
        and (not options.layout or case["layout"] in options.layout)
        and (not options.active or round(case["active"] * 100) in options.active)
    ]
    return {**result, "cases": cases}


def _rows(result: dict[str, Any], cell: Callable[[dict[str, float] | None], str]) -> list[str]:
    names = result["forms"]
    head = ["environments", "contracts", "joints", "active", "floor in / out of place", *names]
    lines = [
        "| " + " | ".join(head) + " |",
        "|" + "---:|" * len(head),
    ]
    for row in result["cases"]:
        floors = f"{row['in_place']['floor_us']:,.1f} / {row['out_of_place']['floor_us']:,.1f}"
        cells = [
            f"{row['num_envs']:,}",
            str(row["contracts"]),
            f"{row['layout']}, {row['joints']}",
            f"{row['active']:.0%}",
            floors,
            *(cell(row["forms"][name]) for name in names),
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def _how(result: dict[str, Any]) -> str:
    return (
        f"Microseconds per apply, median (min to max), on {result['device']}; torch "
        f"{result['torch']}, Warp {result['warp']}, {result['date']}; copy "
        f"{result['copy_bytes_per_s'] / 1e9:,.0f} GB/s, empty graph node "
        f"{result['node_us']:.2f} us, {result['launches_in_a_graph']} launches in a graph.\n\n"
        "Everything is warm: two position buffers, of which 1 % differ, take turns over one target "
        "buffer, and nothing flushes the caches between launches, as physics leaves the positions "
        "there too; arrays beyond the L2 cache come from memory. Eager cells count host and "
        "device, whichever is slower; graph cells are CUDA events around replays, over the "
        "launches inside (on the CPU Warp's recording). The floor is the sectors of 32 bytes that "
        "an apply touches (triggers, flags, effects where active; out of place all targets), "
        "each counted once, over the bandwidth of a measured copy, plus one empty graph node. "
        "A dash was not timed, as a loop over environments that would take more than 2 s."
    )


def write_json(path: Path, result: dict[str, Any]) -> None:
    """Everything measured, indented."""
    path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def _median(timing: dict[str, float] | None) -> str:
    return "-" if timing is None else f"{timing['median_us']:,.1f}"


def _cell(timing: dict[str, float] | None) -> str:
    if timing is None:
        return "-"
    return f"{timing['median_us']:,.1f} ({timing['min_us']:,.1f} to {timing['max_us']:,.1f})"
