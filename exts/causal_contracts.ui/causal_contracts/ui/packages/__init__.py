# SPDX-License-Identifier: Apache-2.0
"""What the preview's worker needs of Python: whether it is there, and its installation if not."""
