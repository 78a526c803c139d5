# SPDX-License-Identifier: Apache-2.0
"""Child of the tests in Kit: a scenario and Kit's arguments in, one line `SEEN {json}` out.

Starts the real kernel with the panel's extension in it, and plays the scenario in Kit's own event
loop: ovui stands for omni.ui, tests/kit_exts for the services that are not published.
"""

import json
import shutil
import sys
from pathlib import Path

from kit_author import author
from kit_driver import Kernel
from kit_kernel import ROOT, SERVICES
from kit_lifecycle import kept, lifecycle
from kit_preview import preview
from kit_starts import app, bare, hide, late, packaged


def full(kernel, asset):
    """Every service is there."""
    import kit_around_panel

    for name in [*SERVICES, "omni.kit.undo"]:
        __import__(name)
    seen = {"start": kernel.start_seconds}
    seen["author"] = kernel.play(author, asset)
    seen["lifecycle"] = kernel.play(lifecycle)
    seen["preview"] = kernel.play(preview, asset)
    seen["kept"] = kernel.play(kept)
    for scenario in (kit_around_panel.keys, kit_around_panel.services):
        name = scenario.__name__
        copy = shutil.copy(ROOT / "data/microwave/microwave.usda", f"{name}.usda")
        seen[name] = kernel.play(scenario, str(Path(copy).resolve()))
    return seen


SCENARIOS = {"full": full, "bare": bare, "late": late, "app": app, "packaged": packaged}


def main():
    if sys.argv[1] == "packaged":
        hide("msgspec")
    scenario, asset, *arguments = sys.argv[1:]
    kernel = Kernel(arguments)
    seen = SCENARIOS[scenario](kernel, asset)
    print("\nSEEN", json.dumps(seen), flush=True)
    kernel.app.shutdown()


if __name__ == "__main__":
    main()
