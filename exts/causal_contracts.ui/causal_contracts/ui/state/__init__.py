# SPDX-License-Identifier: Apache-2.0
"""The one truth of the panel, without omni: what the stage says, what is chosen, named edits."""
