# SPDX-License-Identifier: Apache-2.0
"""What the selected contract means: its compiled sentence, and the findings with their fixes."""

from __future__ import annotations

import omni.ui as ui
from causal_contracts.core.issue import Issue

from . import style
from .controls import button, dot
from .section import Section

_GLYPHS = {"error": "x", "warning": "!", "info": "i"}
"""By severity, the worst first."""


class Meaning(Section):
    """The sentence, then one line a finding."""

    topics = ("selection", "bundle", "draft", "issues", "target")

    def draw(self) -> None:
        """Sentence and findings; those of the asset where nothing is selected."""
        state = self.state
        found = [*state.issues_of(state.primary)] if state.primary else []
        with ui.VStack(spacing=style.GAP, height=0):
            said = state.sentence()
            if said:
                with ui.ZStack(height=0):
                    ui.Rectangle(name="box")
                    with ui.HStack():
                        ui.Spacer(width=2 * style.GAP)
                        with ui.VStack(height=0):
                            ui.Spacer(height=style.GAP + 2)
                            ui.Label(said, word_wrap=True, identifier="meaning", height=0)
                            ui.Spacer(height=style.GAP + 2)
                        ui.Spacer(width=2 * style.GAP)
            found = [*found, *state.issues_of(None)]
            for issue in sorted(found, key=lambda one: [*_GLYPHS].index(one.severity)):
                self._finding(issue)

    def _finding(self, issue: Issue) -> None:
        text = f"{issue.what}; {issue.fix}" if issue.fix else issue.what
        if issue.contract is None:
            text = f"{issue.address}: {text}"
        kind = str(issue.severity)
        with ui.HStack(spacing=2 * style.GAP, height=0):
            dot(kind, _GLYPHS[kind], issue.address)
            ui.Label(text, name="dim", word_wrap=True)
            for fix in self.state.fixes(issue):
                with ui.VStack(width=0):
                    ui.Spacer()
                    button(
                        fix.label,
                        fix.apply,
                        identifier=f"fix:{fix.label}",
                        says=fix.says,
                        why_not=self.state.why_no_edit(),
                        lit=True,
                    )
                    ui.Spacer()
