# SPDX-License-Identifier: Apache-2.0
"""The panel: widgets that draw an EditorState and call its edits; they import omni.ui alone."""
