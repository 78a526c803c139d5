# SPDX-License-Identifier: Apache-2.0
"""All that can change a run while it runs: commands of the worker and entries of its log alike."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from causal_contracts.core.couplings_json import encode_couplings, read_couplings
from causal_contracts.core.issue import ContractError, error
from causal_contracts.core.model import Bundle

KINDS = Literal["fraction", "sweep", "hold", "by_hand"]


class Pattern(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the hand does by itself; times in seconds of an episode."""

    kind: KINDS = "fraction"
    """`fraction`: some clones at random times, exactly as the headless preview presses.
    `sweep`: every clone at once, each a little deeper than the one before, the last all the way.
    `hold`: some clones, and they stay pressed. `by_hand`: nothing but `Press`."""
    fraction: float = 0.5
    """Share of the clones that press, 0 to 1; `sweep` presses all of them."""
    seconds: float = 4.0
    """Length of an episode: with `Loop` all clones are reset at its end."""
    window: float = 2.0
    """Time T that an effect may take after its cause."""
    settle: float = 0.5
    """Time before the first press."""


class _Change(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="do", forbid_unknown_fields=True
):
    pass


class Press(_Change, frozen=True, kw_only=True, tag="press"):
    """Move trigger joints of some clones by hand, over 0.15 s."""

    clones: tuple[int, ...]
    joint: str | None = None
    """None: every joint that the hand presses."""
    value: float | None = None
    """Drive target [rad or m]; None: as far as the pattern presses it."""
    seconds: float | None = None
    """Time until the hand lets go by itself; None: on `Release` or `Reset`."""


class Release(_Change, frozen=True, kw_only=True, tag="release"):
    """Let go of what was pressed by hand."""

    clones: tuple[int, ...]
    joint: str | None = None


class Reset(_Change, frozen=True, kw_only=True, tag="reset"):
    """Put clones back to the authored pose, clear their latches and let go of them."""

    clones: tuple[int, ...] | None = None
    """None: all of them, and the pattern begins again."""


class Swap(_Change, frozen=True, kw_only=True, tag="swap"):
    """Run other contracts from the next step on; the physics goes on as it is."""

    couplings: dict[str, Any]
    """The content of a couplings.json."""
    partly: bool = False
    """Whether contracts of other ids run on as they are."""


class Native(_Change, frozen=True, kw_only=True, tag="native"):
    """Contracts off (or on again): what the asset does by itself."""

    on: bool


class SetPattern(_Change, frozen=True, kw_only=True, tag="pattern"):
    """Press otherwise from the next episode on, which begins at once with a reset of all clones."""

    pattern: Pattern
    seed: int = 0


class Loop(_Change, frozen=True, kw_only=True, tag="loop"):
    """Whether another episode follows at the end of one, with the next seed."""

    on: bool


Change = Press | Release | Reset | Swap | Native | SetPattern | Loop


def couplings_of(bundle: Bundle) -> dict[str, Any]:
    """A bundle as the content of a couplings.json."""
    return msgspec.json.decode(encode_couplings(bundle))


def swap_to(wanted: dict[str, Any], running: dict[str, Any] | None) -> Swap:
    """The least that makes `wanted` of the content that is `running`, None where it is not known.

    One contract among hundreds is then all that an edit sends, and that the log keeps of it.
    """
    if running is None or _around(wanted) != _around(running):
        return Swap(couplings=wanted)
    rows = wanted["couplings"]
    known = {row["id"]: row for row in running["couplings"]}
    if known.keys() != {row["id"] for row in rows}:
        return Swap(couplings=wanted)
    changed = [row for row in rows if known[row["id"]] != row]
    return Swap(couplings={**wanted, "couplings": changed}, partly=True)


def _around(content: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in content.items() if key != "couplings"}


def amended(content: dict[str, Any], some: dict[str, Any]) -> dict[str, Any]:
    """A content with the couplings of another in place of those of the same ids, and beside."""
    rows = {row["id"]: row for row in (*content["couplings"], *some["couplings"])}
    return {**content, "couplings": [rows[one] for one in sorted(rows)]}


def bundle_of(couplings: dict[str, Any]) -> Bundle:
    """The bundle that a couplings.json with this content says; raises `ContractError`."""
    return read_couplings(msgspec.json.encode(couplings))


def checked(pattern: Pattern, *, seed: int) -> Pattern:
    """`pattern` where it can be pressed; raises `ContractError` with every fault."""
    faults = [
        error(f"pattern.{name}", f"{value:g} cannot be used", fix)
        for name, value, good, fix in (
            ("seconds", pattern.seconds, 0 < pattern.seconds <= 600, "give up to 600 s"),
            ("window", pattern.window, 0 < pattern.window <= 600, "give a time above 0 s"),
            ("settle", pattern.settle, 0 <= pattern.settle <= 60, "give 0 to 60 s"),
            ("fraction", pattern.fraction, 0 <= pattern.fraction <= 1, "give a share from 0 to 1"),
            ("seed", seed, seed >= 0, "give 0 or more"),
        )
        if not good
    ]
    if faults:
        raise ContractError(faults)
    return pattern
