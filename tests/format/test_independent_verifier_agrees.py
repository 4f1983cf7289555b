"""The verifier that imports nothing of ours, and our own code, say the same of sound and of broken bundles."""

import ast
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import cbor2
import pytest

from permanence.journal import bundle, wire
from permanence.lib import suite
from tests.format.entries import PRACTICE, Replica, inner, three
from tests.format.test_suite_1 import TOOLS, tool

verifier = tool("verify_entry")


def with_second(replica: Replica, entry: wire.Sealed) -> bundle.Bundle:
    entries = [replica.entries[0], entry, replica.entries[2]]
    return replica.bundle(chains={(replica.id, 2): entries})


def mutations() -> Iterator[tuple[str, Callable[[Replica], bundle.Bundle]]]:
    """(expected end of the finding, how to break)."""
    yield "signature", lambda r: with_second(r, replace(r.entries[1], signature=bytes(64)))
    yield "signature", lambda r: with_second(r, replace(r.entries[1], signature=r.entries[0].signature))
    yield "place", lambda r: with_second(r, r.entries[2])
    yield "place", lambda r: r.bundle(chains={(r.id, 2): [r.entries[0], r.entries[2]]})
    yield "place", lambda r: r.bundle(chains={(r.id, 3): r.entries}, heads=[])
    yield "place", lambda r: r.bundle(chains={(bytes(16), 2): r.entries}, heads=[])
    yield "place", lambda r: r.bundle(practice=bytes(16))
    yield "replica key", lambda r: r.bundle(chains={(r.id, 2): r.entries[1:]})
    yield "replica key", lambda r: with_second(r, r.resign(r.entries[1], verify_key=r.pair[0]))
    yield "inner content", lambda r: with_second(r, replace(r.entries[1], inner=r.entries[0].inner))
    yield "body content", lambda r: with_second(r, replace(r.entries[1], body=r.entries[0].body))
    yield "body content", lambda r: with_second(r, r.resign(r.entries[1], length=144))
    yield "format", lambda r: with_second(r, r.sign(cbor2.dumps(
        cbor2.loads(r.entries[1].outer) | {1: 2}, canonical=True), r.entries[1]))
    yield "format", lambda r: with_second(r, r.sign(cbor2.dumps(
        cbor2.loads(r.entries[1].outer) | {13: 2}, canonical=True), r.entries[1]))
    yield "format", lambda r: with_second(r, r.sign(r.entries[1].outer + b"\0", r.entries[1]))
    yield "truncated", lambda r: r.bundle(chains={(r.id, 2): r.entries[:2]})
    yield "truncated", lambda r: r.bundle(heads=[replace(r.head(), stream=1)])
    yield "head signature", lambda r: r.bundle(heads=[replace(r.head(), wall_ms=1)])
    yield "head signature", lambda r: r.bundle(heads=[r.head(signing=suite.signing_pair()[1])])
    yield "head signature", lambda r: r.bundle(heads=[r.head(practice=bytes(16))])
    yield "head root", lambda r: r.bundle(heads=[r.head(root=bytes(32))])
    yield "head root", lambda r: r.bundle(heads=[r.head(2, size=3)])
    yield "commitment", lambda r: r.bundle(keys=r.bundle().keys | {bytes(32): suite.new_key()})
    yield "inner content", lambda r: r.bundle(keys={})
    yield "inner content", lambda r: r.bundle(metadata=[suite.commitment(r.key)])
    yield "inner content", lambda r: written(r, usig=wire.Touch(b"", b"", b"", b"", bytes(32)))
    yield "body content", lambda r: written(r, body_key=suite.commitment(r.metadata))
    yield "inner content", lambda r: hostile_inner(r, {15: {"a": [b"\2" * 32, b"\1" * 32]}})
    yield "inner content", lambda r: hostile_inner(r, {14: [bytes(16), 2, 1]})
    yield "inner content", lambda r: hostile_inner(r, {5: 1.5})
    yield "inner content", lambda r: hostile_inner(r, {19: ""})
    yield "inner content", lambda r: hostile_inner(r, {8: b"short"})
    yield "inner content", lambda r: hostile_inner(r, {41: 2**70})


