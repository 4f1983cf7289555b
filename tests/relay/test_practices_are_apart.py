"""A practice never sees another's: asked at each address, and by the tables themselves."""
import re

import pytest

from permanence.journal.exchange import Asked
from permanence.journal.messages import Offered, Reads, Segment
from permanence.journal.peers import Malformed, Peer, Refused
from permanence.lib import suite
from permanence.relay import urls
from tests.relay.authors import Author, batch
from tests.relay.serving import Relay

REPLICA = bytes(16)
SEGMENT = Segment(REPLICA, 1, 9)
BLOB = b"a sealed blob"
HASH = suite.sha256(BLOB)


@pytest.fixture(scope="module")
def full(relay: Relay) -> bytes:
    """A practice with something at each address."""
    practice, peer = relay.member()
    author = Author(practice)
    peer.push(batch(author, author.write(3), b"keys"))
    peer.put_blob(HASH, BLOB)
    peer.put_segment(SEGMENT, b"a sealed segment")
    peer.put_heads([author.shown()])
    peer.put_seal(REPLICA, b"a seal record")
    peer.put_heads([author.fork(2).shown()])
    assert peer.get_blob(HASH) == BLOB
    assert peer.get_segment(peer.reads(Reads()).segments[0]) == b"a sealed segment"
    assert len(peer.aside()) == 1
    return practice


def test_each_address_shows_the_askers_own_only(relay: Relay, full: bytes) -> None:
    _, other = relay.member()
    assert other.pull(Asked({})).batches == ()
    assert other.pull(Asked({})).held == {}
    assert other.missing_blobs([HASH]) == {HASH}
    with pytest.raises(Refused, match="404"):
        other.get_blob(HASH)
    assert other.heads() == []
    assert other.reads(Reads()) == Offered((), Reads())
    with pytest.raises(Refused, match="404"):
        other.get_segment(SEGMENT)
    assert other.seals() == {}
    assert other.aside() == []
    assert [key for key, _, _ in other.keys()] == [other._secret[32:]]
    assert (other.status().entries, other.status().used_bytes, other.status().until) == (0, 0, 0)
    news = other.news()
    assert next(news) == 0
    other.close()


ADDRESSES = sorted({re.sub(r"^<practice>/", "", str(route.pattern)) for route in urls.urlpatterns if "<practice>" in str(route.pattern)})
OF_NOBODY = "relay_key WHERE key = %s AND kind = %s"  # whose sheet it is: asked by who has the paper alone, of their own key alone


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_key_of_another_practice_is_heard_at_any_address(relay: Relay, full: bytes, address: str) -> None:
    _, other = relay.member()
    thief = relay.peer(full, other._secret)
    path = address.replace("<name>", HASH.hex()).replace("<replica>", REPLICA.hex()).replace("<span>", "1-9")
    for method in ("GET", "POST", "PUT"):
        with pytest.raises(Refused) as caught:
            thief.ask(method, path, b"\xa2\x01\x01\x02\x80")
        wanted = [(405, "method"), (400, "format")] if address == "register" else [(403, "key")]
        assert (caught.value.status, caught.value.code) in wanted


def test_the_same_blob_in_two_practices_is_two_files(relay: Relay, full: bytes) -> None:
    practice, other = relay.member()
    other.put_blob(HASH, BLOB)
    files = {path.relative_to(relay.folder / "blobs").parts[0] for path in (relay.folder / "blobs").rglob(HASH.hex())}
    assert {full.hex(), practice.hex()} <= files


def test_a_blob_that_was_swapped_on_the_disk_is_named(relay: Relay) -> None:
    """300 of 300."""
    practice, peer = relay.member()
    named = 0
    for i in range(300):
        data = b"blob %d" % i
        hash = suite.sha256(data)
        peer.put_blob(hash, data)
        next((relay.folder / "blobs" / practice.hex()).rglob(hash.hex())).write_bytes(b"swapped")
        with pytest.raises(Malformed, match="another blob"):
            peer.get_blob(hash)
        named += 1
    assert named == 300
    with pytest.raises(Refused, match="400 digest"):
        peer.put_blob(suite.sha256(b"another"), b"blob")


def test_segments_never_overlap_and_are_never_replaced(relay: Relay) -> None:
    _, peer = relay.member()
    peer.put_segment(SEGMENT, b"sealed")
    peer.put_segment(SEGMENT, b"sealed")
    for one, data in ((SEGMENT, b"otherwise"), (Segment(REPLICA, 9, 12), b"sealed"), (Segment(REPLICA, 3, 4), b"sealed")):
        with pytest.raises(Refused, match="409 other"):
            peer.put_segment(one, data)
    peer.put_segment(Segment(REPLICA, 10, 12), b"sealed")
    found = peer.reads(Reads())
    assert [(one.first, one.last, one.size) for one in found.segments] == [(1, 9, 6), (10, 12, 6)]
    assert found.theirs.newest == found.segments[1:]


