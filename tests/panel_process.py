# SPDX-License-Identifier: Apache-2.0
"""A child script to what its scenarios saw; tests skip where omni.ui cannot draw."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent


def child(
    folder: Path, *arguments: object, patience: float = 180
) -> subprocess.CompletedProcess[str]:
    """Python off-screen in `folder`, with settings of its own."""
    settings = {"XDG_CONFIG_HOME": str(folder), "OMNIUI_HEADLESS": "1"}
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=folder,
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        timeout=patience,
    )


def skip_without_drawing(folder: Path) -> None:
    """Skip, with the reason, where omni.ui cannot draw."""
    done = child(folder, TESTS / "panel_child.py", "probe")
    if done.returncode != 0:
        why = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        pytest.skip(f"omni.ui cannot draw here ({why}); run tools/setup studio")


def play_all(tmp_path_factory: pytest.TempPathFactory, script: str) -> dict:
    """What all scenarios of a script saw, by name; one process plays them."""
    folder = tmp_path_factory.mktemp("panel")
    done = child(folder, TESTS / script)
    if done.returncode != 0:
        skip_without_drawing(folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    return json.loads(done.stdout.splitlines()[-1])
