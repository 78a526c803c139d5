# SPDX-License-Identifier: Apache-2.0
"""The same presses on several physics engines, and whether the contracts act alike on them."""