def test_who_asks_gets_what_it_lacks_and_what_tells_another_story(relay: Relay) -> None:
    _, peer = relay.member()
    another = bytes([7]) * 16
    for one in (SEGMENT, Segment(REPLICA, 10, 12), Segment(REPLICA, 13, 40), Segment(another, 1, 2)):
        peer.put_segment(one, b"sealed")
    whole = peer.reads(Reads()).segments
    assert [(one.replica, one.first) for one in whole] == [*((REPLICA, first) for first in (1, 10, 13)), (another, 1)]
    _, middle, last, other = whole
    assert peer.reads(Reads((middle, other))).segments == (last,)
    otherwise = Segment(REPLICA, 10, 12, middle.size, suite.sha256(b"another story"))
    assert peer.reads(Reads((otherwise, other))).segments == (middle, last)
    assert peer.reads(Reads((last, other))).segments == ()


def test_the_last_record_of_each_replica_alone_stays(relay: Relay) -> None:
    practice, peer = relay.member()
    for i in range(12):
        peer.put_seal(REPLICA, b"record %d" % i)
        peer.put_seal(REPLICA, b"record %d" % i)
    peer.put_seal(bytes([1]) * 16, b"another")
    assert peer.seals() == {REPLICA: b"record 11", bytes([1]) * 16: b"another"}
    assert relay.sql("SELECT count(*) FROM relay_seal WHERE practice = %s", practice) == [(2,)]
    peer.put_seal(REPLICA, b"")
    assert peer.seals() == {bytes([1]) * 16: b"another"}


def test_who_has_the_paper_alone_learns_whose_it_is_while_it_is_in_service(relay: Relay) -> None:
    practice, peer = relay.member()
    other, stranger = relay.member()
    sheet = suite.signing_pair()[1]
    line = Peer(f"http://{relay.authority}/", sheet)
    with pytest.raises(Refused, match="403 key"):
        line.practices_of_sheet()
    peer.add_key(sheet[32:], "sheet")
    assert line.practices_of_sheet() == [practice]
    stranger.add_key(sheet[32:], "sheet")  # another practice that knows the key hides nobody
    assert line.practices_of_sheet() == [practice, other]
    peer.remove_key(sheet[32:])
    assert line.practices_of_sheet() == [other]
    for secret in (suite.signing_pair()[1], peer._secret):  # a stranger's, and an office's: no sheet
        with pytest.raises(Refused, match="403 key"):
            Peer(f"http://{relay.authority}/", secret).practices_of_sheet()


# -- the tables


def test_every_table_is_cut_by_practice_and_its_key_begins_with_it(relay: Relay) -> None:
    tables = {name for name, in relay.sql("SELECT relname FROM pg_class WHERE relkind = 'p' AND relname ^@ 'relay'")}
    assert tables == {f"relay_{name}" for name in
                      ("practice", "key", "chain", "entry", "batch", "aside", "blob", "segment", "seal")}  # fmt: skip
    for table in tables:
        (parts,), = relay.sql("SELECT count(*) FROM pg_inherits WHERE inhparent = %s::regclass", table)
        assert parts == 8
        (definition,), = relay.sql("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'p' AND conrelid = %s::regclass",
                                   table)  # fmt: skip
        assert definition.startswith("PRIMARY KEY (practice")
        indexes = relay.sql("SELECT indexdef FROM pg_indexes WHERE tablename = %s", table)
        assert all("(practice" in one or "relay_key_key" in one for one, in indexes)


@pytest.mark.parametrize("sql", [
    "SELECT outer_header FROM relay_entry WHERE practice = %s AND arrival BETWEEN 1 AND 9 ORDER BY arrival",
    "SELECT seq, hash FROM relay_entry WHERE practice = %s AND replica = '\\x00' AND stream = 2 AND seq BETWEEN 1 AND 9",
    "SELECT spans FROM relay_batch WHERE practice = %s AND number > 4 ORDER BY number LIMIT 500",
    "SELECT size FROM relay_chain WHERE practice = %s AND size > 0",
    "UPDATE relay_practice SET arrivals = 1 WHERE practice = %s",
    "SELECT k.kind FROM relay_key k JOIN relay_practice p ON p.practice = k.practice WHERE k.practice = %s AND p.practice = k.practice",
])  # fmt: skip
def test_a_question_looks_into_one_partition_of_a_table(relay: Relay, full: bytes, sql: str) -> None:
    sql = sql.replace("%s", f"'\\x{full.hex()}'::bytea")
    plan = "\n".join(line for line, in relay.sql(f"EXPLAIN {sql}"))
    parts = set(re.findall(r"(?:on|using) relay_([a-z]+)_(\d)", plan))
    assert parts
    assert len(parts) == len({table for table, _ in parts}), plan


def test_every_statement_of_the_relay_names_its_practice() -> None:
    """Each SQL text in its source that touches a practice's table has it as a condition or a value."""
    from pathlib import Path

    source = "\n".join(path.read_text() for path in sorted(Path(urls.__file__).parent.glob("*.py")) if path.name != "models.py")
    source = re.sub(r'"\s*\n\s*f?"', "", source)  # texts that are put together
    found = re.findall(r'f?"((?:SELECT|UPDATE|DELETE|INSERT)[^"]*relay_(?!registration)[^"]*)"', source)
    assert len(found) > 25
    (alone,) = [one for one in found if "practice = %s" not in one and "(practice," not in one]
    assert OF_NOBODY in alone
    assert {str(route.pattern) for route in urls.urlpatterns if "<practice>" not in str(route.pattern)} == {"sheet"}
