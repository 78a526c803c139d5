# SPDX-License-Identifier: Apache-2.0
"""Listeners in, calls out: a signal, and the subscription that ends it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

_log = logging.getLogger(__name__)


class Subscription(Protocol):
    """Something to keep as long as calls are wanted."""

    def close(self) -> None:
        """End it; a second time does nothing."""


class Closing:
    """A subscription that runs one function when it ends, once."""

    def __init__(self, end: Callable[[], object]) -> None:
        self._end: Callable[[], object] | None = end

    def close(self) -> None:
        """End it; a second time does nothing."""
        end, self._end = self._end, None
        if end is not None:
            end()


class Subscriptions:
    """Several subscriptions that end together."""

    def __init__(self, *held: Subscription) -> None:
        self._held = list(held)

    def add(self, *held: Subscription) -> None:
        """Keep more of them."""
        self._held += held

    def close(self) -> None:
        """End all of them, the newest first."""
        while self._held:
            self._held.pop().close()


@contextmanager
def all_or_none() -> Iterator[Subscriptions]:
    """Subscriptions to add what is started to; where a later start fails, they end again."""
    held = Subscriptions()
    try:
        yield held
    except BaseException:
        held.close()
        raise


class Signal[*Args]:
    """Calls its listeners in the order in which they came."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._listeners: dict[int, Callable[[*Args], object]] = {}
        self._faulty: set[int] = set()
        self._next = 0

    def connect(self, listener: Callable[[*Args], object]) -> Subscription:
        """Call `listener` from now on, until the subscription is closed."""
        key, self._next = self._next, self._next + 1
        self._listeners[key] = listener
        return Closing(lambda: self._listeners.pop(key, None))

    def __call__(self, *args: *Args) -> None:
        """Call every listener; what one of them raises is logged once and stops no other."""
        for key, listener in list(self._listeners.items()):
            if key not in self._listeners:  # an earlier listener closed it
                continue
            try:
                listener(*args)
            except Exception:
                if key not in self._faulty:
                    self._faulty.add(key)
                    _log.exception("a listener of '%s' failed", self.name)

    def __len__(self) -> int:
        return len(self._listeners)
