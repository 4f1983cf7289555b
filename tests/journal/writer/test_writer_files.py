"""The two encrypted files: keys, who writes which, one never delaying the other, kill -9, compiled queries."""

import datetime
import os
import random
import subprocess
import sys
import threading
import uuid
from pathlib import Path

import pytest
from django.db import OperationalError, connections
from django.db.models import Count, F
from django.test.utils import CaptureQueriesContext
from sqlcipher3 import dbapi2 as Database

from permanence.journal import writer as w
from permanence.journal.doors import Actor
from permanence.lib import sqlcipher
from permanence.lib.sqlcipher.compiled import Compiled, Many, Param
from tests.journal.writer import tools
from tests.journal.writer.actions import call, register
from tests.journal.writer.room import Item, Line

DR = Actor(None, purpose="set_up")
NOON = datetime.datetime(2026, 3, 1, 12, 30, 15, 123000, tzinfo=datetime.UTC)


def path_of(alias):
    return Path(connections[alias].settings_dict["NAME"])


def test_without_its_key_a_file_is_sealed(live):
    assert Item.objects.count() == 0
    connections["default"].close()
    key = sqlcipher.keys.pop("default")
    with pytest.raises(sqlcipher.Sealed):
        Item.objects.count()
    sqlcipher.keys["default"] = key
    assert Item.objects.count() == 0


def test_sealed_an_action_says_so_and_unsealed_it_works(live):
    key = sqlcipher.keys.pop("default")
    for _ in range(2):
        with pytest.raises(sqlcipher.Sealed):
            register(by=DR, owner="x")
    sqlcipher.keys["default"] = b"w" * 32
    with pytest.raises(w.GroupLost) as lost:
        register(by=DR, owner="x")
    assert isinstance(lost.value.__cause__, sqlcipher.WrongKey)
    sqlcipher.keys["default"] = key
    register(by=DR, owner="x")
    assert Item.objects.count() == 1


def test_a_wrong_key_says_so(live):
    connections["default"].close()
    key, sqlcipher.keys["default"] = sqlcipher.keys["default"], b"w" * 32
    with pytest.raises(sqlcipher.WrongKey):
        Item.objects.count()
    sqlcipher.keys["default"] = b"short"
    with pytest.raises(ValueError, match="32"):
        Item.objects.count()
    sqlcipher.keys["default"] = key


def test_nothing_written_is_legible_on_the_disk(live):
    call(lambda: Item.objects.create(owner="canary-owner", text="canary-text"), by=DR)
    for alias in tools.ALIASES:
        for file in path_of(alias).parent.glob("*.db*"):
            content = file.read_bytes()
            assert b"canary" not in content
            assert b"SQLite format" not in content
            assert b"writerapp" not in content


@pytest.mark.parametrize("alias", tools.ALIASES)
def test_a_connection_keeps_the_promises(live, alias):
    def pragma(name):
        return connections[alias].connection.execute(f"PRAGMA {name}").fetchone()[0]

    def all_of_them():
        connections[alias].ensure_connection()
        return {name: pragma(name) for name in (*promised, "query_only")}
    promised = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "cache_size": -4000, "temp_store": 2,
                "secure_delete": 1, "journal_size_limit": 67108864}
    assert all_of_them() == {**promised, "query_only": 1}
    assert w.current(alias).run_job(all_of_them) == {**promised, "query_only": 0}


def test_each_writer_writes_its_own_file_only(live):
    w.current("access").run_job(lambda: Item.objects.using("access").create(owner="read"))
    for alias, other in (("default", "access"), ("access", "default")):
        with pytest.raises(OperationalError, match="readonly"):
            w.current(alias).run_job(lambda other=other: Item.objects.using(other).create(owner="astray"))
    assert Item.objects.using("access").count() == 1
    assert Item.objects.count() == 0


