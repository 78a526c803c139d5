# SPDX-License-Identifier: Apache-2.0
"""The checker as a rule of the real asset validator: findings, places, fixes."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from broken_assets import BROKEN, healthy_box, put
from causal_contracts.core.usd_check import check_asset
from causal_contracts.ui.validator_rule import CATEGORY, make_rule, place, register
from pxr import Usd

logging.disable(logging.INFO)  # the validator tells each of its plugins
validator = pytest.importorskip(
    "omni.asset_validator", reason="omniverse-asset-validator is not installed (extra test)"
)
logging.disable(logging.NOTSET)

DATA = Path(__file__).resolve().parents[1] / "data"
SEVERITIES = {"error": "FAILURE", "warning": "WARNING", "info": "INFO"}


def validated(stage):
    """What the validator says with our rule alone."""
    engine = validator.ValidationEngine(init_rules=False)
    engine.enable_rule(make_rule(validator))
    return [*engine.validate(stage).issues()]


@pytest.mark.parametrize("name", ["microwave", "car", "stove", "coffee_maker"])
def test_a_sample_says_what_the_checker_says(name):
    stage = Usd.Stage.Open(str(DATA / name / f"{name}.usda"))
    assert [one.message for one in validated(stage)] == [str(one) for one in check_asset(stage)]


def test_a_stage_without_contracts_is_left_alone():
    stage = Usd.Stage.CreateInMemory()
    stage.DefinePrim("/World", "Xform")
    assert validated(stage) == []


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken.name)
def test_each_way_to_break_a_box_is_reported_with_its_severity(broken, tmp_path):
    stage = healthy_box(tmp_path / "box.usda")
    broken.damage(stage)
    said = {one.message: one for one in validated(stage)}
    expected = [one for one in check_asset(stage) if broken.says in str(one)]
    assert expected
    for issue in expected:
        assert said[str(issue)].severity.name == SEVERITIES[issue.severity]


def test_a_finding_stands_at_the_prim_or_property_that_it_is_about(tmp_path):
    stage = healthy_box(tmp_path / "box.usda")
    full = "/Box.causalContract:press:triggerJoint"
    assert str(place(stage, full).GetPath()) == full
    assert str(place(stage, "/Box: press.effect.target").GetPath()) == "/Box"
    assert str(place(stage, "{look=red} /Box: press.effect.target").GetPath()) == "/Box"
    assert str(place(stage, "/Box{look=red}").GetPath()) == "/Box"
    assert str(place(stage, "/Box.causalContract:gone:mode").GetPath()) == "/Box"
    assert place(stage, "box.usda") == stage


def fixed(stage, issue):
    """The status of the validator's own fixer."""
    return validator.IssueFixer(stage).apply(issue)


def test_the_validators_fixer_clamps_a_threshold_as_the_panel_does(tmp_path):
    stage = healthy_box(tmp_path / "box.usda")
    put(stage, "/Box.causalContract:press:triggerThreshold", -0.5)
    (issue,) = [one for one in validated(stage) if "outside the limits" in one.message]
    assert issue.suggestions and issue.severity.name == "WARNING"
    assert fixed(stage, issue).status.name == "SUCCESS"
    # the button slides from -10 mm to 0; a twentieth of that inside the limits is -9.5 mm
    threshold = stage.GetAttributeAtPath("/Box.causalContract:press:triggerThreshold").Get()
    assert threshold == pytest.approx(-0.0095)
    assert [one for one in validated(stage) if "outside the limits" in one.message] == []


def test_a_fix_of_what_is_mended_already_fails_with_its_reason(tmp_path):
    stage = healthy_box(tmp_path / "box.usda")
    put(stage, "/Box.causalContract:press:triggerThreshold", -0.5)
    (issue,) = [one for one in validated(stage) if "outside the limits" in one.message]
    put(stage, "/Box.causalContract:press:triggerThreshold", -0.005)
    result = fixed(stage, issue)
    assert result.status.name == "FAILURE" and "gone" in str(result.exception)


def test_the_rule_is_there_until_it_is_closed():
    registry = validator.get_category_rules_registry()
    held = register(validator)
    names = [rule.__name__ for rule in registry.get_rules(CATEGORY)]
    held.close()
    held.close()
    assert names == ["CausalContractsChecker"]
    assert registry.find_rule("CausalContractsChecker") is None
