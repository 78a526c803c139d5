# SPDX-License-Identifier: Apache-2.0
"""Which clones are painted anew when, and that what stands is painted as it stands."""

import math

import numpy as np
from causal_contracts.preview.live.poses import Poser
from causal_contracts.preview.live.skeleton import Body, Box, Frame3, Skeleton
from causal_contracts.ui.scene.camera import OrbitCamera
from causal_contracts.ui.scene.clone_mesh import CloneMesh
from causal_contracts.ui.scene.clone_picture import BOXES_A_TURN, ClonePicture

HEIGHT = 600.0
HINGES = 8


def skeleton():
    """A board with hinges side by side, of which the last carries one more."""
    board = Body(name="board", parent=-1, before=Frame3(), after=Frame3())
    hinges = (
        Body(
            name=f"b{n}",
            parent=n - 1 if n == HINGES else 0,
            before=Frame3(position=(0.5 * n, 0.0, 0.5)),
            after=Frame3(position=(0.0, 0.2, 0.0)),
            kind="revolute" if n % 2 else "prismatic",
            joint=f"j{n}",
        )
        for n in range(1, HINGES + 1)
    )
    boxes = [
        Box(body=n, place=Frame3(), half=(0.2, 0.2, 0.2), color=(0.5, 0.1 * n, 0.2))
        for n in range(1, HINGES + 1)
    ]
    ground = Box(
        body=0, place=Frame3(position=(2.0, 0.0, -0.1)), half=(2.5, 1.0, 0.1), color=(1, 1, 1)
    )
    return Skeleton(bodies=(board, *hinges), boxes=(ground, *boxes), spacing=6.0)


def made(clones):
    mesh = CloneMesh(skeleton(), [f"j{n}" for n in range(1, HINGES + 1)], clones)
    camera = OrbitCamera("Z")
    camera.frame(mesh.bounds())
    picture = ClonePicture(mesh)
    picture.look(camera, HEIGHT)
    return mesh, picture, camera


def from_scratch(mesh, camera):
    again = CloneMesh(skeleton(), [f"j{n}" for n in range(1, HINGES + 1)], mesh.num_envs)
    again.move(mesh.joint_pos)
    picture = ClonePicture(again)
    picture.look(camera, HEIGHT)
    return picture


def same(one, other):
    return one.colors == other.colors and np.allclose(one.points, other.points, atol=1e-9)


def test_a_clone_that_did_not_move_is_not_painted_again():
    mesh, picture, _ = made(9)
    before = list(picture._points)
    pos = np.zeros((9, HINGES), np.float32)
    assert not picture.turn() and not len(picture.painted)
    pos[[2, 5], 0] = 0.7
    mesh.move(pos)
    assert picture.turn(at_once=False) and picture.painted.tolist() == [2, 5]
    kept = [new is old for new, old in zip(picture._points, before, strict=True)]
    assert kept == [clone not in (2, 5) for clone in range(9)]
    assert not picture.turn()


def test_of_a_clone_that_moved_only_boxes_that_moved_are_compared_anew():
    mesh, picture, _ = made(4)
    posed, compared = picture._posed, []
    put = posed._moving.put
    posed._moving.put = lambda boxes, clones, pairs: (
        compared.extend(zip(clones.tolist(), posed._moving.pairs[pairs].tolist(), strict=True)),
        put(boxes, clones, pairs),
    )
    pos = np.zeros((4, HINGES), np.float32)
    pos[3, 1] = 0.1  # the slider of body 2, which carries nothing
    mesh.move(pos)
    assert picture.turn()
    moved = [box for box in range(HINGES + 1) if mesh._body[box] == 2]
    assert len(compared) == HINGES  # with the board and the seven others
    assert all(clone == 3 and moved[0] in pair for clone, pair in compared)


def test_every_clone_that_moves_is_painted_within_so_many_turns():
    clones = 200
    mesh, picture, camera = made(clones)
    most = BOXES_A_TURN // (HINGES + 1)
    assert len(picture._posed.which) == HINGES + 1 and most < clones
    rng = np.random.default_rng(3)
    last = np.zeros(clones, dtype=int)
    turns = 4 * math.ceil(clones / most)
    for turn in range(1, turns + 1):
        mesh.move(rng.uniform(-1, 1, (clones, HINGES)).astype(np.float32))
        assert picture.turn(at_once=False)
        assert 0 < len(picture.painted) <= most
        last[picture.painted] = turn
        assert (turn - last).max() < math.ceil(clones / most)
    # as soon as they stand, what waits is taken in without a new position
    for _ in range(math.ceil(clones / most)):
        picture.turn(at_once=False)
    assert same(picture, from_scratch(mesh, camera))


def test_after_play_the_picture_is_the_one_painted_from_scratch():
    mesh, picture, camera = made(100)
    rng = np.random.default_rng(4)
    for _ in range(5):
        mesh.move(rng.normal(0, 0.3, (100, HINGES)).astype(np.float32))
        picture.turn(at_once=False)
    assert not same(picture, from_scratch(mesh, camera))
    picture.turn()
    assert same(picture, from_scratch(mesh, camera))


def test_a_move_of_less_than_a_tenth_of_a_pixel_waits_for_the_pause():
    mesh, picture, camera = made(9)
    pos = np.full((9, HINGES), 1e-5, np.float32)
    mesh.move(pos)
    assert not picture.turn(at_once=False)
    assert picture.turn() and len(picture.painted) == 9
    assert same(picture, from_scratch(mesh, camera))


def test_boxes_too_small_to_show_are_not_posed():
    mesh, picture, camera = made(9)
    camera.zoom(-40)
    picture.look(camera, 8.0)
    assert not len(picture._posed.which) and picture.points == []
    mesh.move(np.ones((9, HINGES), np.float32))
    assert not picture.turn()


def test_poses_of_some_bodies_are_those_among_all():
    poser = Poser(skeleton(), [f"j{n}" for n in range(1, HINGES + 1)])
    pos = np.random.default_rng(5).uniform(-1, 1, (7, HINGES))
    which = np.array([8, 0, 3, 3])
    assert np.array_equal(poser.bodies(pos, which), poser.bodies(pos)[:, which])
