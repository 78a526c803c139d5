# SPDX-License-Identifier: Apache-2.0
"""The live preview's state without omni: one worker, what it runs, and what the panel shows."""
