# SPDX-License-Identifier: Apache-2.0
"""In the preview's place while its packages lack: what, how large, where, and a button."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import omni.ui as ui

from ..packages.installation import Installation
from ..packages.readiness import Missing, Plan, megabytes
from ..state.editor_state import EditorState
from ..state.refusal import listed
from . import style
from .controls import button, dot, header, tip
from .section import Section

_LABEL, _NAME = 72, 220
_LINE = 20
_LINES = 5
"""Last lines of a failed installer that are shown; a button copies all that were kept."""


class PackagesSection(Section):
    """What installing would do, how far it is, or why it failed; nothing once all is there."""

    def __init__(self, state: EditorState, packages: Installation, *, headed: bool = True) -> None:
        super().__init__(state)
        self.packages, self._headed = packages, headed
        self._listed = False
        self._bar: ui.Rectangle | None = None
        self._says: ui.Label | None = None
        self._left: ui.Label | None = None
        self._held.add(
            packages.changed.connect(self.changed), state.host.on_frame(self._show_progress)
        )

    def draw(self) -> None:
        """One of three: the offer, the progress, the failure with the offer under it."""
        self._bar = self._says = self._left = None
        found = self.packages.found
        if not isinstance(found, Missing):
            ui.Spacer(height=0)
            return
        remark = "an older version is installed" if found.outdated else "not installed"
        with ui.VStack(spacing=style.GAP, height=0):
            if self._headed:
                header("Preview", "installing" if self.packages.busy else remark)
            if self.packages.busy:
                self._progress()
                return
            if self.packages.failure is not None:
                self._failure()
            self._offer(found)

    # -- the offer

    def _offer(self, found: Missing) -> None:
        host = self.state.host.name
        count = len(found.plan.wheels) if found.plan else len(found.lacking)
        with _boxed():
            ui.Label(
                "The preview runs your contracts on cloned environments, in a process of its own. "
                f"That needs {count} Python packages which {host} does not bring.",
                word_wrap=True,
                identifier="packages why",
                height=0,
            )
            ui.Spacer(height=0)
            if found.plan is not None:
                self._facts(found.plan)
            ui.Label(
                f"They go into a folder of their own: {host}'s Python stays as it is. "
                "Without them everything but the preview works.",
                name="dim",
                word_wrap=True,
                height=0,
            )
            ui.Spacer(height=0)
            self._buttons()
            if found.why_not is not None:
                with ui.HStack(spacing=2 * style.GAP, height=0):
                    dot("warning", "!")
                    ui.Label(found.why_not, word_wrap=True, identifier="packages why not")

    def _facts(self, plan: Plan) -> None:
        largest = sorted(plan.wheels, key=lambda wheel: -wheel.download)
        source = f" from {_short(Path(plan.source))}" if plan.source else ""
        self._fact("Download", f"{megabytes(plan.download)}{source}", "packages download")
        self._fact("On disk", megabytes(plan.installed), "packages installed")
        self._fact("Folder", _short(plan.folder), "packages folder", says=str(plan.folder))
        names = listed((wheel.name for wheel in largest), limit=4)
        self._fact("Packages", names if not self._listed else f"{len(largest)}", "packages names")
        if not self._listed:
            return
        with ui.VStack(height=0):
            for wheel in plan.wheels:
                with ui.HStack(height=_LINE - 2):
                    ui.Spacer(width=_LABEL)
                    named = f"{wheel.name} {wheel.version}"
                    ui.Label(named, name="dim", elided_text=True, width=_NAME)
                    ui.Label(megabytes(wheel.download), name="dim", width=0)
                    ui.Spacer()

    def _fact(self, name: str, value: str, identifier: str, *, says: str | None = None) -> None:
        with ui.HStack(height=_LINE):
            ui.Label(name, name="dim", width=_LABEL)
            said = ui.Label(value, elided_text=True, identifier=identifier)
        tip(said, says)

    def _buttons(self) -> None:
        packages = self.packages
        failed = packages.failure is not None
        with ui.HStack(spacing=style.GAP, height=style.ROW):
            button(
                "Try again" if failed else "Install",
                packages.install,
                identifier="install packages",
                says="Download the packages, check them against their recorded hashes, and "
                "unpack them into the folder.",
                why_not=packages.why_no_install(),
                lit=True,
                width=100,
            )
            button(
                "Hide list" if self._listed else "List",
                self._toggle,
                identifier="list packages",
                says="Each package with its version and size.",
                width=80,
            )
            ui.Spacer()

    def _toggle(self) -> None:
        self._listed = not self._listed
        self.changed()

    # -- the progress

    def _progress(self) -> None:
        with _boxed():
            with ui.HStack(height=_LINE):
                self._says = ui.Label("", elided_text=True, identifier="packages progress")
                self._left = ui.Label("", name="dim", width=0)
            with ui.ZStack(height=8):
                ui.Rectangle(name="track")
                with ui.HStack():
                    self._bar = ui.Rectangle(name="progress", width=ui.Percent(0))
                    ui.Spacer()
            with ui.HStack(height=style.ROW):
                button(
                    "Cancel",
                    self.packages.cancel,
                    identifier="cancel packages",
                    says="Stop, and remove what was downloaded.",
                    width=100,
                )
                ui.Spacer()
        self._show_progress()

    def _show_progress(self) -> None:
        """Put the job's words and share into the widgets that stand."""
        job = self.packages.job
        if job is None or self._bar is None or self._says is None or self._left is None:
            return
        self._says.text = job.says or "Starting"
        self._bar.width = ui.Percent(100 * job.done)
        left = self.packages.left
        self._left.text = "" if left is None else f"about {_seconds(left)} left"

    # -- the failure

    def _failure(self) -> None:
        failure = self.packages.failure
        assert failure is not None
        with _boxed("refusal"):
            with ui.HStack(spacing=2 * style.GAP, height=0):
                dot("error", "x")
                ui.Label(failure.says, word_wrap=True, identifier="packages failure")
            with ui.VStack(height=0):
                for line in failure.lines[-_LINES:]:
                    said = ui.Label(line.strip(), name="dim", elided_text=True, height=_LINE - 2)
                    tip(said, line)
            if failure.lines:
                with ui.HStack(height=style.ROW):
                    button(
                        "Copy",
                        lambda: self.state.host.copy("\n".join([failure.says, *failure.lines])),
                        identifier="copy packages failure",
                        says="Copy the sentence and all last lines of the installer.",
                        boxed=True,
                        width=80,
                    )
                    ui.Spacer()


