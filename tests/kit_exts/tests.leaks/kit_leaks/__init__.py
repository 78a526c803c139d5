# SPDX-License-Identifier: Apache-2.0
"""An extension that a list of the process outlives it with."""

import sys

import omni.ext


class LeakingExtension(omni.ext.IExt):
    def on_startup(self):
        sys.kept_by_the_leak_test = [self]