def test_the_writer_holds_the_lock_from_its_first_read(live):
    def work():
        assert Item.objects.count() == 0
        stranger = Database.connect(path_of("default"), timeout=0, isolation_level=None)
        try:
            stranger.execute(f"PRAGMA key = \"x'{tools.KEY.hex()}'\"")
            with pytest.raises(Database.OperationalError, match="locked"):
                stranger.execute("BEGIN IMMEDIATE")
        finally:
            stranger.close()
    live.run_job(work)


def test_a_slow_practice_transaction_does_not_delay_access_commits(live):
    inside, go = threading.Event(), threading.Event()

    def slow():
        Item.objects.create(owner="slow")
        inside.set()
        assert go.wait(60)
    thread = threading.Thread(target=lambda: call(slow, by=DR))
    thread.start()
    assert inside.wait(60)
    access = w.current("access")
    for i in range(20):  # each is committed while the other transaction is open
        access.run_job(lambda i=i: Item.objects.using("access").create(owner=str(i)), timeout=60)
    assert Item.objects.using("access").count() == 20
    assert Item.objects.count() == 0
    go.set()
    thread.join()
    assert Item.objects.count() == 1


CHILD = """
import itertools, os, sys, threading
import django
django.setup()
from permanence.journal import acts, writer
from permanence.journal.doors import Actor
from tests.journal.writer import tools
from tests.journal.writer.actions import register
from tests.journal.writer.room import Item
acts.flush = tools.flush
by, start = Actor(None, purpose="set_up"), int(sys.argv[1])

def act(k):
    for i in itertools.count():
        name = f"{start}.{k}.{i}"
        register(by=by, owner=name)
        os.write(1, b"default %s\\n" % name.encode())
        writer.current("access").run_job(lambda: Item.objects.using("access").create(owner=name))
        os.write(1, b"access %s\\n" % name.encode())

for k in range(3):
    threading.Thread(target=act, args=(k,)).start()
"""


def test_kill_9_in_a_loop_loses_nothing_acknowledged(live):
    w.shutdown()
    connections.close_all()
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings_writer", "PERMANENCE_KEY": tools.KEY.hex(),
           "PERMANENCE_DEFAULT": str(path_of("default")), "PERMANENCE_ACCESS": str(path_of("access")),
           "PYTHONPATH": os.pathsep.join(sys.path)}
    acknowledged, chance = {"default": set(), "access": set()}, random.Random(8)
    for turn in range(8):
        child = subprocess.Popen([sys.executable, "-c", CHILD, str(turn)], env=env, stdout=subprocess.PIPE)
        said = [child.stdout.readline().decode() for _ in range(chance.randint(1, 60))]
        child.kill()
        said = "".join([*said, child.communicate()[0].decode()]).split("\n")[:-1]
        for line in said:
            alias, name = line.split(" ")
            acknowledged[alias].add(name)
        for alias in tools.ALIASES:
            found = set(Item.objects.using(alias).values_list("owner", flat=True))
            assert acknowledged[alias] <= found
            assert sqlcipher.run(alias, "PRAGMA quick_check").fetchone() == ("ok",)
            connections[alias].close()
    assert len(acknowledged["default"]) > 50
    assert sqlcipher.run("default", "SELECT count(*) FROM writerapp_sealed").fetchone() == (Item.objects.count(),)


# -- queries compiled once


@pytest.fixture
def items(live):
    who = [uuid.uuid4(), uuid.uuid4()]

    def work():
        for i in range(6):
            item = Item.objects.create(owner=f"o{i}", text="100 %" if i == 5 else f"t{i}", at=NOON, day=NOON.date(),
                                       flag=bool(i % 2), who=who[i % 2])
            Line.objects.create(item=item)
    call(work, by=DR)
    return who


def test_a_compiled_query_gives_what_the_orm_gives(items):
    columns = ("pk", "owner", "at", "day", "flag", "who")
    query = Compiled(lambda: Item.objects.filter(who=Param("p")).order_by("-pk").values_list(*columns))
    for who in items:
        assert query.rows(p=who) == list(Item.objects.filter(who=who).order_by("-pk").values_list(*columns))
    assert query.rows(p=uuid.uuid4()) == []
    assert query.one(p=items[0])[1] == "o4"
    assert query.one(p=uuid.uuid4()) is None
    with pytest.raises(KeyError):
        query.rows()


