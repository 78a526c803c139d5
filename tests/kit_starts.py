# SPDX-License-Identifier: Apache-2.0
"""The kernel to how the panel starts: without services, late, from an app file, from an archive."""

import sys
from pathlib import Path

from kit_kernel import SERVICES
from kit_panel import MENU, UI, parts, screenshot
from kit_remains import objects


def bare(kernel, asset):
    """No service is there but omni.ui; then an extension leaks on purpose."""

    async def look(kernel):
        kernel.switch(UI, True)
        await kernel.frames()
        at_start = kernel.window() is not None and kernel.window().visible
        await kernel.click("add")
        refused = kernel.text("refused")
        actions = sorted({one for one in dir(parts()) if not one.startswith("__")})
        screenshot("bare.png")
        kernel.switch(UI, False)
        await kernel.frames()
        return {"open": at_start, "refused": refused, "parts": actions, "left": objects()}

    seen = kernel.play(look)
    kernel.switch("tests.leaks", True)
    kernel.switch("tests.leaks", False)
    return seen


def late(kernel, asset):
    """USD has listed its schemas before the extension is enabled."""

    async def look(kernel):
        from omni.kit import notification_manager
        from omni.kit.menu.utils import click

        sys.modules["omni.usd"].get_context().open_stage(asset)
        kernel.switch(UI, True)
        click(MENU)
        await kernel.frames()
        said, shot = kernel.text("notice"), screenshot("late.png")
        rows = [row.sentence for row in parts().state.rows()]
        await kernel.click("notice ok")
        away = kernel.text("notice")
        click(MENU)
        click(MENU)
        await kernel.frames()
        notified = [*notification_manager.posted]
        kernel.switch(UI, False)
        return {"said": said, "rows": rows, "away": away, "notified": notified, "shot": shot}

    import kit_around_panel

    for name in [*SERVICES, "omni.kit.undo"]:
        __import__(name)
    seen = kernel.play(look)
    sys.modules["omni.usd"].get_context().close_stage()
    return {**seen, "failing": kernel.play(kit_around_panel.failing)}


def app(kernel, _asset):
    """An app file was started: what it enabled, and where ours came from."""
    import omni.ui as ui

    kernel.app.update()
    extensions = [one for one in kernel.manager.get_extensions() if one["enabled"]]
    ours = [one for one in extensions if one["name"].startswith("causal_contracts.")]
    panel = ui.Workspace.get_window("Causal Contracts")
    return {
        "enabled": sorted(one["name"] for one in extensions),
        "folders": {one["name"]: one["path"] for one in ours},
        "visible": isinstance(panel, ui.Window) and panel.visible,
    }


def packaged(kernel, couplings):
    """The unpacked archive is all there is: ours, and msgspec, come from it, again and again."""

    def read():
        from causal_contracts.core import couplings_json

        bundle = couplings_json.read_couplings(Path(couplings))
        files = [sys.modules[one].__file__ for one in ("msgspec._core", couplings_json.__name__)]
        return [one.id for one in bundle.contracts], files

    first = read()
    kernel.switch("causal_contracts.core", False)
    gone = [one for one in sys.modules if one.startswith(("msgspec", "causal_contracts.core"))]
    kernel.switch(UI, True)
    return {**app(kernel, couplings), "first": first, "gone": gone, "again": read()}


def hide(*packages):
    """Let nothing but Kit's own importer, which comes before, find these packages."""

    class Hidden:
        @staticmethod
        def find_spec(name, path=None, target=None):
            if name.partition(".")[0] in packages:
                raise ModuleNotFoundError(f"No module named {name!r}", name=name)

    def offline(event, arguments):
        assert event != "socket.connect" or isinstance(arguments[1], str), "there is no network"

    sys.meta_path.insert(0, Hidden)
    sys.addaudithook(offline)
