# SPDX-License-Identifier: Apache-2.0
"""A PhysX scene that is built again, and one stepped by several threads: the same positions."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import warp as wp
from build_asset import build_box
from causal_contracts.preview import physx_clones
from causal_contracts.preview.clones import ClonesRequest
from causal_contracts.preview.physx_clones import PhysXClones

EVERYONE = np.ones(4, dtype=bool)
GROWTH = """
import sys
from pathlib import Path
import numpy as np
from causal_contracts.preview.clones import ClonesRequest
from causal_contracts.preview.physx_clones import RENEW_AFTER, PhysXClones

def resident():
    return 4096 * int(Path("/proc/self/statm").read_text().split()[1])

clones = PhysXClones(ClonesRequest(Path(sys.argv[1]), num_envs=4))
seen = []
for _ in range(4):
    for _ in range(RENEW_AFTER[64]):
        clones.step()
    clones.reset(np.ones(4, dtype=bool))
    seen.append(resident())
print((seen[-1] - seen[1]) / (2 * RENEW_AFTER[64]))
"""


@pytest.fixture
def box(tmp_path) -> Path:
    return build_box(tmp_path / "box.usda", lid_state=30.0)


def moved(clones: PhysXClones, steps: int = 60) -> np.ndarray:
    """Positions of every step while both joints are driven."""
    wanted = wp.full((4, 2), 0.4, dtype=wp.float32, device="cpu")
    seen = []
    for _ in range(steps):
        clones.write_targets(wanted)
        clones.step()
        seen.append(clones.joint_pos().numpy().copy())
    return np.array(seen)


def test_a_scene_built_again_steps_as_the_first_one_did(box, monkeypatch):
    monkeypatch.setattr(physx_clones, "RENEW_AFTER", {64: 60})
    with closing(PhysXClones(ClonesRequest(box, num_envs=4))) as clones:
        scene, pointer = clones._pos, clones.joint_pos().ptr
        first = moved(clones)
        clones.reset(EVERYONE)
        assert clones._pos is not scene and clones.joint_pos().ptr == pointer
        assert np.abs(clones.joint_pos().numpy() - clones._authored_pos).max() == 0
        assert np.array_equal(moved(clones), first)


def test_targets_stay_written_where_the_scene_is_built_again(box, monkeypatch):
    monkeypatch.setattr(physx_clones, "RENEW_AFTER", {64: 60})
    with closing(PhysXClones(ClonesRequest(box, num_envs=4))) as clones:
        moved(clones)
        clones.reset(EVERYONE)
        for _ in range(240):
            clones.step()
        lid = list(clones.joint_names).index("lid_hinge")
        assert clones.joint_pos().numpy()[:, lid] == pytest.approx([0.4] * 4, abs=0.05)


def test_a_scene_is_built_again_only_where_all_clones_are_reset_after_many_steps(box, monkeypatch):
    monkeypatch.setattr(physx_clones, "RENEW_AFTER", {64: 60})
    with closing(PhysXClones(ClonesRequest(box, num_envs=4))) as clones:
        scene = clones._pos
        moved(clones, steps=59)
        clones.reset(EVERYONE)
        moved(clones, steps=9)
        clones.reset(np.array([True, True, True, False]))
        assert clones._pos is scene
        clones.reset(EVERYONE)
        assert clones._pos is not scene


def test_any_number_of_threads_gives_the_same_positions_bit_for_bit(box, monkeypatch):
    seen = []
    for threads in (0, 1, 2, 5):
        monkeypatch.setattr(physx_clones, "_threads", lambda joints, number=threads: number)
        with closing(PhysXClones(ClonesRequest(box, num_envs=4))) as clones:
            seen.append(moved(clones))
    assert np.ptp(seen[0]) > 0.1
    assert all(np.array_equal(other, seen[0]) for other in seen[1:])


def test_threads_are_for_crowds_alone():
    assert physx_clones._threads(physx_clones.CROWD - 1) == 0
    assert 1 <= physx_clones._threads(physx_clones.CROWD) <= 8


def test_a_run_that_is_reset_again_and_again_does_not_grow(box):
    """By less than 8 bytes a step; a scene that is never built again grows by 32 and more."""
    done = subprocess.run(
        [sys.executable, "-c", GROWTH, str(box)],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert float(done.stdout.split()[-1]) < 8
