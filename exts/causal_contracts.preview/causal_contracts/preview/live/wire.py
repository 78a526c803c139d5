# SPDX-License-Identifier: Apache-2.0
"""Structs to bytes on two pipes and back: a length and a MessagePack document; nothing blocks."""

from __future__ import annotations

import fcntl
import os
import select
from typing import Any

import msgspec

PREFIX = 4
"""Bytes of the little-endian length before each document."""
CHUNK = 1 << 20
"""Bytes read at once, and what a pipe is asked to hold."""


class GoneError(Exception):
    """The other side has closed its pipe."""


class Link[Received]:
    """One end: reads `Received` from one pipe, writes structs to another."""

    def __init__(self, reading: int, writing: int, received: Any) -> None:
        self._reading, self._writing = reading, writing
        self._decoder: msgspec.msgpack.Decoder[Received] = msgspec.msgpack.Decoder(received)
        self._encoder = msgspec.msgpack.Encoder()
        self._arrived = bytearray()
        self._waiting = bytearray()
        for descriptor in (reading, writing):
            os.set_blocking(descriptor, False)
            _widen(descriptor)

    @property
    def idle(self) -> bool:
        """Whether all that was sent has left this process."""
        return not self._waiting

    def send(self, message: msgspec.Struct) -> None:
        """Send one message, later where the pipe is full; raises `GoneError`."""
        document = self._encoder.encode(message)
        self._waiting += len(document).to_bytes(PREFIX, "little")
        self._waiting += document
        self.flush()

    def flush(self) -> None:
        """Write what the pipe takes now; raises `GoneError`."""
        while self._waiting:
            try:
                del self._waiting[: os.write(self._writing, self._waiting)]
            except BlockingIOError:
                return
            except (BrokenPipeError, OSError) as fault:
                raise GoneError from fault

    def poll(self, seconds: float | None = 0.0) -> list[Received]:
        """What has arrived, waiting up to `seconds` for the first of it (None: for ever).

        Raises `GoneError` at the end of the pipe, once everything before it was returned.
        """
        writing = [self._writing] if self._waiting else []
        ready, writable, _ = select.select([self._reading], writing, [], seconds)
        if writable:
            self.flush()
        if not ready:
            return []
        ended = self._read()
        messages = self._take()
        if ended and not messages:
            raise GoneError
        return messages

    def _read(self) -> bool:
        """Read all there is; whether the pipe has ended."""
        while True:
            try:
                some = os.read(self._reading, CHUNK)
            except BlockingIOError:
                return False
            if not some:
                return True
            self._arrived += some

    def _take(self) -> list[Received]:
        messages, at = [], 0
        while len(self._arrived) - at >= PREFIX:
            length = int.from_bytes(self._arrived[at : at + PREFIX], "little")
            if len(self._arrived) - at - PREFIX < length:
                break
            at += PREFIX
            messages.append(self._decoder.decode(memoryview(self._arrived)[at : at + length]))
            at += length
        del self._arrived[:at]
        return messages


def _widen(descriptor: int) -> None:
    """Let the pipe hold a whole frame; a smaller one only takes more turns."""
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, CHUNK)
    except (OSError, AttributeError):
        return
