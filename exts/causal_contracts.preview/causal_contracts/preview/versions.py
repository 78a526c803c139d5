# SPDX-License-Identifier: Apache-2.0
"""The installed packages to the versions on which a result may depend."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, version

PACKAGES = ("causal-contracts", "warp-lang", "ovphysx", "isaaclab")


def package_versions(packages: Iterable[str] = PACKAGES) -> Iterator[tuple[str, str]]:
    """Python and the packages that a result may depend on, those that are installed."""
    yield "python", platform.python_version()
    for package in packages:
        try:
            yield package, version(package)
        except PackageNotFoundError:
            continue
