# SPDX-License-Identifier: Apache-2.0
"""The base of widgets of the Property window."""

from kit_stand_ins import SimplePropertyWidget as SimplePropertyWidget
