# SPDX-License-Identifier: Apache-2.0
"""Every snippet of the page on imagination runs as it stands, and says what is true."""

from __future__ import annotations

import re
import shutil
import types
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="torch is not installed")
import torch

REPO = Path(__file__).resolve().parents[1]
PAGE = REPO / "exts/causal_contracts.lab/docs/imagination.md"
OPEN, SHUT = 1.396, 0.0


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """The names that the page's snippets make, in their order."""
    snippets = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    assert len(snippets) == 8
    folder = tmp_path_factory.mktemp("imagination")
    shutil.copytree(REPO / "data/coffee_maker", folder / "data/coffee_maker")
    names = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for number, snippet in enumerate(snippets):
            exec(compile(snippet, f"imagination.md, snippet {number}", "exec"), names)
    return types.SimpleNamespace(**names)


def test_without_contracts_both_lids_fall_shut(page):
    assert page.native.tolist() == pytest.approx([SHUT, SHUT], abs=0.01)


def test_with_a_forked_latch_both_lids_are_open(page):
    assert page.forked.tolist() == pytest.approx([OPEN, OPEN], abs=0.02)
    assert page.after.latched.all()


def test_without_the_fork_the_second_lid_falls_shut(page):
    assert page.not_forked.tolist() == pytest.approx([OPEN, SHUT], abs=0.02)


def test_the_labels_are_those_of_the_running_term(page):
    assert page.inputs.tolist() == [[0.0], [1.0]] * 3


def test_forks_are_gathered_repeated_and_begun_anew(page):
    assert page.members.num_envs == 5000
    again = page.forks.gather(page.samples)
    assert torch.equal(page.starts.latched, again.latched)


def test_a_stored_fork_is_the_fork(page):
    assert torch.equal(page.again.latched, page.forks.latched)
    assert torch.equal(page.again.params.threshold, page.forks.rows_per_env().threshold)


def test_the_reward_is_the_share_of_the_way(page):
    assert page.reward.tolist() == pytest.approx([1.0, 0.5], abs=1e-3)


def test_every_name_of_the_package_is_on_the_page_or_belongs_to_one_that_is():
    import causal_contracts.lab.imagination as package

    text = PAGE.read_text()
    missing = {name for name in package.__all__ if name not in text}
    assert missing == {"Parameters", "Rule"}
