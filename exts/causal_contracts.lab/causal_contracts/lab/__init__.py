# SPDX-License-Identifier: Apache-2.0
"""Contracts in Isaac Lab environments."""
