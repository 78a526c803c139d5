# SPDX-License-Identifier: Apache-2.0
"""A log of a live run, replayed by a process of its own, is the same trace bit for bit."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import jsonschema
import msgspec
import numpy as np
import pytest
import warp as wp
from causal_contracts.core.issue import ContractError
from causal_contracts.core.model import Bundle, Mode
from causal_contracts.preview.episode import Settings, preview_clones
from causal_contracts.preview.live import run_log
from causal_contracts.preview.live.build import build
from causal_contracts.preview.live.changes import bundle_of, couplings_of
from causal_contracts.preview.live.client import LiveClient
from causal_contracts.preview.live.messages import (
    Loop,
    Native,
    Pattern,
    Press,
    Release,
    Reset,
    Swap,
)
from causal_contracts.preview.live.reading import read
from causal_contracts.preview.live.run_log import read_log, to_json, write_log
from causal_contracts.preview.live.session import Session
from causal_contracts.preview.live.trace import Digest
from causal_contracts.preview.loop import Frame
from live_runs import BUTTON, CONTRACT, DATA, MICROWAVE, running, steps

MAIN = "from causal_contracts.core.cli import main; main()"
PUBLISHED = Path(__file__).parent.parent / "config" / "preview_log.schema.json"


def cli(*arguments):
    return subprocess.run(
        [sys.executable, "-c", MAIN, "preview", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def changed(client, **contract):
    """The running bundle with its one contract changed."""
    bundle = bundle_of(client.rule.couplings)
    one = bundle[CONTRACT]
    effect = replace(one.effect, target=math.radians(60))
    return Swap(couplings=couplings_of(Bundle((replace(one, effect=effect, **contract),))))


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    """A run with everything that can change one: its log and the trace that its worker wrote."""
    folder = tmp_path_factory.mktemp("played")
    client = LiveClient()
    pattern = Pattern(kind="fraction", seconds=3.2)
    running(client, pattern=pattern, loop=True, num_envs=6, trace=str(folder / "live.npz"))
    steps(client, 40)
    client.send(Press(clones=(0, 4)))
    steps(client, 90)
    client.send(changed(client))
    client.send(Press(clones=(1,), joint=BUTTON, value=-0.007, seconds=0.4))
    steps(client, 60)
    client.send(Reset(clones=(4,)))
    client.send(Native(on=True))
    steps(client, 50)
    client.send(Native(on=False))
    client.send(Release(clones=(0,)))
    client.send(msgspec.structs.replace(changed(client, mode=Mode.LEVEL), partly=True))
    steps(client, 200)
    client.send(Loop(on=False))
    client.send(Reset())
    steps(client, 60)
    client.close()
    write_log(client.log(), folder / "run.json")
    return folder


def test_another_process_gives_the_same_trace_bit_for_bit(played):
    done = cli(
        MICROWAVE, "--replay", played / "run.json", "--trace", played / "again.npz", "--json", "-"
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["same"] is True
    live, again = np.load(played / "live.npz"), np.load(played / "again.npz")
    assert live.files == again.files and live["positions"].shape == (500, 6, 2)
    for name in live.files:
        assert live[name].tobytes() == again[name].tobytes(), name
    assert live["fired"].any(axis=0).sum() >= 3 and len(read_log(played / "run.json").changes) == 10


def test_a_log_with_one_change_moved_by_a_step_is_another_trace(played):
    log = read_log(played / "run.json")
    first, *others = log.changes
    moved = msgspec.structs.replace(first, step=first.step + 1)
    write_log(msgspec.structs.replace(log, changes=(moved, *others)), played / "moved.json")
    done = cli(MICROWAVE, "--replay", played / "moved.json")
    assert done.returncode == 1 and "NOT the trace of the log" in done.stdout


@pytest.mark.parametrize("changed", ["joint_pos", "written", "fired", "latched", "active", None])
def test_the_digest_knows_every_array_of_a_step(changed):
    arrays = {
        "joint_pos": np.zeros((2, 3), np.float32),
        "written": wp.zeros((2, 3), dtype=wp.float32, device="cpu"),
        "fired": np.zeros((2, 1), bool),
        "latched": np.zeros((2, 1), bool),
        "active": np.zeros((2, 1), bool),
    }

    def digest():
        made = Digest()
        made.add(Frame(0, 0.0, False, **arrays))
        return made.hexdigest()

    before = digest()
    if changed is not None:
        array = arrays[changed]
        (array.numpy() if changed == "written" else array)[1, 0] = 1
    assert (digest() == before) == (changed is None)


def test_another_asset_is_noted(played):
    log = msgspec.structs.replace(read_log(played / "run.json"), steps=3, digest="", changes=())
    write_log(msgspec.structs.replace(log, asset_sha256="0"), played / "short.json")
    done = cli(MICROWAVE, "--replay", played / "short.json")
    assert "its bytes differ" in done.stdout and "holds no digest" in done.stdout


def test_the_log_alone_is_enough_where_its_asset_lies_beside_it(played, tmp_path):
    log = msgspec.structs.replace(read_log(played / "run.json"), steps=3, digest="", changes=())
    write_log(log, tmp_path / "run.json")
    done = cli("--replay", tmp_path / "run.json")
    assert done.returncode == 2
    assert "'microwave.usda' does not lie beside the log" in done.stderr
    shutil.copy(MICROWAVE, tmp_path)
    done = cli("--replay", tmp_path / "run.json")
    assert done.returncode == 0, done.stderr
    assert "replayed 3 steps" in done.stdout and "bytes differ" not in done.stdout


def test_neither_an_asset_nor_a_log_is_refused():
    done = cli("--native")
    assert done.returncode == 2 and "ASSET: is missing" in done.stderr


def test_the_first_episode_is_that_of_the_headless_preview():
    def built():
        asset = DATA / "stove" / "stove.usda"
        return build(
            asset,
            lambda: read(asset, articulation=None, bundle=None),
            sim="physx",
            num_envs=5,
            dt=1 / 120,
            progress=lambda line: None,
        )

    settings = Settings(num_envs=5, seconds=3.5, seed=3)
    one = built()
    with closing(one.clones):
        headless = preview_clones(
            one.clones, one.reading.articulation, one.reading.bundle, settings=settings
        )
    other = built()
    with closing(other.clones):
        session = Session(
            other.clones,
            other.reading.articulation,
            other.reading.bundle,
            pattern=Pattern(seconds=3.5),
            seed=3,
        )
        frames = [
            frame.joint_pos.copy()
            for frame in session.run(lambda step: step < len(headless.recording.positions))
        ]
        verdicts = session.tally.verdicts(session.fingers.touched, session.step)
    assert np.array_equal(np.array(frames), headless.recording.positions)
    cells = [[str(clone.cell) for clone in row.clones] for row in headless.report.contracts]
    assert [[verdict.cell for verdict in row] for row in verdicts] == cells


def test_a_log_reads_back_and_fits_its_published_schema(played):
    """Renew it: python -m causal_contracts.preview.live.run_log > config/..."""
    log = read_log(played / "run.json")
    assert read_log(to_json(log)) == log
    assert PUBLISHED.read_bytes() == run_log.json_schema()
    validator = jsonschema.Draft202012Validator(json.loads(PUBLISHED.read_text()))
    validator.validate(json.loads((played / "run.json").read_text()))


@pytest.mark.parametrize(
    ("text", "words"), [("{", "is no log"), ('{"asset": 3}', r"\$.asset"), (None, "cannot be read")]
)
def test_a_bad_log_is_refused_with_its_place(tmp_path, text, words):
    path = tmp_path / "log.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(ContractError, match=words):
        read_log(path)


def test_trace_without_replay_is_refused():
    done = cli(MICROWAVE, "--trace", "x.npz")
    assert done.returncode == 2 and "goes with --replay" in done.stderr
