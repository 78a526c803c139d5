# SPDX-License-Identifier: Apache-2.0
"""The running judgement equals the one over the whole episode, sample by sample."""

from __future__ import annotations

import gc
import tracemalloc

import numpy as np
import pytest
from causal_contracts.core.articulation import Articulation, Drive, Joint, JointType
from causal_contracts.core.model import Bundle, Contract, JointThreshold, SetDriveTarget
from causal_contracts.preview.causality import judge
from causal_contracts.preview.live.messages import EDITED, Pattern
from causal_contracts.preview.live.outlook import Outlook
from causal_contracts.preview.live.session import Session
from causal_contracts.preview.live.tally import Tally
from causal_contracts.preview.measured import Episode
from first_order_clones import FirstOrderClones

JOINTS = ("a", "b", "c", "d")
DT = 1 / 120
WINDOW, SETTLE = 0.25, 0.1


def contract(name, trigger, effect, *, op="<", threshold=-0.4, target=1.0, rest=0.0):
    return Contract(
        name, JointThreshold(trigger, op, threshold), SetDriveTarget(effect, target, rest)
    )


BUNDLES = {
    "one": Bundle((contract("x", "a", "b"),)),
    "chain": Bundle((contract("x", "a", "b"), contract("y", "b", "c", op=">", threshold=0.3))),
    "rivals": Bundle((contract("x", "a", "b"), contract("y", "c", "b", target=-1.0))),
    "no rest": Bundle((contract("x", "a", "b", rest=None), contract("y", "c", "d", target=-0.5))),
    "target at rest": Bundle((contract("x", "a", "b", target=0.0),)),
    "none": Bundle(()),
}


def motion(seed, *, samples=140, num_envs=9):
    """Smooth random walks of every joint; some clones stand still, one has a NaN."""
    rng = np.random.default_rng(seed)
    steps = rng.normal(0, 0.09, (samples, num_envs, len(JOINTS)))
    steps[:, :2] = 0.0
    positions = np.cumsum(steps, axis=0).astype(np.float32)
    positions[:, 2] -= 1.0  # fires at its first sample
    positions[rng.integers(samples), -1, 0] = np.nan
    return positions


@pytest.mark.parametrize("name", BUNDLES)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_every_moment_is_judged_as_the_episode_up_to_then(name, seed):
    positions = motion(seed)
    rng = np.random.default_rng([seed, 1])
    touched = rng.integers(0, len(positions), positions.shape[1:]).astype(float)
    touched[rng.random(touched.shape) < 0.5] = np.inf
    touched[2] = 0.0
    tally = Tally(JOINTS, positions.shape[1], DT, window=WINDOW, settle=SETTLE)
    tally.rule(BUNDLES[name], touched, 0)
    for count in range(1, len(positions) + 1):
        tally.add(positions[count - 1])
        if count % 7 or count <= round(SETTLE / DT):  # until then a rest is still being measured
            continue
        episode = Episode(positions[:count], JOINTS, DT, SETTLE, touched * DT)
        expected = [
            [(str(o.cell), o.spontaneous, o.latency) for o in judgement.outcomes]
            for judgement in judge(BUNDLES[name], episode, window=WINDOW)
        ]
        found = [
            [(v.cell, v.spontaneous, v.latency) for v in row]
            for row in tally.verdicts(touched, count)
        ]
        assert found == expected, count


def test_trials_of_single_clones_add_up():
    """Three clones, whose trials end after 60, 100 and 140 samples, as three episodes."""
    positions = motion(5, num_envs=3)
    bundle = BUNDLES["one"]
    untouched = np.full((3, len(JOINTS)), np.inf)
    tally = Tally(JOINTS, 3, DT, window=WINDOW, settle=SETTLE)
    tally.rule(bundle, untouched, 0)
    expected = []
    starts = [0, 0, 0]
    for count in range(1, 141):
        tally.add(positions[count - 1])
        for clone, ends in enumerate(((60, 140), (100, 140), (140,))):
            if count in ends:
                mask = np.arange(3) == clone
                tally.finish(mask, untouched, count)
                part = positions[starts[clone] : count, [clone]]
                episode = Episode(part, JOINTS, DT, SETTLE)
                expected.append(str(judge(bundle, episode, window=WINDOW)[0].outcomes[0].cell))
                starts[clone] = count
    overall, _ = tally.rates()
    counted = {cell: expected.count(cell) for cell in overall.cells.__struct_fields__}
    assert {cell: getattr(overall.cells, cell) for cell in counted} == counted


def test_a_change_of_one_contract_leaves_the_counts_of_the_other():
    positions = motion(3, num_envs=6)
    positions[:, 2:] = np.nan_to_num(positions[:, 2:])
    untouched = np.full((6, len(JOINTS)), np.inf)
    tally = Tally(JOINTS, 6, DT, window=WINDOW, settle=SETTLE)
    tally.rule(BUNDLES["chain"], untouched, 0)
    for sample in positions[:100]:
        tally.add(sample)
    before = tally.verdicts(untouched, 100)
    causes = (positions[:100, :, 0] < -0.4).any(axis=0) | (positions[:100, :, 1] > 0.3).any(axis=0)
    assert 0 < causes.sum() < 6
    changed = Bundle((contract("x", "a", "b", threshold=-0.5), BUNDLES["chain"]["y"]))
    tally.rule(changed, untouched, 100)
    after = tally.verdicts(untouched, 100)
    assert after[1] == before[1]
    assert [v.cell == EDITED for v in after[0]] == causes.tolist()


def test_what_is_kept_does_not_grow():
    tally = Tally(JOINTS, 4, DT, window=WINDOW, settle=SETTLE)
    untouched = np.full((4, len(JOINTS)), np.inf)
    tally.rule(BUNDLES["one"], untouched, 0)
    sample = np.zeros((4, 4), dtype=np.float32)
    everything = np.ones(4, dtype=bool)
    for step in range(3000):
        sample[:, 0] = -1.0 if step % 3 else 0.0
        sample[:, 1] = 1.0 if step % 3 == 2 else 0.0
        tally.add(sample)
        if step % 3 == 2:
            tally.finish(everything, untouched, step + 1)
    overall, _ = tally.rates()
    assert overall.cells.late == 4000
    assert len(tally._totals.latencies[0]) <= 4096


def test_a_long_run_keeps_nothing_of_its_steps():
    """Seven episodes after the first three allocate no more than they free."""
    clones = FirstOrderClones(("button", "door"), 16)
    opens = contract("opens", "button", "door", threshold=-0.005)
    joints = tuple(
        Joint(name, name, JointType.REVOLUTE, -0.01, 2.0, 0.0, Drive(0.0, 1, 1, 1))
        for name in clones.joint_names
    )
    facts = Articulation(".", "/Box", joints)
    pattern = Pattern(seconds=3.2)
    session = Session(clones, facts, Bundle((opens,)), pattern=pattern)
    outlook = Outlook(session, (0, 3))
    length = round(3.2 / clones.dt) + 1
    kept = []
    tracemalloc.start()
    try:
        for frame in session.run(lambda step: step < 10 * length):
            outlook.add(frame)
            if frame.index % 20 == 0:
                outlook.metrics()
            if frame.index % length == length - 1:
                gc.collect()
                kept.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    assert session.episode == 9 and outlook.metrics().overall.cells.cause_effect >= 64
    # Latencies are kept, 8 floats an episode: 32 bytes each.
    assert kept[-1] - kept[2] < 7 * 8 * 64 + 8192, kept