class InstalledPackages(Section):
    """One line once our own folder is in use: how large, and a button that removes it."""

    def __init__(self, state: EditorState, packages: Installation) -> None:
        super().__init__(state)
        self.packages = packages
        self._held.add(packages.changed.connect(self.changed))

    def draw(self) -> None:
        """Nothing where the packages are the interpreter's own, or not there."""
        ready = self.packages.ready
        if ready is None or not ready.paths:
            ui.Spacer(height=0)
            return
        folder = ready.paths[0]
        with ui.HStack(spacing=style.GAP, height=style.ROW):
            text = f"Packages: {megabytes(ready.size)} in {_short(folder)}"
            said = ui.Label(text, name="dim", elided_text=True, identifier="packages installed")
            tip(said, str(folder))
            button(
                "Remove",
                self._ask,
                identifier="remove packages",
                says="Remove the preview's packages from the disk.",
                why_not="The packages are being removed." if self.packages.busy else None,
            )

    def _ask(self) -> None:
        ready = self.packages.ready
        if ready is not None and not self.packages.busy:
            text = f"Remove {ready.paths[0]}? The preview needs it, and can install it again."
            self.state.host.confirm("Remove packages", text, "Remove", self._remove)

    def _remove(self) -> None:
        self.packages.uninstall()


@contextmanager
def _boxed(name: str = "card") -> Iterator[None]:
    """A filled box around a column."""
    with ui.ZStack(height=0):
        ui.Rectangle(name=name)
        with ui.HStack():
            ui.Spacer(width=2 * style.GAP)
            with ui.VStack(spacing=style.GAP, height=0):
                ui.Spacer(height=style.GAP)
                yield
                ui.Spacer(height=style.GAP)
            ui.Spacer(width=2 * style.GAP)


def _short(path: Path) -> str:
    """The path with ~ for the home folder."""
    home = Path.home()
    return f"~/{path.relative_to(home)}" if path.is_relative_to(home) else str(path)


def _seconds(left: float) -> str:
    return f"{max(1, round(left))} s" if left < 90 else f"{round(left / 60)} min"
