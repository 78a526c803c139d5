# SPDX-License-Identifier: Apache-2.0
"""couplings.json: bytes to Bundle and back, and every malformed input with its address."""

from __future__ import annotations

import io
import json
from pathlib import Path

import jsonschema
import pytest
from causal_contracts.core import ContractError, read_couplings, write_couplings
from causal_contracts.core.couplings_json import encode_couplings
from causal_contracts.core.couplings_schema import encode_schema, json_schema
from causal_contracts.core.model import Bundle, Contract, Foreign, JointThreshold, SetDriveTarget
from hypothesis import given, settings
from hypothesis import strategies as st

ROOT = Path(__file__).resolve().parents[1]
SCHEMA = jsonschema.Draft202012Validator(json_schema())

ISSUE_EXAMPLE = """{"version": 1, "asset": "microwave.usda", "articulation_root": ".",
 "couplings": [{"id": "press_opens_door", "enabled": true,
 "trigger": {"type": "joint_threshold", "joint": "button_slide", "path": "button_slide",
   "op": "<", "threshold": -0.005, "unit": "m"},
 "effect": {"type": "set_drive_target", "joint": "door_hinge", "path": "door_hinge",
   "target": 1.5708, "rest": 0.0, "unit": "rad"},
 "mode": "latching"}]}"""
MINIMAL = {
    "trigger": {"joint": "a", "op": "<", "threshold": 1},
    "effect": {"joint": "b", "target": 2},
    "mode": "level",
}


def coupling(**changes) -> dict:
    """A valid coupling with `part__field` set, or removed where the value is Ellipsis."""
    tree = json.loads(json.dumps(MINIMAL)) | {"id": "press"}
    for name, value in changes.items():
        *path, last = name.split("__")
        node = tree
        for key in path:
            node = node[key]
        if value is ...:
            del node[last]
        else:
            node[last] = value
    return tree


def file_of(*couplings, **top) -> bytes:
    return json.dumps({"couplings": list(couplings), **top}).encode()


def faults(data: bytes) -> list[str]:
    """Addresses of the issues that reading raises; each says what and how to mend it."""
    with pytest.raises(ContractError) as caught:
        read_couplings(data)
    assert all(one.address and one.what and one.fix for one in caught.value.issues)
    return [one.address for one in caught.value.issues]


names = st.text(st.characters(blacklist_categories=["Cs"]), min_size=1, max_size=20)
numbers = st.floats(allow_nan=False, allow_infinity=False)
units = st.sampled_from([None, "rad", "m"])
paths = st.none() | names
trees = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | numbers | names,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=6,
)
foreign = st.builds(
    Foreign,
    names.filter(lambda kind: kind not in ("joint_threshold", "set_drive_target")),
    st.dictionaries(names.filter(lambda key: key != "type"), trees, max_size=3),
)
ops = st.sampled_from(["<", ">"]) | names
modes = st.sampled_from(["latching", "level"]) | names
contracts = st.builds(
    Contract,
    st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,20}", fullmatch=True),
    st.builds(JointThreshold, names, ops, numbers, units, paths) | foreign,
    st.builds(SetDriveTarget, names, numbers, st.none() | numbers, units, paths) | foreign,
    modes,
    st.booleans(),
)
bundles = st.builds(
    Bundle,
    st.lists(contracts, max_size=4, unique_by=lambda one: one.id).map(tuple),
    st.none() | st.text(st.characters(blacklist_categories=["Cs"]), max_size=20),
    st.none() | names,
)


@given(bundles)
@settings(max_examples=120, deadline=None)
def test_what_is_written_is_read_back(bundle):
    data = encode_couplings(bundle)
    assert read_couplings(data) == bundle
    assert encode_couplings(read_couplings(data)) == data
    SCHEMA.validate(json.loads(data))


def test_the_issues_example_is_read_in_full():
    bundle = read_couplings(ISSUE_EXAMPLE.encode())
    press = bundle["press_opens_door"]
    assert (bundle.asset, bundle.articulation_root) == ("microwave.usda", ".")
    assert press.trigger == JointThreshold("button_slide", "<", -0.005, "m", "button_slide")
    assert press.effect == SetDriveTarget("door_hinge", 1.5708, 0.0, "rad", "door_hinge")
    assert (press.mode, press.enabled) == ("latching", True)
    assert json.loads(encode_couplings(bundle)) == json.loads(ISSUE_EXAMPLE)


def test_a_minimal_file_is_valid_and_gets_an_id():
    bundle = read_couplings(file_of(MINIMAL, coupling(id="a_first")))
    assert [one.id for one in bundle.contracts] == ["a_first", "coupling_000"]
    assert bundle["coupling_000"].effect == SetDriveTarget("b", 2.0)


def test_order_of_couplings_and_keys_does_not_reach_the_bytes():
    one, two = coupling(id="one"), coupling(id="two")
    turned = dict(reversed(two.items()))
    first, second = file_of(one, two), file_of(turned, one)
    assert encode_couplings(read_couplings(first)) == encode_couplings(read_couplings(second))