def written(replica: Replica, **changed: Any) -> bundle.Bundle:
    replica.append(**changed)
    return replica.bundle()


def hostile_inner(replica: Replica, change: dict[int, Any]) -> bundle.Bundle:
    """An entry whose author signed and sealed nonsense."""
    values = cbor2.loads(inner(body_key=suite.commitment(replica.key)).encode()) | change
    body, _ = wire.seal_body({"name": "x"}, replica.key, PRACTICE)
    sealed = suite.seal(suite.pad(cbor2.dumps(values, canonical=True)), replica.metadata, practice=PRACTICE, part="inner")
    replica.entries.append(wire.write(
        practice=PRACTICE, replica=replica.id, stream=2, seq=4, previous=replica.entries[-1].hash, inner=sealed, body=body,
        epoch=1, signing_key=replica.pair[1]))
    return replica.bundle()


def theirs(made: bundle.Bundle) -> list[str]:
    return list(verifier.findings(verifier.decode(made.encode(), "not a bundle")))


def test_both_accept_a_sound_bundle_pruned_or_without_keys() -> None:
    replica = three()
    replica.append(usig=None, purpose="import", more={77: "newer"})
    pruned = [replica.entries[0], replace(replica.entries[1], body=None), *replica.entries[2:]]
    for made in (replica.bundle(), replica.bundle(keys={}, metadata=[]), replica.bundle(heads=[replica.head(2)]),
                 replica.bundle(chains={(replica.id, 2): pruned})):
        assert bundle.Bundle.decode(made.encode()) == made
        assert made.findings() == theirs(made) == []


@pytest.mark.parametrize(("reason", "broken"), list(mutations()))
def test_both_give_the_same_findings(reason: str, broken: Callable[[Replica], bundle.Bundle]) -> None:
    made = broken(three())
    ours = made.findings()
    assert ours == theirs(made)
    assert any(line.endswith(reason) for line in ours)


def test_both_agree_on_any_changed_byte() -> None:
    replica, drawn = three(), random.Random(20)
    for _ in range(400):
        number, part = drawn.randrange(3), drawn.choice(("outer", "signature", "inner", "body"))
        data = bytearray(getattr(replica.entries[number], part))
        data[drawn.randrange(len(data))] ^= 1 << drawn.randrange(8)
        entries = list(replica.entries)
        entries[number] = replace(entries[number], **{part: bytes(data)})
        if part == "outer" and drawn.random() < 0.5:
            entries[number] = replica.sign(bytes(data), entries[number])
        made = replica.bundle(chains={(replica.id, 2): entries})
        assert made.findings() == theirs(made) != []


def test_the_tool_says_it_in_one_line_and_in_its_exit_code(tmp_path: Path) -> None:
    replica = three()
    cases = [(replica.bundle().encode(), 0, "sound: 3 entries in 1 chains, 1 heads"),
             (with_second(replica, replica.entries[2]).encode(), 1, f"{replica.id.hex()[:8]}/2 entry 2: place"),
             (b"\x01\x02", 2, ""), (b"\xa0", 2, "")]
    for data, code, line in cases:
        path = tmp_path / "bundle.cbor"
        path.write_bytes(data)
        done = subprocess.run([sys.executable, "-I", str(TOOLS / "verify_entry.py"), str(path)], capture_output=True,
                              text=True, check=False)
        assert (done.returncode, done.stdout.strip()) == (code, line)


def test_the_verifier_imports_nothing_of_ours() -> None:
    tree = ast.parse((TOOLS / "verify_entry.py").read_text(encoding="utf-8"))
    names = {alias.name.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {(node.module or "").split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert names - set(sys.stdlib_module_names) == {"cbor2", "nacl"}


@pytest.mark.parametrize("data", [b"", b"\xa0", b"\x80", b"\xa1\x01\x02", b"\xa2\x01\x01\x02\x40"])
def test_what_is_no_bundle_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"bundle|CBOR"):
        bundle.Bundle.decode(data)
