# SPDX-License-Identifier: Apache-2.0
"""The live preview: a worker process that runs the loop, and the client that watches it."""
