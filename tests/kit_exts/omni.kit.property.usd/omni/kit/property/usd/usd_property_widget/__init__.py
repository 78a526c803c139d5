# SPDX-License-Identifier: Apache-2.0
"""Claims of applied schemas."""

from kit_stand_ins import MultiSchemaPropertiesWidget as MultiSchemaPropertiesWidget
