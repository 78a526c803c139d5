# SPDX-License-Identifier: Apache-2.0
"""A reinforcement-learning task from any asset with contracts: press, and the effect follows."""
