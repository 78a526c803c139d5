# SPDX-License-Identifier: Apache-2.0
"""Child of test_kit_kernel: Kit's arguments in, one line `SEEN {json}` out.

Starts the real kernel, notes what is enabled and loaded, disables and enables every reloadable
extension twice, and notes it again after each step.
"""

import json
import sys
from pathlib import Path

EXTS = Path(__file__).resolve().parents[1] / "exts"

# The kernel alone shall make our packages importable, not an editable install of them.
sys.path[:] = [entry for entry in sys.path if not Path(entry).is_relative_to(EXTS)]

from omni.kit_app import KitApp  # noqa: E402

RELOADABLE = ["causal_contracts.lab", "causal_contracts.preview", "causal_contracts.core"]
HEAVY = ["isaaclab", "matplotlib", "newton", "ovphysx", "torch", "warp"]


def enabled(app: KitApp) -> list[str]:
    """Names of our enabled extensions."""
    extensions = app.extension_manager.get_extensions()
    names = [extension["name"] for extension in extensions if extension["enabled"]]
    return sorted(name for name in names if name.startswith("causal_contracts."))


def loaded() -> list[str]:
    """Our packages that have a module in this process."""
    ours = [name for name in sys.modules if name.startswith("causal_contracts.")]
    return sorted({".".join(name.split(".")[:2]) for name in ours})


def cycles(app: KitApp) -> list[list[list[str]]]:
    """What is enabled and loaded after each extension was disabled, and after all came back."""
    seen = []
    for name in RELOADABLE * 2:
        for changed, on in ((name, False), (RELOADABLE[0], True)):
            app.extension_manager.set_extension_enabled_immediate(changed, on)
            app.update()
            seen.append([enabled(app), loaded()])
    return seen


def main() -> None:
    app = KitApp()
    app.startup(sys.argv[1:])
    app.update()
    from causal_contracts.schema import is_active, registration_note

    seen = {
        "enabled": enabled(app),
        "heavy": [name for name in HEAVY if name in sys.modules],
        "folders": {name: list(sys.modules[name].__path__) for name in enabled(app)},
        "schema": [is_active(), registration_note()],
        "cycles": cycles(app),
    }
    print("SEEN", json.dumps(seen), flush=True)
    app.shutdown()


if __name__ == "__main__":
    main()