def test_a_compiled_query_takes_collections_instants_days_booleans_and_text(items):
    many = Compiled(lambda: Item.objects.filter(who__in=Many("ids")).order_by("pk").values_list("owner"))
    assert len(many.rows(ids=items)) == 6
    assert len(many.rows(ids={items[0]})) == 3
    assert many.rows(ids=[]) == []
    named = Compiled(lambda: Item.objects.filter(owner__in=Many("names")).values_list("owner"))
    assert {owner for owner, in named.rows(names=["o1", "o3", "é'\""])} == {"o1", "o3"}
    since = Compiled(lambda: Item.objects.filter(at__gte=Param("at"), day__lte=Param("day"), flag=Param("flag"))
                     .values("pk"))
    assert len(since.rows(at=NOON, day=NOON.date(), flag=True)) == 3
    assert since.rows(at=NOON + datetime.timedelta(seconds=1), day=NOON.date(), flag=True) == []
    offset = NOON.astimezone(datetime.timezone(datetime.timedelta(hours=2)))
    assert len(since.rows(at=offset, day=NOON.date(), flag=False)) == 3
    text = Compiled(lambda: Item.objects.filter(text__contains=Param("part")).values_list("owner"))
    assert text.rows(part="0 %") == [("o5",)]
    assert text.rows(part="%") == [("o5",)]
    with pytest.raises(ValueError, match="naive"):
        since.rows(at=NOON.replace(tzinfo=None), day=NOON.date(), flag=True)


def test_a_compiled_query_keeps_joins_annotations_slices_and_fixed_values(items):
    query = Compiled(lambda: Line.objects.filter(item__flag=True, item__owner__gt=Param("after"))
                     .annotate(name=F("item__owner"), at=F("item__at")).order_by("-item__owner")
                     .values_list("name", "at", "item__who")[:2])
    assert query.rows(after="o0") == [("o5", NOON, items[1]), ("o3", NOON, items[1])]
    counted = Compiled(lambda: Item.objects.filter(owner__gte=Param("from")).values("who").annotate(n=Count("pk"))
                       .order_by("n").values_list("who", "n"))
    assert dict(counted.rows(**{"from": "o1"})) == {items[0]: 2, items[1]: 3}
    nothing = Compiled(lambda: Item.objects.none().values_list("pk"))
    assert nothing.rows() == []
    with pytest.raises(TypeError, match="columns"):
        Compiled(lambda: Item.objects.filter(owner=Param("o"))).rows(o="x")


def test_a_compiled_query_makes_dataclasses_and_is_counted(items):
    query = Compiled(lambda: Item.objects.filter(owner=Param("o")).values_list("owner", "who"))
    assert query.into(dict.fromkeys, o="absent") == []
    assert query.into(lambda owner, who: (who, owner), o="o1") == [(items[1], "o1")]
    with CaptureQueriesContext(connections["default"]) as captured:
        query.rows(o="o1")
    assert len(captured) == 1
    assert "o1" not in captured[0]["sql"]


def test_a_compiled_query_is_built_once_whatever_the_threads(items, threads):
    built = []

    def build():
        built.append(1)
        return Item.objects.filter(owner=Param("o")).values_list("owner")
    query = Compiled(build)
    assert threads(lambda i: query.rows(o=f"o{i % 6}"), 8) == [[(f"o{i % 6}",)] for i in range(8)]
    assert built == [1]


def test_raw_errors_are_django_s(live):
    with pytest.raises(OperationalError, match="no such table"):
        sqlcipher.run("default", "SELECT * FROM nowhere")
    with pytest.raises(OperationalError, match="readonly"):
        sqlcipher.run("default", "INSERT INTO writerapp_item (owner, text, flag) VALUES ('x', '', 0)")
    live.run_job(lambda: sqlcipher.run_many(
        "default", "INSERT INTO writerapp_item (owner, text, flag) VALUES (?, '', 0)", [("x",), ("y",)]))
    assert Item.objects.count() == 2
