# SPDX-License-Identifier: Apache-2.0
"""Studio: the panel in a window of its own, on any machine; `command` starts it."""
