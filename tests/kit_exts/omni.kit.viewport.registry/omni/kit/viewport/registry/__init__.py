# SPDX-License-Identifier: Apache-2.0
"""Scenes of the viewport."""

from kit_stand_ins import RegisterScene as RegisterScene
