# SPDX-License-Identifier: Apache-2.0
"""Contracts between joints: read, check, compile and run them. Names load what they need."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

_HOME = {
    "Articulation": "articulation",
    "Bundle": "model",
    "CompiledCouplings": "ir",
    "Contract": "model",
    "ContractError": "issue",
    "CouplingTerm": "term",
    "Foreign": "model",
    "Issue": "issue",
    "Joint": "articulation",
    "JointThreshold": "model",
    "Mode": "model",
    "Op": "model",
    "SetDriveTarget": "model",
    "Severity": "issue",
    "apply_bundle": "usd_apply",
    "check_asset": "usd_check",
    "check_bundle": "check",
    "compile_bundle": "compile",
    "find_articulations": "usd_articulation",
    "read_bundle": "usd_bundle",
    "read_couplings": "couplings_json",
    "write_couplings": "couplings_json",
}

__all__ = [
    "Articulation",
    "Bundle",
    "CompiledCouplings",
    "Contract",
    "ContractError",
    "CouplingTerm",
    "Foreign",
    "Issue",
    "Joint",
    "JointThreshold",
    "Mode",
    "Op",
    "SetDriveTarget",
    "Severity",
    "apply_bundle",
    "check_asset",
    "check_bundle",
    "compile_bundle",
    "find_articulations",
    "read_bundle",
    "read_couplings",
    "write_couplings",
]

if TYPE_CHECKING:
    from .articulation import Articulation, Joint
    from .check import check_bundle
    from .compile import compile_bundle
    from .couplings_json import read_couplings, write_couplings
    from .ir import CompiledCouplings
    from .issue import ContractError, Issue, Severity
    from .model import Bundle, Contract, Foreign, JointThreshold, Mode, Op, SetDriveTarget
    from .term import CouplingTerm
    from .usd_apply import apply_bundle
    from .usd_articulation import find_articulations
    from .usd_bundle import read_bundle
    from .usd_check import check_asset


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME])
