# SPDX-License-Identifier: Apache-2.0
"""The Add button of the Property window."""

from kit_stand_ins import PrimPathWidget as PrimPathWidget
