# SPDX-License-Identifier: Apache-2.0
"""Every snippet of the page on training runs as it stands, and says what is true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytest.importorskip("isaaclab", reason="Isaac Lab is not installed")

from causal_contracts.lab.quiet_build import quiet_build
from causal_contracts.lab.tasks.samples import TASKS

REPO = Path(__file__).resolve().parents[1]
DOCS = REPO / "exts" / "causal_contracts.lab" / "docs"
PAGE = (DOCS / "training.md").read_text()


def snippets(text: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """The names that the snippets make; the task is the first one of the page on direct tasks."""
    folder = tmp_path_factory.mktemp("training_page")
    (folder / "data").symlink_to(REPO / "data")
    found = snippets(PAGE)
    assert len(found) == 3
    path = folder / "training_page.py"
    path.write_text("\n\n".join([snippets((DOCS / "direct.md").read_text())[0], *found]))
    names: dict = {"__name__": "training_page"}
    with pytest.MonkeyPatch.context() as patch, quiet_build(lambda message: None):
        patch.chdir(folder)
        patch.setitem(__import__("sys").modules, "training_page", type(re)("training_page"))
        exec(compile(path.read_text(), str(path), "exec"), names)
    return names


def test_the_table_has_every_task():
    assert set(re.findall(r"^\| `(CausalContracts-[\w-]+)` ", PAGE, re.MULTILINE)) == set(TASKS)


@pytest.mark.slow
def test_with_the_contract_pressing_is_learned_and_without_it_nothing_opens(page):
    assert page["contract"].iterations[-1].rates.press_rate > 0.9
    assert page["contract"].evaluation.reached == {"press_opens_door": 256}
    assert page["native"].scripted.reached == {"press_opens_door": 0}


@pytest.mark.slow
def test_the_policy_presses_a_button_that_is_at_rest(page):
    assert page["press"].item() < -0.5  # half an action is the threshold


@pytest.mark.slow
def test_the_sick_environment_is_counted_once_and_well_again(page):
    assert page["lost"] == [0, 0, 1, 0] and page["well"]
