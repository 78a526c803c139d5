# SPDX-License-Identifier: Apache-2.0
"""A docs page run as the module that its snippets make, Newton's solver replayed meanwhile."""

from __future__ import annotations

import importlib.util
import re
import sys
import warnings
from pathlib import Path
from types import ModuleType

import pytest
from causal_contracts.lab.quiet_build import quiet_build
from causal_contracts.lab.solver_graph import replay_on_cpu
from isaaclab_newton.physics import NewtonCfg
from lab_device import DEVICE

REPO = Path(__file__).resolve().parents[1]
DOCS = REPO / "exts" / "causal_contracts.lab" / "docs"


def snippets_of(page: Path) -> list[str]:
    return re.findall(r"```python\n(.*?)```", page.read_text(), flags=re.DOTALL)


def run_page(page: Path, folder: Path, *env_classes: type) -> ModuleType:
    """Run all snippets in their order, from a file in `folder`, as Warp kernels need one."""
    name = f"{page.stem}_page"
    path = folder / f"{name}.py"
    source = "\n\n".join(snippets_of(page))
    path.write_text(source.replace('device="cpu"', f'device="{DEVICE}"'))
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch, quiet_build(lambda message: None):
        for env_class in env_classes:
            replay_solver(patch, env_class)
        patch.chdir(REPO)
        patch.setitem(sys.modules, name, module)
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)
            spec.loader.exec_module(module)
    return module


def replay_solver(patch: pytest.MonkeyPatch, env_class: type) -> None:
    """Newton's graph from the first reset to the close: the same physics, much faster."""
    undo = []
    reset, close = env_class.reset, env_class.close

    def fast_reset(env, *args, **kwargs):
        if isinstance(env.cfg.sim.physics, NewtonCfg):
            undo.append(replay_on_cpu())
        return reset(env, *args, **kwargs)

    def undo_and_close(env):
        while undo:
            undo.pop()()
        close(env)

    patch.setattr(env_class, "reset", fast_reset)
    patch.setattr(env_class, "close", undo_and_close)
