# SPDX-License-Identifier: Apache-2.0
"""Train a policy on an asset with its contracts and without, and judge what it learned."""
