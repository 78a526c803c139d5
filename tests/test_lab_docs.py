# SPDX-License-Identifier: Apache-2.0
"""Every snippet of the page on direct tasks runs as it stands, and says what is true."""

from __future__ import annotations

import importlib.util
import math
import re
import warnings
from pathlib import Path

import pytest

pytest.importorskip("isaaclab", reason="Isaac Lab is not installed")

from causal_contracts.lab.pinned_memory import avoid_pinned_memory
from causal_contracts.lab.quiet_build import quiet_build
from causal_contracts.lab.solver_graph import replay_on_cpu
from isaaclab.envs import DirectRLEnv
from isaaclab_newton.physics import NewtonCfg

REPO = Path(__file__).resolve().parents[1]
PAGE = REPO / "exts" / "causal_contracts.lab" / "docs" / "direct.md"


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """The module that the page's snippets make, in their order."""
    snippets = re.findall(r"```python\n(.*?)```", PAGE.read_text(), flags=re.DOTALL)
    assert len(snippets) == 5
    path = tmp_path_factory.mktemp("docs") / "direct_page.py"
    path.write_text("\n\n".join(snippets))
    spec = importlib.util.spec_from_file_location("direct_page", path)
    module = importlib.util.module_from_spec(spec)
    undo = avoid_pinned_memory()
    with pytest.MonkeyPatch.context() as patch, quiet_build(lambda message: None):
        replay_solver(patch)
        patch.chdir(REPO)
        patch.setitem(__import__("sys").modules, "direct_page", module)
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)
            spec.loader.exec_module(module)
    undo()
    return module


def replay_solver(patch: pytest.MonkeyPatch) -> None:
    """Newton's graph from the first reset to the close: the same physics, much faster."""
    undo = []
    reset, close = DirectRLEnv.reset, DirectRLEnv.close

    def fast_reset(env, *args, **kwargs):
        if isinstance(env.cfg.sim.physics, NewtonCfg):
            undo.append(replay_on_cpu())
        return reset(env, *args, **kwargs)

    def undo_and_close(env):
        while undo:
            undo.pop()()
        close(env)

    patch.setattr(DirectRLEnv, "reset", fast_reset)
    patch.setattr(DirectRLEnv, "close", undo_and_close)


OPEN, SHUT = math.pi / 2, 0.0


def test_the_one_call_form_opens_the_doors_that_are_pressed(page):
    assert page.one_call == pytest.approx([OPEN, SHUT, OPEN, SHUT], abs=0.05)


def test_the_mixin_logs_what_the_page_lists(page):
    listed = re.findall(r"^\| `(Contracts/\w+)` ", PAGE.read_text(), flags=re.MULTILINE)
    assert sorted(page.log) == sorted(listed)
    values = {key.removeprefix("Contracts/"): float(value) for key, value in page.log.items()}
    assert values == {
        "press_rate": 0.5,
        "effect_given_cause": 1.0,
        "effect_given_no_cause": 0.0,
        "presses": 2.0,
        "nan_episodes": 0.0,
    }


def test_only_the_articulation_that_is_named_has_contracts(page):
    assert page.doors["microwave"] == pytest.approx([OPEN] * 4, abs=0.05)
    assert page.doors["spare"] == pytest.approx([SHUT] * 4, abs=0.05)


def test_physx_opens_the_same_doors(page):
    assert page.physx == pytest.approx([OPEN, SHUT, OPEN, SHUT], abs=0.05)
