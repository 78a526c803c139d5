# SPDX-License-Identifier: Apache-2.0
"""Notifications, kept in a list."""

from enum import Enum

posted = []


class NotificationStatus(Enum):
    INFO = 0
    WARNING = 1


def post_notification(text, hide_after_timeout=True, duration=3, status=NotificationStatus.INFO):
    posted.append((status.name, text))
