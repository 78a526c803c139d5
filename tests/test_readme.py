# SPDX-License-Identifier: Apache-2.0
"""The README's Python runs as it stands, and its couplings.json is valid."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from causal_contracts.core import read_couplings

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("code", blocks("python"), ids=lambda code: code.splitlines()[0])
def test_a_python_block_runs(code, tmp_path, monkeypatch):
    shutil.copytree(ROOT / "data", tmp_path / "data", ignore=shutil.ignore_patterns("*.png"))
    monkeypatch.chdir(tmp_path)
    exec(compile(code, "README.md", "exec"), {})


def test_the_couplings_json_shown_is_valid():
    (shown,) = blocks("json")
    bundle = read_couplings(shown.encode())
    assert str(bundle) == re.search(r"^press_opens_door: .*$", README, re.MULTILINE)[0]


def test_the_files_that_it_points_to_exist():
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / target).exists(), target
