# SPDX-License-Identifier: Apache-2.0
"""How many boxes of each clone are drawn: fewer the more clones are in the picture."""

import pytest
from causal_contracts.preview.live.skeleton import Body, Box, Frame3, Skeleton
from causal_contracts.ui.scene.camera import OrbitCamera
from causal_contracts.ui.scene.clone_mesh import CloneMesh


def skeleton(bodies, boxes_of_each=1):
    """Cubes in a row, a hinge between each and the first."""
    first = Body(name="b0", parent=-1, before=Frame3(), after=Frame3())
    others = (
        Body(
            name=f"b{n}",
            parent=0,
            before=Frame3(position=(3.0 * n, 0.0, 0.0)),
            after=Frame3(),
            kind="revolute",
            joint=f"j{n}",
        )
        for n in range(1, bodies)
    )
    boxes = (
        Box(body=n, place=Frame3(position=(0.0, 4.0 * k, 0.0)), half=(1, 1, 1), color=(1, 1, 1))
        for n in range(bodies)
        for k in range(boxes_of_each)
    )
    return Skeleton(bodies=(first, *others), boxes=tuple(boxes), spacing=5.0)


@pytest.mark.parametrize(
    ("bodies", "boxes", "clones", "drawn"),
    [
        (2, 1, 256, 2),  # all there is
        (2, 20, 1, 32),  # the most of one clone
        (2, 20, 64, 10),  # 640 over 64 clones
        (9, 2, 256, 9),  # one a body, though 640 over 256 is 2
        (65, 1, 256, 16),  # 4,096 over 256
        (65, 1, 1, 65),  # one a body, though 32 is the most otherwise
    ],
)
def test_the_boxes_of_a_clone_are_fewer_where_clones_are_many(bodies, boxes, clones, drawn):
    made = skeleton(bodies, boxes)
    mesh = CloneMesh(made, [f"j{n}" for n in range(1, bodies)], clones)
    camera = OrbitCamera(made.up_axis)
    camera.frame(mesh.bounds())
    assert mesh.drawn_boxes(camera) == drawn