@pytest.mark.parametrize("name", ["trigger", "effect"])
def test_an_unknown_kind_is_kept_to_the_byte(name):
    part = {"type": "contact", "z": [1, {"deep": None}], "big": 12345678901234567890123, "a": 0.1}
    data = encode_couplings(read_couplings(file_of(coupling(**{name: part}))))
    assert json.loads(data)["couplings"][0][name] == part
    assert list(json.loads(data)["couplings"][0][name]) == list(part)
    assert encode_couplings(read_couplings(data)) == data
    SCHEMA.validate(json.loads(data))


def test_an_unknown_op_or_mode_is_kept():
    bundle = read_couplings(file_of(coupling(trigger__op=">=", mode="pulse")))
    assert (bundle["press"].trigger.op, bundle["press"].mode) == (">=", "pulse")
    assert read_couplings(encode_couplings(bundle)) == bundle


@pytest.mark.parametrize(
    ("changes", "address"),
    [
        ({"id": "1st"}, "couplings[0].id"),
        ({"id": "a b"}, "couplings[0].id"),
        ({"id": "line\n"}, "couplings[0].id"),
        ({"id": ""}, "couplings[0].id"),
        ({"id": "x" * 129}, "couplings[0].id"),
        ({"id": 7}, "couplings[0].id"),
        ({"mode": ...}, "couplings[0].mode"),
        ({"mode": None}, "couplings[0].mode"),
        ({"enabled": 1}, "couplings[0].enabled"),
        ({"trigger": ...}, "couplings[0].trigger"),
        ({"trigger": []}, "couplings[0].trigger"),
        ({"trigger__type": 3}, "couplings[0].trigger.type"),
        ({"trigger__joint": ...}, "couplings[0].trigger.joint"),
        ({"trigger__joint": ""}, "couplings[0].trigger.joint"),
        ({"trigger__joint": "\ud800"}, "couplings[0].trigger.joint"),
        ({"trigger__op": None}, "couplings[0].trigger.op"),
        ({"trigger__threshold": True}, "couplings[0].trigger.threshold"),
        ({"trigger__threshold": "1"}, "couplings[0].trigger.threshold"),
        ({"trigger__threshold": "\udfff"}, "couplings[0].trigger.threshold"),
        ({"trigger__threshold": float("nan")}, "couplings[0].trigger.threshold"),
        ({"trigger__threshold": float("inf")}, "couplings[0].trigger.threshold"),
        ({"trigger__unit": "deg"}, "couplings[0].trigger.unit"),
        ({"trigger__path": 0}, "couplings[0].trigger.path"),
        ({"trigger__treshold": 1}, "couplings[0].trigger.treshold"),
        ({"trigger__": 1}, "couplings[0].trigger.''"),
        ({"effect": None}, "couplings[0].effect"),
        ({"effect__target": ...}, "couplings[0].effect.target"),
        ({"effect__target": 10**70}, "couplings[0].effect.target"),
        ({"effect__rest": float("-inf")}, "couplings[0].effect.rest"),
        ({"comment": "x"}, "couplings[0].comment"),
    ],
)
def test_a_malformed_coupling_is_refused_at_its_address(changes, address):
    assert address in faults(file_of(coupling(**changes)))


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (b"", "$: line 1 column 1"),
        (b"[]", "$"),
        (b"null", "$"),
        (b"{}", "couplings"),
        (b'{"couplings": {}}', "couplings"),
        (b'{"couplings": [0]}', "couplings[0]"),
        (b'{"couplings": [] 1}', "$: line 1 column 18"),
        (b'{"couplings": []} x', "$: line 1 column 19"),
        (b"{'couplings': []}", "$: line 1 column 2"),
        (b'{"couplings": [], "couplings": []}', "couplings"),
        (b'{"couplings": [], "version": 2}', "version"),
        (b'{"couplings": [], "version": 0}', "version"),
        (b'{"couplings": [], "version": true}', "version"),
        (b'{"couplings": [], "version": "1"}', "version"),
        (b'{"couplings": [], "": 1}', "''"),
        (b'{"couplings": [], "asset": "\xff"}', "$: byte 28"),
        (b'{"couplings": [], "asset": 1e999}', "asset"),
        (b'{"couplings": [], "asset": "\x00"}', "$: line 1 column 29"),
        (b"[" * 40, "$: character 32"),
        (b'{"a":' * 40, "$: character 160"),
        (b"[" * 200_000, "$: character 32"),
        (b" " * 20_000_000, "$"),
    ],
)
def test_a_malformed_file_is_refused_at_its_address(text, address):
    assert address in faults(text)


def test_all_faults_are_told_at_once():
    data = file_of(
        coupling(id="9", trigger__op=3, effect__target=None, mode=1),
        coupling(),
        coupling(trigger__joint=5),
    )
    assert faults(data) == [
        "couplings[0].id",
        "couplings[0].mode",
        "couplings[0].trigger.op",
        "couplings[0].effect.target",
        "couplings[2].id",
        "couplings[2].trigger.joint",
    ]


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    "data",
    [
        b'{"couplings": [' + b",".join([b"0"] * 500_000) + b"]}",
        b'{"couplings": [' + b",".join([b"NaN"] * 500_000) + b"]}",
        b"{" + b",".join(b'"k%d": 1' % i for i in range(100_000)) + b', "k0": 1}',
        b'{"asset": "' + b"\\n" * 2_000_000 + b'"}',
    ],
    ids=["zeros", "nans", "keys", "escapes"],
)
def test_a_hostile_file_takes_no_minutes_and_tells_a_bearable_number_of_faults(data):
    assert 1 <= len(faults(data)) <= 1001


