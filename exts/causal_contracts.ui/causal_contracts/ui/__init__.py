# SPDX-License-Identifier: Apache-2.0
"""The panel that authors contracts: its state, its two hosts and its widgets."""
