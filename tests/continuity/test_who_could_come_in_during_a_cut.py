"""Who could come in if the Internet were cut: counted from keys, posts and machines, and verified only by having done it."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from permanence.accounts import actions as accounts
from permanence.accounts import entering, permissions
from permanence.accounts.models import Rehearsal
from permanence.continuity import queries
from permanence.continuity.readiness import Can, Lack, Machine, Member, Post, count, missing, names_written, of_member
from permanence.journal import vault
from permanence.journal.doors import Actor, Reader, Refused
from permanence.lib import clock, suite
from permanence.sync import actions as sync
from tests.cast import reader_for

OFFICE, LAPTOP = Machine(UUID(int=1), "Bureau", True), Machine(UUID(int=2), "Portable")
ME = Member(UUID(int=9), "Dr Claire MOREAU", 1, 0)


def post(*at: Machine, owner: UUID | None = None, pending: bool = False) -> Post:
    return Post(uuid4(), "Accueil", owner, {one.id for one in at}, pending)


@pytest.mark.parametrize(
    ("member", "posts", "can", "lacks", "where"),
    [
        (ME, [post(OFFICE, LAPTOP)], Can.PROBABLY, (Lack.REHEARSAL,), ()),
        (ME, [post(OFFICE), post(LAPTOP)], Can.PROBABLY, (Lack.REHEARSAL,), ()),
        (ME, [post(OFFICE)], Can.PARTLY, (Lack.POST,), ("Portable",)),
        (Member(ME.id, "", 0, 0), [post(OFFICE)], Can.NO, (Lack.KEY, Lack.POST), ("Portable",)),
        (ME, [post(OFFICE, LAPTOP, pending=True)], Can.NO, (Lack.POST,), ("Bureau", "Portable")),
        (ME, [post(OFFICE, LAPTOP, owner=uuid4())], Can.NO, (Lack.POST,), ("Bureau", "Portable")),
        (ME, [post(OFFICE, LAPTOP, owner=ME.id)], Can.PROBABLY, (Lack.REHEARSAL,), ()),
        (Member(ME.id, "", 0, 0), [post(OFFICE, LAPTOP)], Can.NO, (Lack.KEY,), ()),
        (Member(ME.id, "", 1, 1), [post(OFFICE, LAPTOP)], Can.NO, (Lack.PHONE,), ()),
        (Member(ME.id, "", 2, 1), [post(OFFICE, LAPTOP)], Can.PROBABLY, (Lack.REHEARSAL,), ()),
    ],
)
def test_what_lacks(member: Member, posts: list[Post], can: Can, lacks: tuple[Lack, ...], where: tuple[str, ...]) -> None:
    found = of_member(member, posts, [OFFICE, LAPTOP], {})
    assert (found.can, found.lacks, found.where) == (can, lacks, where)


def test_only_having_come_in_verifies_and_it_does_not_replace_what_was_removed_since() -> None:
    done = {(ME.id, LAPTOP.id): clock.now()}
    assert of_member(ME, [post(OFFICE, LAPTOP)], [OFFICE, LAPTOP], done).can is Can.VERIFIED
    assert of_member(ME, [post(OFFICE)], [OFFICE, LAPTOP], done).can is Can.PARTLY
    assert of_member(ME, [post(OFFICE)], [OFFICE], done).can is Can.PROBABLY  # at a machine that is no more


def test_a_limited_laptop_counts_for_its_carer_alone() -> None:
    mine, another = Machine(UUID(int=3), "Visites", only=ME.id), Machine(UUID(int=4), "Visites d’une autre", only=UUID(int=77))
    shared, own = post(OFFICE), post(OFFICE, owner=ME.id)
    assert of_member(ME, [shared], [OFFICE, another], {}).can is Can.PROBABLY
    assert of_member(ME, [shared], [OFFICE, mine], {}).where == ("Visites",)
    assert missing(shared, [OFFICE, mine, another]) == []
    assert missing(own, [OFFICE, mine, another]) == [mine]


MACHINES = [Machine(UUID(int=number), f"Machine {number}") for number in range(1, 5)]
PLACES, OWNERS = st.sets(st.sampled_from([one.id for one in MACHINES])), st.sampled_from([None, ME.id, UUID(int=77)])
POSTS = st.lists(st.builds(lambda at, owner, pending: Post(uuid4(), "", owner, at, pending), PLACES, OWNERS, st.booleans()), max_size=5)


@given(POSTS, st.integers(0, 3), st.integers(0, 3), st.integers(1, 4))
def test_one_more_post_key_or_rehearsal_never_takes_away(posts: list[Post], keys: int, by_phone: int, machines: int) -> None:
    order = [Can.NO, Can.PARTLY, Can.PROBABLY, Can.VERIFIED]
    there, me = MACHINES[:machines], Member(ME.id, "", max(keys, by_phone), by_phone)
    before = of_member(me, posts, there, {})
    everywhere = Post(uuid4(), "", None, {one.id for one in there})
    more = of_member(Member(ME.id, "", me.keys + 1, by_phone), [*posts, everywhere], there, {(ME.id, there[0].id): clock.now()})
    assert order.index(more.can) >= order.index(before.can)
    assert more.can is Can.VERIFIED
    assert missing(everywhere, there) == []
    assert count([before, more]).all == 2


def test_names_are_read_in_a_hosts_file() -> None:
    text = "127.0.0.1 localhost\n192.168.1.4\tbureau.cabinet.example bureau # portable.cabinet.example\n"
    assert names_written(text, ["Bureau.cabinet.example", "portable.cabinet.example", "a.localhost"]) == {
        "Bureau.cabinet.example": True, "portable.cabinet.example": False, "a.localhost": True}  # fmt: skip


def reader(by: Actor) -> Reader:
    return reader_for(by)


def test_the_practice_is_counted_in_a_dozen_questions(practice: object, cast: dict[str, Actor], monkeypatch: pytest.MonkeyPatch,
                                                      django_assert_max_num_queries: Any) -> None:
    monkeypatch.setattr(permissions, "FRESH_S", 3_600.0)  # a slow machine must not read the accounts again meanwhile
    moreau = cast["moreau"]
    with django_assert_max_num_queries(14):
        before = queries.ready(reader=reader(moreau))
    assert before.count.all == len(entering.ways_in(reader=reader(moreau)).people) > 5
    assert before.count.verified == 0
    for index in range(8):
        enrolled(moreau, f"Poste {index}")
    with django_assert_max_num_queries(14):
        after = queries.ready(reader=reader(moreau))
    assert len(after.posts) == len(before.posts) + 8
    assert {one.at for one in after.posts if one.name.startswith("Poste ")} == {frozenset({UUID(bytes=vault.current().replica)})}


def enrolled(by: Actor, name: str) -> UUID:
    made = accounts.enrol_post(accounts.invite_post(name=name, by=by).code, token_hash=uuid4().bytes, thumbprint=uuid4().hex,
                               public_key={}, by=Actor.machine("sign_in"))  # fmt: skip
    accounts.approve_post(made, by=by)
    return made


def test_who_sees_to_it_sees_it_and_nobody_else(practice: object, cast: dict[str, Actor]) -> None:
    for who in ("moreau", "sophie", "yann"):
        assert queries.ready(reader=reader(cast[who])).people
    for who in ("petit", "nadia", "hugo", "ines", "bruno"):
        with pytest.raises(Refused):
            queries.ready(reader=reader(cast[who]))


def test_a_rehearsal_is_kept_once_a_week_and_proves_for_three_months(practice: object, cast: dict[str, Actor]) -> None:
    moreau = cast["moreau"]
    assert moreau.member is not None
    at = enrolled(moreau, "Accueil")
    rp_id = entering.Practice.objects.get().rp_id
    accounts.add_passkey(credential_id=b"c" * 16, public_key=b"k", rp_id=rp_id, transports=["usb"], by=moreau)

    def mine() -> Can:
        return next(one.can for one in queries.ready(reader=reader(moreau)).people if one.id == moreau.member)

    sign_in = Actor.machine("sign_in")
    assert mine() is Can.PROBABLY
    for _ in range(3):
        accounts.note_rehearsal(member=moreau.member, post=at, by=sign_in)
    assert Rehearsal.objects.count() == 1
    assert mine() is Can.VERIFIED
    with clock.override(offset=timedelta(days=8)):
        accounts.note_rehearsal(member=moreau.member, post=at, by=sign_in)
        assert Rehearsal.objects.count() == 2
    with clock.override(offset=timedelta(days=99)):
        assert mine() is Can.PROBABLY


def test_a_hosted_machine_is_nobodys_way_in_without_the_internet(practice: object, cast: dict[str, Actor]) -> None:


    by = cast["moreau"]
    sync.introduce_oneself(name="Bureau", kind="office", hosts=["bureau"], transport=bytes(32), box=bytes(32), by=Actor.machine("sync"))
    for kind in ("hosted", "laptop"):
        key, _ = suite.signing_pair()
        sync.add_replica(UUID(bytes=suite.replica_id(key)), {"verify": key, "transport": bytes(32), "box": bytes(32)}, name=kind, kind=kind,
                         hosts=[kind], by=by)  # fmt: skip
    found = queries.ready(reader=reader(by))
    assert [one.name for one in found.machines] == ["Bureau", "laptop"]
    assert [one.name for one in found.sisters] == ["hosted", "laptop"]