def test_a_byte_order_mark_is_borne():
    assert read_couplings(b"\xef\xbb\xbf" + file_of(coupling()))["press"].enabled


def test_path_bytes_and_streams_read_alike(tmp_path):
    data = file_of(coupling(trigger__joint="gel\u00e4nder"))
    path = tmp_path / "couplings.json"
    path.write_bytes(data)
    read = read_couplings(data)
    with path.open("rb") as binary, path.open(encoding="utf-8") as text:
        sources = [path, str(path), bytearray(data), memoryview(data), io.BytesIO(data)]
        assert [read_couplings(one) for one in [*sources, binary, text]] == [read] * 7


@pytest.mark.parametrize("name", ["missing.json", ".", "", "nul\0.json", "x" * 300])
def test_a_path_that_cannot_be_read_is_named(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ContractError) as caught:
        read_couplings(name)
    assert caught.value.issues[0].address == (name or "''")


def test_of_an_endless_source_only_so_much_is_read():
    class Endless(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            assert 0 < size <= 2**23
            return b" " * size

    for source in ("/dev/zero", Endless()):
        with pytest.raises(ContractError, match="more than"):
            read_couplings(source)


PRESS = Contract("press", JointThreshold("a", "<", 1.0), SetDriveTarget("b", 2.0))


@pytest.mark.parametrize(
    "contract",
    [
        Contract("press", JointThreshold("a", "<", float("nan")), PRESS.effect),
        Contract("press", PRESS.trigger, SetDriveTarget("b", float("inf"))),
        Contract("press", PRESS.trigger, SetDriveTarget("b", 1.0, rest=float("inf"))),
        Contract("no id", PRESS.trigger, PRESS.effect),
        Contract("press", PRESS.trigger, Foreign("contact", {"at": float("nan")})),
    ],
)
def test_what_json_cannot_keep_is_not_written(tmp_path, contract):
    path = tmp_path / "couplings.json"
    write_couplings(Bundle((PRESS,)), path)
    before = path.read_bytes()
    with pytest.raises(ContractError, match=r"^couplings\[0\]"):
        write_couplings(Bundle((contract,)), path)
    with pytest.raises(ContractError, match=r"couplings\[1\]\.id"):
        write_couplings(Bundle((PRESS, PRESS)), path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("where", ["gone/couplings.json", "file/couplings.json", "folder"])
def test_a_path_that_cannot_be_written_is_named_and_nothing_is_left(tmp_path, where):
    (tmp_path / "file").write_bytes(b"as it was")
    (tmp_path / "folder").mkdir()
    with pytest.raises(ContractError, match="cannot be written"):
        write_couplings(Bundle((PRESS,)), tmp_path / where)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["file", "folder"]
    assert (tmp_path / "file").read_bytes() == b"as it was"


def test_a_crash_while_writing_leaves_the_file_that_was(tmp_path, monkeypatch):
    path = tmp_path / "couplings.json"
    path.write_bytes(b"as it was")

    def crash(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("causal_contracts.core.atomic.os.fsync", crash)
    with pytest.raises(KeyboardInterrupt):
        write_couplings(Bundle((PRESS,)), path)
    assert path.read_bytes() == b"as it was"
    assert list(tmp_path.iterdir()) == [path]


def test_writing_through_a_link_keeps_the_link_and_the_mode(tmp_path):
    real, link = tmp_path / "real.json", tmp_path / "link.json"
    real.write_bytes(b"")
    real.chmod(0o640)
    link.symlink_to(real)
    write_couplings(Bundle((PRESS,)), link)
    assert link.is_symlink()
    assert read_couplings(real) == Bundle((PRESS,))
    assert real.stat().st_mode & 0o777 == 0o640


def test_the_published_schema_is_current():
    assert (ROOT / "config/couplings.schema.json").read_bytes() == encode_schema()


@pytest.mark.parametrize("data", [ISSUE_EXAMPLE.encode(), file_of(MINIMAL), file_of()])
def test_the_schema_takes_valid_files(data):
    SCHEMA.validate(json.loads(data))


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "1st"},
        {"mode": ...},
        {"enabled": 1},
        {"trigger__threshold": "1"},
        {"trigger__threshold": True},
        {"trigger__treshold": 1},
        {"trigger__unit": "deg"},
        {"effect__target": ...},
        {"effect__type": "joint_threshold", "effect__target": 1, "effect": []},
        {"comment": "x"},
    ],
)
def test_the_schema_refuses_what_the_reader_refuses(changes):
    assert faults(file_of(coupling(**changes)))
    assert not SCHEMA.is_valid({"couplings": [coupling(**changes)]})
