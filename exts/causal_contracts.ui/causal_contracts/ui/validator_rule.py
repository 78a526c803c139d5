# SPDX-License-Identifier: Apache-2.0
"""The checker as a rule of NVIDIA's asset validator: its module in, a rule class out.

The package `omniverse-asset-validator` and Kit's extension `omni.asset_validator.core` offer the
same names, so that the rule gets the module that the caller found.
"""

# pyright: reportGeneralTypeIssues=false
# The base class comes from a module that is known at run time alone.

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from causal_contracts.core.issue import ContractError, Issue, Severity
from causal_contracts.core.usd_articulation import CONTRACT_API
from causal_contracts.core.usd_check import check_asset
from causal_contracts.core.usd_contract import PREFIX
from causal_contracts.core.usd_joint import applied_schemas
from pxr import Sdf, Usd

from .signals import Closing, Subscription
from .state.editor_state import EditorState
from .state.fixes import Fix
from .studio_host import StudioHost
from .studio_settings import Settings

CATEGORY = "Causal Contracts"
_ADDRESS = re.compile(r"^(?:\{[^}]*\} )?(/[^\s{]*)")


def make_rule(validator: Any) -> type:
    """A rule class that derives from the validator's own base."""

    class CausalContractsChecker(validator.BaseRuleChecker):
        """Causal contracts name joints that exist and can act: what would keep one from acting.

        Every finding of `causal-contracts check`, unselected variants included. Fixes are those
        of the panel, where one is safe.
        """

        def CheckStage(self, usdStage: Usd.Stage) -> None:  # noqa: N802, N803 - the base's names
            """Check the whole stage."""
            if not _has_contracts(usdStage):
                return
            try:
                issues = check_asset(usdStage)
            except ContractError as fault:
                issues = list(fault.issues)
            with _Editor(usdStage) as editor:
                for issue in issues:
                    self._tell(usdStage, issue, editor.fixes(issue))

        def _tell(self, stage: Usd.Stage, issue: Issue, fixes: list[Fix]) -> None:
            at, text = place(stage, issue.address), str(issue)
            if issue.severity is Severity.INFO:
                self._AddInfo(text, at=at)
                return
            suggestions = [
                validator.Suggestion(_fixing(issue, fix.label), f"{fix.label}: {fix.says}")
                for fix in fixes
            ]
            failed = issue.severity is Severity.ERROR
            add = self._AddFailedCheck if failed else self._AddWarning
            add(text, at=at, suggestions=suggestions or None)

    return CausalContractsChecker


def place(stage: Usd.Stage, address: str) -> Any:
    """The property or prim of an address; the stage where it names none."""
    found = _ADDRESS.match(address)
    path = found[1].rstrip(":") if found else ""
    if Sdf.Path.IsValidPathString(path):
        thing = stage.GetObjectAtPath(path)
        if thing:
            return thing
        prim = stage.GetPrimAtPath(Sdf.Path(path).GetPrimPath())
        if prim:
            return prim
    return stage


def _fixing(issue: Issue, label: str) -> Callable[..., None]:
    def fix(stage: Usd.Stage, _at: object) -> None:
        """Raises `RuntimeError` where the fix is refused, which the validator reports."""
        with _Editor(stage) as editor:
            why = editor.apply(issue, label)
        if why is not None:
            raise RuntimeError(why)

    return fix


class _Editor:
    """The panel's own fixes for a stage, without a panel."""

    def __init__(self, stage: Usd.Stage) -> None:
        self._host = StudioHost(settings=Settings(Path("/no settings are kept here")))
        self._host.open(stage)
        self._state = EditorState(self._host)
        self._roots: dict[Issue, str] = {}
        for entry in self._state.survey.entries:
            self._state.pick(entry.path)
            self._state.check()
            self._roots |= dict.fromkeys(self._state.issues, entry.path)

    def __enter__(self) -> _Editor:
        return self

    def __exit__(self, *_: object) -> None:
        self._state.destroy()
        self._host.close()

    def fixes(self, issue: Issue) -> list[Fix]:
        """The fixes of a finding; none for one in a variant that is not selected."""
        if issue not in self._roots or issue.address.startswith("{"):
            return []
        self._state.pick(self._roots[issue])
        return self._state.fixes(issue)

    def apply(self, issue: Issue, label: str) -> str | None:
        """Mend it; says why not."""
        fix = next((one for one in self.fixes(issue) if one.label == label), None)
        return fix.apply() if fix is not None else "The finding is gone, or has no such fix."


def _has_contracts(stage: Usd.Stage) -> bool:
    """Whether any prim has a property or an applied schema of ours; most stages have none."""
    shown = Usd.TraverseInstanceProxies(Usd.PrimAllPrimsPredicate)
    return any(
        prim.GetAuthoredPropertiesInNamespace(PREFIX)
        or any(name.startswith(CONTRACT_API) for name in applied_schemas(prim))
        for prim in Usd.PrimRange(stage.GetPseudoRoot(), shown)
    )


def register(validator: Any) -> Subscription:
    """Register the rule with the validator until the subscription is closed."""
    rule = make_rule(validator)
    validator.register_rule(CATEGORY)(rule)
    return Closing(lambda: validator.unregister_rule(rule))
