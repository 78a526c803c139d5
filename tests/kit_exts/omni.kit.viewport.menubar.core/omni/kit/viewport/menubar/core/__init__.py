# SPDX-License-Identifier: Apache-2.0
"""Items of the viewport's menus."""

from kit_stand_ins import CategoryStateItem as CategoryStateItem
