# SPDX-License-Identifier: Apache-2.0
"""The Property window of kit_stand_ins."""

import kit_stand_ins


def get_window():
    return kit_stand_ins.window
