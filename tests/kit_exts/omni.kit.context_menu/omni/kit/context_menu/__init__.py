# SPDX-License-Identifier: Apache-2.0
"""Entries of context menus."""

from kit_stand_ins import add_menu as add_menu
