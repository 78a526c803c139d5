# SPDX-License-Identifier: Apache-2.0
"""One text."""

text = ""


def copy(value):
    global text
    text = value
