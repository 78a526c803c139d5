# SPDX-License-Identifier: Apache-2.0
"""Every snippet of the page on direct tasks runs as it stands, and says what is true."""

from __future__ import annotations

import math
import re

import pytest

pytest.importorskip("isaaclab", reason="Isaac Lab is not installed")

from causal_contracts.lab.pinned_memory import avoid_pinned_memory
from docs_page import DOCS, run_page, snippets_of
from isaaclab.envs import DirectRLEnv

PAGE = DOCS / "direct.md"


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """The module that the page's snippets make, in their order."""
    assert len(snippets_of(PAGE)) == 5
    undo = avoid_pinned_memory()
    yield run_page(PAGE, tmp_path_factory.mktemp("docs"), DirectRLEnv)
    undo()


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
