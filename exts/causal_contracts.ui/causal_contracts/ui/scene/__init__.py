# SPDX-License-Identifier: Apache-2.0
"""What is drawn with omni.ui.scene: the clones of the preview, and the contracts' arrows."""
