# SPDX-License-Identifier: Apache-2.0
"""Seeded ways to spoil a file: flipped bits, cut ends, swapped tokens, spliced pieces."""

from __future__ import annotations

import random
import re

_TOKEN = re.compile(rb'"[^"\n]{0,80}"|[A-Za-z_:]+|[-+]?[0-9.]+(?:e[-+]?[0-9]+)?|[^\sA-Za-z0-9]')

HOSTILE = [
    b"NaN", b"inf", b"-inf", b"1e999", b"-1", b"0", b"99999999999999999999", b"null", b"None",
    b"true", b'""', b'"\\ud800"', b"[]", b"{}", b"[[[[", b"}", b"<>", b"@gone.usda@", b"</>",
    b"</Nowhere.prop>", b"\x00", b"\xff\xfe", b'"\xc3\xa9"', b"</Microwave>", b'"X"',
]  # fmt: skip


def mutate(data: bytes, seed: int) -> bytes:
    """`data` after one to four random changes; the same ones for a seed."""
    dice = random.Random(seed)
    for _ in range(dice.choice((1, 1, 1, 2, 4))):
        kinds = (_plant, _plant, _plant, _swap, _flip, _flip, _cut, _splice, _drop)
        data = dice.choice(kinds)(data, dice)
    return data


def _flip(data: bytes, dice: random.Random) -> bytes:
    spoilt = bytearray(data)
    for _ in range(dice.choice((1, 1, 3, 20))):
        if spoilt:
            spoilt[dice.randrange(len(spoilt))] ^= 1 << dice.randrange(8)
    return bytes(spoilt)


def _cut(data: bytes, dice: random.Random) -> bytes:
    return data[: dice.randrange(len(data) + 1)]


def _swap(data: bytes, dice: random.Random) -> bytes:
    """Two tokens of the file change places."""
    tokens = list(_TOKEN.finditer(data))
    if len(tokens) < 2:
        return data
    a, b = sorted(dice.sample(tokens, 2), key=lambda one: one.start())
    return data[: a.start()] + b[0] + data[a.end() : b.start()] + a[0] + data[b.end() :]


def _splice(data: bytes, dice: random.Random) -> bytes:
    """A piece of the file stands once more somewhere else."""
    start = dice.randrange(len(data) + 1)
    piece = data[start : start + dice.choice((4, 40, 400))]
    at = dice.randrange(len(data) + 1)
    return data[:at] + piece + data[at:]


def _drop(data: bytes, dice: random.Random) -> bytes:
    start = dice.randrange(len(data) + 1)
    return data[:start] + data[start + dice.choice((1, 8, 80)) :]


def _plant(data: bytes, dice: random.Random) -> bytes:
    """A token becomes a hostile one."""
    tokens = list(_TOKEN.finditer(data))
    if not tokens:
        return data
    token = dice.choice(tokens)
    alike = [one for one in HOSTILE if one[:1].isalpha() == token[0][:1].isalpha()]
    return data[: token.start()] + dice.choice((*HOSTILE, *alike)) + data[token.end() :]
