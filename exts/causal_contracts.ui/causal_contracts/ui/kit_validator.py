# SPDX-License-Identifier: Apache-2.0
"""The checker as a rule of Kit's asset validator, where that extension is enabled."""

# pyright: reportMissingImports=false
# No stubs of these are published.

from __future__ import annotations

import omni.asset_validator.core

from .signals import Subscription
from .validator_rule import register


def start() -> Subscription:
    """Register the rule; it goes when the subscription is closed."""
    return register(omni.asset_validator.core)
