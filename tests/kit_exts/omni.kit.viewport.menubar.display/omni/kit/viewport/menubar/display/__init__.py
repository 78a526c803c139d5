# SPDX-License-Identifier: Apache-2.0
"""The menu Show By Type."""

import kit_stand_ins


def get_instance():
    return kit_stand_ins.display
