# SPDX-License-Identifier: Apache-2.0
"""Clones of an asset on real physics, without a window."""
