# SPDX-License-Identifier: Apache-2.0
"""Every kind of clones: real PhysX, and real Isaac Lab environments on Newton and PhysX."""

from __future__ import annotations

import math
import subprocess
import sys
import tempfile
from contextlib import closing
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import warp as wp
from build_asset import build_box
from causal_contracts.core.issue import ContractError
from causal_contracts.preview import clones as lookup
from causal_contracts.preview.clones import Clones, ClonesRequest
from causal_contracts.preview.physx_clones import PhysXClones
from causal_contracts.preview.scene import build_scene

CLASSES = {
    "physx": "causal_contracts.preview.physx_clones:PhysXClones",
    "isaaclab-newton": "causal_contracts.lab.newton_clones:NewtonClones",
    "isaaclab-physx": "causal_contracts.lab.ovphysx_clones:OvPhysXClones",
}
OPEN = math.pi / 2
PRESSED = -0.008


@pytest.fixture(autouse=True)
def offered(monkeypatch):
    """The entry points as pyproject.toml states them, whether the package is installed or not."""
    points = [lookup.EntryPoint(name, value, lookup.GROUP) for name, value in CLASSES.items()]
    monkeypatch.setattr(lookup, "entry_points", lambda group: points)


@pytest.fixture(params=list(CLASSES))
def make(request, monkeypatch, tmp_path):
    """Builds clones on one of the simulations and closes them after the test."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    alive = []

    def build(asset: Path, num_envs: int = 3, **options) -> Clones:
        wanted = ClonesRequest(asset, num_envs=num_envs, **options)
        clones = lookup.make_clones(request.param, wanted)
        alive.append(clones)
        return clones

    yield build
    for clones in alive:
        clones.close()


@pytest.fixture
def box(tmp_path) -> Path:
    return build_box(tmp_path / "box.usda")


def targets(clones: Clones, **columns: float | list[float]) -> wp.array:
    """An array of targets, zero except for the named joints."""
    array = wp.zeros((clones.num_envs, len(clones.joint_names)), dtype=wp.float32, device="cpu")
    for name, values in columns.items():
        array.numpy()[:, clones.joint_names.index(name)] = values
    return array


def run(clones: Clones, wanted: wp.array | None = None, steps: int = 240) -> np.ndarray:
    """Positions after each step, shape (steps, num_envs, num_joints)."""
    seen = []
    for _ in range(steps):
        if wanted is not None:
            clones.write_targets(wanted)
        clones.step()
        seen.append(clones.joint_pos().numpy().copy())
    return np.array(seen)


def column(clones: Clones, name: str, positions: np.ndarray | None = None) -> np.ndarray:
    positions = clones.joint_pos().numpy() if positions is None else positions
    return positions[..., clones.joint_names.index(name)]


def test_joints_keep_the_names_of_the_asset(make, box):
    clones = make(box, num_envs=5)
    assert sorted(clones.joint_names) == ["button_slide", "lid_hinge"]
    assert (clones.num_envs, clones.device) == (5, "cpu")
    assert clones.dt == pytest.approx(1 / 120)
    assert clones.joint_pos().shape == (5, 2)
    assert clones.joint_pos().dtype == wp.float32
    assert np.abs(clones.joint_pos().numpy()).max() < 1e-6


def test_positions_follow_the_targets(make, box):
    clones = make(box)
    run(clones, targets(clones, lid_hinge=[OPEN, 0.5, 0.0], button_slide=[0.0, PRESSED, PRESSED]))
    # Sag: m g r cos(angle) / stiffness = 0.8 * 9.81 * 0.2 * cos(0.45) / 28.65 = 0.049 rad at 0.45.
    assert column(clones, "lid_hinge") == pytest.approx([OPEN, 0.451, 0.0], abs=0.01)
    assert column(clones, "button_slide") == pytest.approx([0.0, PRESSED, PRESSED], abs=1e-4)


def test_targets_move_a_joint_that_has_been_at_rest_for_long(make, box):
    clones = make(box)
    run(clones, targets(clones), steps=600)
    run(clones, targets(clones, lid_hinge=OPEN))
    assert column(clones, "lid_hinge") == pytest.approx([OPEN] * 3, abs=0.01)


def test_limits_arrive_in_radians_and_metres(make, box):
    clones = make(box)
    run(clones, targets(clones, lid_hinge=2.5, button_slide=-0.012))
    assert column(clones, "lid_hinge") == pytest.approx([math.radians(120)] * 3, abs=0.03)
    # Limits are soft in Newton.
    assert column(clones, "button_slide") == pytest.approx([-0.01] * 3, abs=1.5e-3)


def test_authored_targets_hold_before_the_first_write(make, tmp_path):
    clones = make(build_box(tmp_path / "box.usda", lid_rest=90.0))
    run(clones)
    assert column(clones, "lid_hinge") == pytest.approx([OPEN] * 3, abs=0.01)


def test_an_authored_joint_state_is_the_start_and_the_pose_after_a_reset(make, tmp_path):
    clones = make(build_box(tmp_path / "box.usda", lid_state=30.0))
    assert column(clones, "lid_hinge") == pytest.approx([math.radians(30)] * 3, abs=1e-6)
    run(clones, targets(clones), steps=60)
    clones.reset(np.array([False, True, False]))
    assert column(clones, "lid_hinge")[1] == pytest.approx(math.radians(30), abs=1e-6)
    assert np.abs(column(clones, "lid_hinge")[[0, 2]]).max() < 0.3


def test_positions_stay_in_one_array(make, box):
    clones = make(box)
    pointer = clones.joint_pos().ptr
    run(clones, targets(clones, lid_hinge=OPEN), steps=5)
    clones.reset(wp.array([True, False, True], dtype=wp.bool, device="cpu"))
    assert clones.joint_pos().ptr == pointer


def test_reset_of_some_clones_touches_no_other(make, box):
    clones = make(box, num_envs=4)
    wanted = targets(clones, lid_hinge=OPEN, button_slide=PRESSED)
    before = run(clones, wanted, steps=40)[-1]
    clones.reset(np.array([True, False, True, False]))
    after = clones.joint_pos().numpy().copy()
    assert np.array_equal(after[[1, 3]], before[[1, 3]])
    assert np.abs(after[[0, 2]]).max() < 1e-6
    later = run(clones, wanted, steps=40)[-1]
    clones.close()
    other = make(box, num_envs=4)
    unbroken = run(other, wanted, steps=80)[-1]
    assert np.array_equal(later[[1, 3]], unbroken[[1, 3]])
    assert later[[0, 2]] == pytest.approx(before[[0, 2]], abs=1e-4)


def test_clones_do_not_disturb_each_other(make, box):
    still = make(box, num_envs=9)
    calm = run(still, targets(still), steps=120)
    still.close()
    moving = make(box, num_envs=9)
    stirred = run(moving, targets(moving, lid_hinge=[0] * 4 + [2.0] + [0] * 4), steps=120)
    others = [0, 1, 2, 3, 5, 6, 7, 8]
    assert np.array_equal(stirred[:, others], calm[:, others])
    assert column(moving, "lid_hinge")[4] > 1.0


def test_nothing_is_left_behind_and_the_next_clones_can_be_made(make, box, tmp_path):
    content = box.read_bytes()
    for _ in range(2):
        clones = make(box)
        assert any((tmp_path / "scratch").iterdir())
        run(clones, targets(clones, lid_hinge=OPEN), steps=3)
        clones.close()
        clones.close()
        assert not any((tmp_path / "scratch").iterdir())
    assert box.read_bytes() == content
    assert sorted(path.name for path in tmp_path.iterdir()) == ["box.usda", "scratch"]


def test_a_failure_leaves_nothing_behind(make, box, tmp_path):
    with pytest.raises(ContractError, match="did you mean 'button_slide'"):
        make(box, hand_joints=("buton_slide",))
    assert not any((tmp_path / "scratch").iterdir())
    make(box)


def test_clones_that_are_alive_refuse_others(make, box):
    make(box)
    with pytest.raises(ContractError, match=r"one (set )?at a time"):
        make(box)


def test_one_of_several_articulations_is_chosen_by_path(make, tmp_path):
    asset = build_box(tmp_path / "two.usda", copies=2)
    with pytest.raises(ContractError, match="2 articulations here: Box, Box1; name one"):
        make(asset)
    for path in ("Box1", "/Kitchen/Box1"):
        clones = make(asset, articulation=path)
        assert len(clones.joint_names) == 2
        run(clones, targets(clones, lid_hinge=[OPEN, 0, 0]))
        assert column(clones, "lid_hinge") == pytest.approx([OPEN, 0, 0], abs=0.01)
        clones.close()


@pytest.mark.parametrize("name", ["box.usdc", "box.usdz", "box.usd"])
def test_every_file_format_is_read(make, tmp_path, name):
    clones = make(build_box(tmp_path / name))
    run(clones, targets(clones, lid_hinge=OPEN))
    assert column(clones, "lid_hinge") == pytest.approx([OPEN] * 3, abs=0.01)


def test_joints_inside_an_instance_move(make, tmp_path):
    clones = make(build_box(tmp_path / "box.usda", instanceable=True))
    run(clones, targets(clones, lid_hinge=OPEN))
    assert column(clones, "lid_hinge") == pytest.approx([OPEN] * 3, abs=0.01)


@pytest.mark.parametrize("up_axis", ["Y", "Z"])
def test_gravity_pulls_along_the_up_axis_of_the_asset(make, tmp_path, up_axis):
    asset = build_box(tmp_path / "box.usda", up_axis=up_axis, lid_drive=None, lid_state=60.0)
    clones = make(asset)
    lid = column(clones, "lid_hinge", run(clones, steps=24))
    # From rest: angle'' = -g r cos(60) / (r^2 + 0.4^2 / 12) = -18.4 rad/s^2 with r = 0.2 m.
    assert lid[7] - math.radians(60) == pytest.approx([-18.4 / 2 * (8 / 120) ** 2] * 3, rel=0.2)
    assert lid[-1] == pytest.approx([lid[-1, 0]] * 3, abs=1e-5)


def test_an_effect_joint_without_a_drive_stays_inert(make, tmp_path):
    clones = make(build_box(tmp_path / "box.usda", lid_drive=None))
    run(clones, targets(clones, lid_hinge=OPEN))
    assert np.abs(column(clones, "lid_hinge")).max() < 0.01
    assert clones.given_drives == {}


@pytest.mark.parametrize("drive", [None, (0.0, 5.0)])
def test_a_hand_joint_without_a_usable_drive_is_given_one_and_it_is_said(make, tmp_path, drive):
    asset = build_box(tmp_path / "box.usda", button_drive=drive)
    content = asset.read_bytes()
    clones = make(asset, hand_joints=("button_slide",))
    # 0.05 kg at 60 rad/s, critically damped: 0.05 * 60^2 N/m and 2 * 0.05 * 60 N s/m.
    assert clones.given_drives == {"button_slide": pytest.approx((180.0, 6.0))}
    run(clones, targets(clones, button_slide=[PRESSED, 0.0, PRESSED]))
    assert column(clones, "button_slide") == pytest.approx([PRESSED, 0, PRESSED], abs=1e-4)
    assert asset.read_bytes() == content


def test_a_given_hinge_drive_is_in_radians(make, tmp_path):
    asset = build_box(tmp_path / "box.usda", lid_drive=None)
    clones = make(asset, hand_joints=("lid_hinge",))
    stiffness, damping = clones.given_drives["lid_hinge"]
    # 0.8 kg, diagonal of 0.4 x 0.4 x 0.02 m: m d^2 / 3 at 60 rad/s.
    assert stiffness == pytest.approx(0.8 * 0.3204 / 3 * 3600, rel=1e-3)
    assert damping == pytest.approx(2 * stiffness / 60)
    run(clones, targets(clones, lid_hinge=0.5), steps=60)
    # Sag: m g r cos(0.5) / stiffness = 0.8 * 9.81 * 0.2 * 0.878 / 307.6 = 0.0045 rad.
    assert column(clones, "lid_hinge") == pytest.approx([0.4955] * 3, abs=0.002)


def test_static_parts_stand_where_the_author_put_them(make, tmp_path):
    clones = make(build_box(tmp_path / "box.usda", stopper=True), num_envs=4)
    run(clones, targets(clones, lid_hinge=[OPEN, OPEN, 0.5, OPEN]))
    # The lid, 0.4 m from its hinge at (0.2, 0.315), meets the block's edge at height 0.6.
    assert column(clones, "lid_hinge") == pytest.approx([0.93, 0.93, 0.451, 0.93], abs=0.03)


def test_all_simulations_agree(box):
    ends = []
    for name in CLASSES:
        with closing(lookup.make_clones(name, ClonesRequest(box, num_envs=3))) as clones:
            wanted = targets(clones, lid_hinge=[OPEN, 1.0, 0.0], button_slide=[0, PRESSED, 0])
            order = np.argsort(clones.joint_names)
            ends.append(run(clones, wanted, steps=360)[:, :, order])
    for other in ends[1:]:
        apart = np.abs(ends[0] - other)
        assert apart[..., 0].max() < 1e-3
        assert apart[..., 1].max() < 0.03


def test_the_replayed_solver_equals_the_eager_one(tmp_path, monkeypatch):
    from causal_contracts.lab import newton_clones

    asset = build_box(tmp_path / "box.usda", stopper=True)
    seen = []
    for _ in range(2):
        with closing(newton_clones.NewtonClones(ClonesRequest(asset, num_envs=4))) as clones:
            up = run(clones, targets(clones, lid_hinge=[OPEN, 2.0, 1.0, 0.0]), steps=60)
            clones.reset(np.array([False, True, False, True]))
            seen.append(np.append(up, run(clones, targets(clones, lid_hinge=OPEN), steps=30), 0))
        from causal_contracts.lab import solver_graph

        eager = partial(solver_graph.Replay, "this test wants the eager one")
        monkeypatch.setattr(solver_graph, "replay_on_cpu", eager)
    assert np.array_equal(seen[0], seen[1])


def test_clones_stand_apart_by_more_than_an_open_lid(box):
    scene = build_scene(box)
    # Lid open: from -0.225 (button) to 0.2 + 0.4 m along y; twice the farthest, in any direction.
    assert 2 * 0.6 < scene.spacing < 3.0
    origins = scene.origins(9)
    gaps = [math.dist(a, b) for a in origins for b in origins if a is not b]
    assert min(gaps) == pytest.approx(scene.spacing)
    scene.close()


def test_missing_files_prims_and_articulations_are_named(tmp_path):
    with pytest.raises(ContractError, match=r"none.usda: no USD file can be read here"):
        PhysXClones(ClonesRequest(tmp_path / "none.usda"))
    headless = build_box(tmp_path / "headless.usda", default_prim=False)
    with pytest.raises(ContractError, match=r"no default prim.*set defaultPrim"):
        PhysXClones(ClonesRequest(headless))
    with closing(PhysXClones(ClonesRequest(headless, articulation="/Box"))) as clones:
        assert len(clones.joint_names) == 2
    with pytest.raises(ContractError, match="no prim stands at"):
        PhysXClones(ClonesRequest(headless, articulation="/Box/nothing"))
    with pytest.raises(ContractError, match="there is no articulation here"):
        PhysXClones(ClonesRequest(headless, articulation="/Box/lid"))


def test_requests_that_cannot_be_met_are_refused(box):
    with pytest.raises(ContractError, match=r"(?s)0 clones.*step of 0 s"):
        ClonesRequest(box, num_envs=0, dt=0)
    with pytest.raises(ContractError, match="use device 'cpu'"):
        PhysXClones(ClonesRequest(box, device="cuda:0"))


def test_an_unknown_simulation_is_refused_with_those_there_are(box, monkeypatch):
    with pytest.raises(
        ContractError, match=r"there are isaaclab-newton, isaaclab-physx, physx; did"
    ):
        lookup.make_clones("phys", ClonesRequest(box))
    missing = lookup.EntryPoint("isaaclab-newton", "no_such_package:X", lookup.GROUP)
    monkeypatch.setattr(lookup, "entry_points", lambda group: [missing])
    with pytest.raises(ContractError, match=r"pip install 'causal-contracts\[lab\]'"):
        lookup.make_clones("isaaclab-newton", ClonesRequest(box))


CHILD = """
import sys
from pathlib import Path
from importlib.metadata import EntryPoint
from causal_contracts.preview import clones as lookup
lookup.entry_points = lambda group: [EntryPoint(sys.argv[1], sys.argv[2], group)]
clones = lookup.make_clones(sys.argv[1], lookup.ClonesRequest(Path(sys.argv[3])))
clones.step(); clones.joint_pos(); clones.close()
heavy = [name for name in ("torch", "isaaclab", "newton") if name in sys.modules]
print(*heavy, file=sys.stderr)
"""


@pytest.mark.parametrize(("sim", "kind"), [("newton", "NewtonCfg"), ("physx", "OvPhysxCfg")])
def test_clones_in_isaac_lab_run_on_the_physics_that_they_are_named_for(sim, kind, box):
    with closing(lookup.make_clones(f"isaaclab-{sim}", ClonesRequest(box))) as clones:
        assert type(clones._env.cfg.sim.physics).__name__ == kind
        assert clones.engine.lower().startswith(sim) and "Isaac Lab" in clones.engine


@pytest.mark.parametrize(
    "sim", [pytest.param(s, marks=[pytest.mark.slow] * (s == "isaaclab-physx")) for s in CLASSES]
)
def test_stdout_stays_empty_and_physx_loads_no_torch(sim, box):
    command = [sys.executable, "-c", CHILD, sim, CLASSES[sim], str(box)]
    child = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    assert child.stdout == ""
    loaded = child.stderr.strip().splitlines()[-1:]
    assert ("torch" in "".join(loaded)) == (sim != "physx")


def test_warming_up_loads_the_native_library_of_physx():
    """The name `PhysX` loads it when first asked for; a build must find it there."""
    code = (
        "from causal_contracts.preview.clones import warm_up\n"
        "warm_up('physx', print)\n"
        "import ovphysx\n"
        "print('PhysX' in vars(ovphysx))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.splitlines()[-1] == "True"
