# SPDX-License-Identifier: Apache-2.0
"""What `tools/imagine` does: record, learn, roll out, train in imagination, judge in reality."""
