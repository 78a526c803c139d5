# SPDX-License-Identifier: Apache-2.0
"""Child processes of the command line: what dies or hangs is one file's issue and no other's."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest
from causal_contracts.core.cli.isolate import each_apart
from causal_contracts.core.issue import error


def work(item):
    match item:
        case "abort":
            os.abort()
        case "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        case "hang":
            time.sleep(60)
    return [error(item, "was read")]


def test_results_stand_in_the_order_of_the_items():
    items = [f"file {i}" for i in range(9)]
    counts = []
    found = each_apart(work, items, done=counts.append)
    assert [issues[0].address for issues in found] == items
    assert counts == list(range(1, 10))


@pytest.mark.parametrize(("fate", "word"), [("abort", "SIGABRT"), ("kill", "SIGKILL")])
def test_an_item_that_ends_its_child_ends_no_other(fate, word):
    before, died, after = each_apart(work, ["a", fate, "b"])
    assert (before[0].what, after[0].what) == ("was read", "was read")
    assert (len(died), died[0].address) == (1, fate)
    assert word in died[0].what
    assert died[0].fix


def test_an_item_that_hangs_is_ended_and_named():
    began = time.monotonic()
    found = each_apart(work, ["a", "hang", "b"], seconds=1.0)
    assert time.monotonic() - began < 20
    assert [issues[0].what for issues in found] == [
        "was read",
        "reading it took more than 1 s",
        "was read",
    ]


def guarded(body, *arguments):
    start = f"from causal_contracts.core.cli.isolate import guard; guard({list(arguments)})"
    code = f"import os, sys; {start}; {body}"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)


def test_a_guarded_command_that_aborts_says_which_file_and_exits_2(tmp_path):
    asset = tmp_path / "damaged.usdc"
    asset.touch()
    result = guarded("os.abort()", "show", str(asset))
    assert result.returncode == 2
    assert f"error  {asset}: reading it ended the process (SIGABRT)" in result.stderr
    assert "export the file again" in result.stderr


@pytest.mark.parametrize("code", [0, 1, 2])
def test_a_guarded_command_keeps_its_output_and_exit_code(code):
    result = guarded(f"print('out'); sys.exit({code})", "show")
    assert (result.returncode, result.stdout, result.stderr) == (code, "out\n", "")
