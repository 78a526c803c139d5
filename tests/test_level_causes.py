# SPDX-License-Identifier: Apache-2.0
"""A level contract is judged only where its trigger held through the window, in every form."""

from __future__ import annotations

import numpy as np
import pytest
from causal_contracts.core.model import Mode
from causal_contracts.preview.causality import Cell, judge
from causal_contracts.preview.live.tally import Tally
from causal_contracts.preview.measured import Episode
from rules import bundle

JOINTS = ("button", "lamp")
DT, WINDOW = 0.1, 0.5
SPAN, SAMPLES = 5, 12
"""The window in samples, and those of an episode."""
LEVEL = bundle("held: button > 0.5 => lamp := 1.0 rest 0.0, level")
LATCHING = bundle("kept: button > 0.5 => lamp := 1.0 rest 0.0, latching")
BOTH = bundle(
    "held: button > 0.5 => lamp := 1.0 rest 0.0, level",
    "less: button < -0.5 => lamp := -1.0, level",
)

TRACES = {
    # samples of the button, samples of the lamp, 1 where true; the press begins at sample 2
    "released before the effect could come": ("001100000000", "000000000000", Cell.RELEASED),
    "released before the window is over, effect in time": (
        "001111000000",
        "000011000000",
        Cell.RELEASED,
    ),
    "released at the last sample of the window": ("001111100000", "000000000000", Cell.RELEASED),
    "held through the window and no longer": ("001111110000", "000000000000", Cell.CAUSE_NO_EFFECT),
    "held through the window, effect at its end": (
        "001111110000",
        "000000010000",
        Cell.CAUSE_EFFECT,
    ),
    "held long, effect after the window": ("001111111111", "000000001111", Cell.CAUSE_NO_EFFECT),
    "held long, effect in time": ("001111111111", "000011111111", Cell.CAUSE_EFFECT),
    "pressed again within the window, effect in time": (
        "001101111111",
        "000001111111",
        Cell.RELEASED,
    ),
    "pressed again and held through a window of its own": (
        "001011111111",
        "000000111111",
        Cell.RELEASED,
    ),
    "released after the window, pressed again": ("001111110100", "000110000000", Cell.CAUSE_EFFECT),
    "released with less than the window left": ("000000001100", "000000000000", Cell.LATE),
    "an effect before the cause, then released": (
        "001100000000",
        "010000000000",
        Cell.NO_CAUSE_EFFECT,
    ),
    "never pressed": ("000000000000", "000000000000", Cell.NO_CAUSE_NO_EFFECT),
}


def positions(button: str, lamp: str) -> np.ndarray:
    """Positions of one environment, float32, shape (SAMPLES, 1, 2)."""
    return np.array([[*map(float, button)], [*map(float, lamp)]], np.float32).T[:, None, :].copy()


def judged(contracts, path: np.ndarray) -> list[list[str]]:
    """Cells by contract and environment over the whole episode."""
    found = judge(contracts, Episode(path, JOINTS, DT), window=WINDOW)
    return [[str(outcome.cell) for outcome in one.outcomes] for one in found]


def tallied(contracts, path: np.ndarray) -> list[list[str]]:
    """The same by the live preview's tally, sample by sample."""
    untouched = np.full(path.shape[1:], np.inf)
    tally = Tally(JOINTS, path.shape[1], DT, window=WINDOW, settle=0.0)
    tally.rule(contracts, untouched, 0)
    for sample in path:
        tally.add(sample)
    return [[each.cell for each in row] for row in tally.verdicts(untouched, len(path))]


def counted(contracts, path: np.ndarray, *, by_mask: bool) -> np.ndarray:
    """Counts by contract and cell of the metrics on the device, shape (num_contracts, 8)."""
    torch = pytest.importorskip("torch")
    pytest.importorskip("isaaclab", reason="Isaac Lab is not installed")
    import warp as wp
    from causal_contracts.core.compile import compile_bundle
    from causal_contracts.lab.metrics import ContractMetrics

    rule, num_envs = compile_bundle(contracts, JOINTS), path.shape[1]
    metrics = ContractMetrics(rule, num_envs, "cpu", step_dt=DT, window=WINDOW)
    for step, sample in enumerate(path[:-1]):
        given = wp.array(sample, device="cpu") if by_mask else torch.from_numpy(sample)
        metrics.watch(given, step)
    if by_mask:
        everything = wp.ones(num_envs, dtype=wp.bool, device="cpu")
        metrics.end_episodes_by_mask(wp.array(path[-1], device="cpu"), everything)
    else:
        metrics.end_episodes(torch.from_numpy(path[-1]), torch.arange(num_envs))
    return metrics.counts.numpy()[:, : len(Cell)]


