# SPDX-License-Identifier: Apache-2.0
"""A real stage in a real Studio host with an EditorState on it, for the editor's tests."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from broken_assets import CONTRACT, healthy_box
from causal_contracts.core.usd_author import write_authored
from causal_contracts.ui.state.editor_state import EditorState
from causal_contracts.ui.studio_host import StudioHost
from causal_contracts.ui.studio_settings import Settings
from pxr import Usd

ROOT = Path(__file__).resolve().parents[1]


class Clock:
    """Time that passes when a test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def editor(tmp_path: Path, source: Path | Usd.Stage) -> EditorState:
    """An editor on the stage; `state.host.frame()` lets a frame pass, `state.clock` tells time."""
    host = StudioHost(settings=Settings(tmp_path / "settings.json"))
    host.open(source)
    clock = Clock()
    state = EditorState(host, clock=clock)
    state.clock = clock
    host.frame()
    host.frame()
    return state


def box_editor(tmp_path: Path, *more: str, **options) -> EditorState:
    """The box with the contract `press`, and copies of it under more ids, selected in order."""
    stage = healthy_box(tmp_path / "box.usda", **options)
    for contract_id in more:
        write_authored(stage.GetPrimAtPath("/Box"), replace(CONTRACT, id=contract_id))
    stage.GetRootLayer().Save()
    state = editor(tmp_path, stage)
    state.select("press", *more)
    return state


def texts(state: EditorState) -> list[str]:
    """What every layer of the stage says, as text."""
    return [layer.ExportToString() for layer in state.host.stage().GetLayerStack()]


def frames(state: EditorState, seconds: float = 0.0) -> None:
    """Let two frames pass, and that much time."""
    state.clock.now += seconds
    state.host.frame()
    state.host.frame()
