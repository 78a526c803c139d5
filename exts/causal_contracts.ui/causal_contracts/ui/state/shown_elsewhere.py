# SPDX-License-Identifier: Apache-2.0
"""Two states of one host to one selection: what is chosen in either is chosen in the other."""

from __future__ import annotations

from ..signals import Subscription, Subscriptions
from .editor_state import EditorState

_TOPICS = ("selection", "articulations")


def share_selection(panel: EditorState, other: EditorState) -> Subscription:
    """Keep articulation and selection alike: a change in either reaches the other a frame later."""
    agreed = _shown(panel)

    def pass_on(source: EditorState, target: EditorState) -> None:
        nonlocal agreed
        if _shown(source) != agreed:  # else the target is the one that changed
            show(target, *_shown(source))
            agreed = _shown(source)

    return Subscriptions(
        *(panel.listen(topic, lambda: pass_on(panel, other)) for topic in _TOPICS),
        *(other.listen(topic, lambda: pass_on(other, panel)) for topic in _TOPICS),
    )


def show(state: EditorState, articulation: str | None, ids: tuple[str, ...]) -> None:
    """Pick that articulation and select those contracts; nothing changes where it is so already.

    The articulation may also be named by a prim in it.
    """
    if articulation is None or (state.picked, state.selection) == (articulation, ids):
        return
    if any(one not in state.authored for one in ids) or state.picked != articulation:
        state.refresh()  # asleep, it has not seen what was added meanwhile
    state.pick(articulation)
    if ids:
        state.select(*ids)


def _shown(state: EditorState) -> tuple[str | None, tuple[str, ...]]:
    return state.picked, state.selection
