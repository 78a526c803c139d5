# SPDX-License-Identifier: Apache-2.0
"""Every snippet of the page on Warp-first tasks runs as it stands, and says what is true."""

from __future__ import annotations

import math

import pytest

pytest.importorskip("isaaclab_experimental", reason="Isaac Lab is not installed")

from docs_page import DOCS, run_page, snippets_of
from isaaclab_experimental.envs import DirectRLEnvWarp, ManagerBasedRLEnvWarp

PAGE = DOCS / "warp_first.md"
OPEN, SHUT = math.pi / 2, 0.0


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """The module that the page's snippets make, in their order."""
    assert len(snippets_of(PAGE)) == 5
    return run_page(PAGE, tmp_path_factory.mktemp("docs"), DirectRLEnvWarp, ManagerBasedRLEnvWarp)


def test_the_mixin_opens_the_doors_that_are_pressed(page):
    assert page.doors == pytest.approx([OPEN, SHUT, OPEN, SHUT], abs=0.05)


def test_a_target_written_later_counts_in_the_replay(page):
    assert page.half == pytest.approx([0.5, SHUT, 0.5, SHUT], abs=0.05)


def test_the_manager_based_form_latches_where_the_button_is_pressed(page):
    assert page.latched == [1.0, 1.0, 0.0, 0.0]
    assert len(set(page.thresholds.flatten().tolist())) == 4
