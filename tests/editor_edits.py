# SPDX-License-Identifier: Apache-2.0
"""Every named edit of the editor on the box, and the layers that they may go to."""

from __future__ import annotations

import math

from pxr import Sdf

FIVE_DEGREES = math.radians(5)

EDITS = {
    "Add button_slide_moves_lid_hinge": lambda s: s.add(),
    "Duplicate press": lambda s: s.duplicate(),
    "Rename press to opens": lambda s: s.rename("press", "opens"),
    "Delete press": lambda s: s.delete(),
    "Disable press": lambda s: s.set_enabled(False),
    "Set op of press": lambda s: s.set_op(">"),
    "Set mode of press": lambda s: s.set_mode("level"),
    "Set threshold of press": lambda s: s.set_threshold(-0.003),
    "Set target of press": lambda s: s.set_target(FIVE_DEGREES),
    "Set rest of press": lambda s: s.set_rest(FIVE_DEGREES),
    "Set trigger joint of press": lambda s: s.set_trigger("third"),
    "Set effect joint of press": lambda s: s.set_effect("third"),
}


def with_third_joint(tmp_path, state):
    """A second hinge between the same bodies, with another name."""
    layer = state.host.stage().GetRootLayer()
    Sdf.CopySpec(layer, "/Box/lid_hinge", layer, "/Box/third")
    layer.Save()
    state.refresh()


def use_layer(state, kind):
    """Let edits go to the root layer, a session layer, a sublayer above, or a variant."""
    stage = state.host.stage()
    if kind == "session":
        state.host.set_edit_target(stage.GetSessionLayer().identifier)
    elif kind == "above":
        above = Sdf.Layer.CreateAnonymous("above.usda")
        stage.GetSessionLayer().subLayerPaths.append(above.identifier)
        state.host.set_edit_target(above.identifier)
    elif kind == "variant":
        variants = stage.GetPrimAtPath("/Box").GetVariantSets().AddVariantSet("kind")
        variants.AddVariant("a")
        variants.SetVariantSelection("a")
        stage.SetEditTarget(variants.GetVariantEditTarget())