def counts_of(cells: list[list[str]]) -> list[list[int]]:
    return [[row.count(str(cell)) for cell in Cell] for row in cells]


FORMS = {
    "numpy": lambda contracts, path: counts_of(judged(contracts, path)),
    "live": lambda contracts, path: counts_of(tallied(contracts, path)),
    "torch": lambda contracts, path: counted(contracts, path, by_mask=False).tolist(),
    "warp": lambda contracts, path: counted(contracts, path, by_mask=True).tolist(),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", TRACES)
def test_what_a_press_of_a_level_contract_shows(name, form):
    button, lamp, cell = TRACES[name]
    assert FORMS[form](LEVEL, positions(button, lamp)) == counts_of([[cell]])


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", TRACES)
def test_a_latching_contract_owes_its_effect_however_short_the_press(name, form):
    button, lamp, cell = TRACES[name]
    if cell is Cell.RELEASED:
        in_time = "1" in lamp[2 : 2 + SPAN + 1]
        cell = Cell.CAUSE_EFFECT if in_time else Cell.CAUSE_NO_EFFECT
    assert FORMS[form](LATCHING, positions(button, lamp)) == counts_of([[cell]])


def by_hand(path: np.ndarray, sign: float) -> str:
    """One environment by the words of the definition, in plain loops; `path` (samples, 2)."""
    fires = [sign * button > np.float32(0.5) for button, _ in path]
    there = [sign * lamp >= np.float32(0.95) for _, lamp in path]
    others = [-sign * button > np.float32(0.5) for button, _ in path]
    began = fires.index(True) if True in fires else None
    came = there.index(True) if True in there else None
    other = others.index(True) if True in others else len(path)
    if came is not None and (began is None or came < began):
        return "confounded" if other <= came else "no_cause_effect"
    if began is None:
        return "confounded" if other < len(path) else "no_cause_no_effect"
    if began + SPAN >= len(path):
        return "late"
    if not all(fires[began : began + SPAN + 1]):
        return "released"
    after = there[began : began + SPAN + 1]
    if other <= (began + after.index(True) if True in after else began + SPAN):
        return "confounded"
    return "cause_effect" if True in after else "cause_no_effect"


@pytest.mark.parametrize("form", FORMS)
def test_every_form_counts_random_episodes_as_the_definition_says(form):
    rng = np.random.default_rng(11)
    num_envs, samples = 600, 20
    # Long stretches and short ones, so that presses are held and let go.
    stays = rng.random((samples, num_envs, 2)) < rng.choice([0.6, 0.97], size=(1, num_envs, 1))
    path = rng.choice([-1.0, 0.0, 0.0, 0.0, 1.0], size=(samples, num_envs, 2))
    path[0] = 0.0
    for sample in range(1, samples):
        path[sample] = np.where(stays[sample], path[sample - 1], path[sample])
    path = path.astype(np.float32)
    expected = [[by_hand(path[:, env], sign) for env in range(num_envs)] for sign in (1.0, -1.0)]
    assert {cell for row in expected for cell in row} == {*map(str, Cell)} - {"nan"}
    assert FORMS[form](BOTH, path) == counts_of(expected)
    if form in ("numpy", "live"):
        assert {"numpy": judged, "live": tallied}[form](BOTH, path) == expected


def test_the_two_bundles_differ_in_their_mode_alone():
    (level,), (latching,) = LEVEL.contracts, LATCHING.contracts
    assert (level.mode, latching.mode) == (Mode.LEVEL, Mode.LATCHING)
    assert (level.trigger, level.effect) == (latching.trigger, latching.effect)
