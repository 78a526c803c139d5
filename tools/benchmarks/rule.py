# SPDX-License-Identifier: Apache-2.0
"""`tools/bench rule`: every form on every case, beside the floor of the device."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

import torch
import warp as wp

from . import clock, floor
from .case import Case
from .compiled_form import TooSlowError
from .forms import BEARABLE, Form, forms
from .report import block, markdown, picked, short, write_json

CHECKED_UP_TO = 1 << 22
"""Evaluations up to which answers are compared before they are timed."""


def run(options: argparse.Namespace) -> int:
    """Print each case as it is done; exit code 1 where an answer was wrong."""
    wp.config.log_level = wp.LOG_WARNING
    columns = forms(options.device, wanted=options.forms, compile_too=not options.quick)
    seconds = 0.02 if options.quick else options.seconds
    result: dict[str, Any] = {
        "benchmark": "rule",
        "device": floor.device_name(options.device),
        "date": floor.today(),
        "torch": torch.__version__,
        "warp": wp.config.version,
        "launches_in_a_graph": options.launches,
        "forms": [f"{form.name}, {form.how}" for form in columns],
        "copy_bytes_per_s": floor.copy_bandwidth(options.device, seconds),
        "node_us": floor.node_cost(options.device, seconds),
        "cases": [],
    }
    print(
        f"{result['device']}; copy {result['copy_bytes_per_s'] / 1e9:,.0f} GB/s; "
        f"empty node {result['node_us']:.2f} us\n"
    )
    wrong = 0
    for case in cases(options):
        row = measure(case, columns, result, options.launches, seconds)
        result["cases"].append(row)
        wrong += len(row["wrong"])
        print(block(row), flush=True)
        if options.json:
            write_json(options.json, result)  # a run that is cut short has measured something
    if options.markdown:
        print(markdown(result))
    if wrong:
        print(f"{wrong} answers differ from the torch form", file=sys.stderr)
    return int(wrong > 0)


def cases(options: argparse.Namespace) -> list[Case]:
    """The rows that the options ask for, small ones first."""
    quick = options.quick
    numbers = options.envs or ([256, 1024] if quick else [1 << k for k in range(10, 21, 2)])
    if not quick and not options.envs:
        numbers = sorted({*numbers, 65536})
    return [
        Case(num_envs, contracts, layout, active / 100, options.device, joints)
        for joints in options.joints
        for contracts in options.contracts or ([1, 4] if quick else [1, 4, 16, 64])
        for num_envs in numbers
        for layout in options.layout or (["scattered"] if quick else ["adjacent", "scattered"])
        for active in options.active or ([50] if quick else [1, 50])
        if contracts <= joints
    ]


def measure(
    case: Case, columns: list[Form], device: dict[str, Any], launches: int, seconds: float
) -> dict[str, Any]:
    """One row: the floors, and per form median, min and max, or None where unbearable."""
    row: dict[str, Any] = {
        "num_envs": case.num_envs,
        "contracts": case.contracts,
        "joints": case.joints,
        "layout": case.layout,
        "active": case.active,
        "case": str(case),
        "forms": {},
        "wrong": [],
    }
    for in_place in (True, False):
        touched = case.bytes_touched(in_place=in_place)
        least = touched / device["copy_bytes_per_s"] * 1e6 + device["node_us"]
        row["in_place" if in_place else "out_of_place"] = {"bytes": touched, "floor_us": least}
    for form in columns:
        name = f"{form.name}, {form.how}"
        row["forms"][name] = None
        if form.seconds(case) > BEARABLE:
            continue
        try:
            small = case.num_envs * case.contracts <= CHECKED_UP_TO and not form.loops
            if form.acts and small and not form.is_right(case):
                row["wrong"].append(name)
                continue
            timing = timed(form, case, launches, seconds)
        except TooSlowError:
            continue
        bounds = row["in_place" if form.in_place else "out_of_place"]
        row["forms"][name] = {
            "median_us": timing.median,
            "min_us": timing.min,
            "max_us": timing.max,
            "bytes_per_s": bounds["bytes"] / (timing.median * 1e-6) if form.acts else 0.0,
            "times_floor": timing.median / bounds["floor_us"],
        }
    return row


def timed(form: Form, case: Case, launches: int, seconds: float) -> clock.Timing:
    """Microseconds of one apply."""
    calls = form.calls(case)
    if form.how == "graph":
        return clock.graph(calls, case.device, launches, seconds)
    return clock.eager(calls, case.device, seconds)


def reprint(options: argparse.Namespace) -> int:
    """`tools/bench table`: what was measured before, as Markdown, some cases or forms alone."""
    result = picked(json.loads(options.file.read_text(encoding="utf-8")), options)
    print(short(result, options.forms) if options.forms else markdown(result))
    return 0
