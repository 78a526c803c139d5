# SPDX-License-Identifier: Apache-2.0
"""Settings of Studio: one JSON file below the user's configuration folder."""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path
from typing import Any

from causal_contracts.core.atomic import write_atomically
from causal_contracts.core.issue import ContractError

_log = logging.getLogger(__name__)


def settings_path() -> Path:
    """Where Studio keeps its settings, as the XDG base directories say."""
    base = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(base) / "causal_contracts" / "studio.json"


class Settings:
    """A dict that outlives the program. A file that cannot be read or written costs no more."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or settings_path()
        self._values = self._read()

    def get(self, key: str, default: Any) -> Any:
        """The kept value, or `default` where there is none of its kind."""
        value = self._values.get(key, default)
        return value if default is None or isinstance(value, type(default)) else default

    def set(self, key: str, value: Any) -> None:
        """Keep `value`, now and in the file."""
        if key in self._values and self._values[key] == value:
            return
        self._values[key] = value
        data = json.dumps(self._values, indent=2, sort_keys=True) + "\n"
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(self.path, data.encode())
        except (OSError, ContractError) as fault:
            _log.warning("settings are not kept: %s", fault)

    def _read(self) -> dict[str, Any]:
        try:
            values = json.loads(self.path.read_bytes())
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as fault:
            _log.warning("%s cannot be read, defaults are used: %s", self.path, fault)
            return {}
        return values if isinstance(values, dict) else {}
