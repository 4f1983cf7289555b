"""A machine joins by a short code: who does not know it learns nothing, and three guesses are all there are."""

from uuid import UUID

import pytest

from permanence.journal.doors import Actor, Refused
from permanence.sync.pairing import LIFE_S, TRIES, Codes, Joining

BY, PRACTICE = Actor(UUID(int=7)), bytes(16)


class Time:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def codes(time: Time) -> Codes:
    return Codes(time)


def shown(codes: Codes) -> str:
    return codes.show(name="Portable", kind="laptop", host="portable.x.example", by=BY).code


def test_both_have_the_same_key_and_open_what_the_other_closed(codes: Codes) -> None:
    joining = Joining(shown(codes).lower().replace("-", " "))
    id, theirs, proof = codes.hello(joining.message)
    mine = joining.talk(theirs, proof)
    one, yours = codes.prove(id, mine.proof)
    assert one.name == "Portable"
    assert yours.open(mine.close({1: b"keys"}, PRACTICE), PRACTICE) == {1: b"keys"}
    assert mine.open(yours.close({1: "root"}, PRACTICE), PRACTICE) == {1: "root"}
    with pytest.raises(Refused):
        yours.open(mine.close({1: b"keys"}, PRACTICE), bytes(15) + b"1")


def test_another_code_opens_nothing_on_either_side(codes: Codes) -> None:
    code = shown(codes)
    joining = Joining("0000-0000" if code != "0000-0000" else "1111-1111")
    id, theirs, proof = codes.hello(joining.message)
    with pytest.raises(Refused):
        joining.talk(theirs, proof)
    with pytest.raises(Refused):
        codes.prove(id, proof)  # our own proof shown back to us


def test_three_guesses_then_the_right_code_is_of_no_use(codes: Codes) -> None:
    code = shown(codes)
    for _ in range(TRIES):
        codes.hello(Joining("ZZZZ-ZZZZ").message)
    with pytest.raises(Refused):
        codes.hello(Joining(code).message)


def test_a_code_serves_once(codes: Codes) -> None:
    joining = Joining(shown(codes))
    id, theirs, proof = codes.hello(joining.message)
    mine = joining.talk(theirs, proof)
    codes.prove(id, mine.proof)
    for again in (lambda: codes.prove(id, mine.proof), lambda: codes.hello(joining.message)):
        with pytest.raises(Refused):
            again()


def test_ten_minutes_then_it_is_over(codes: Codes, time: Time) -> None:
    code = shown(codes)
    time.now = LIFE_S + 1
    with pytest.raises(Refused):
        codes.hello(Joining(code).message)


@pytest.mark.parametrize("message", [b"", b"A", b"A" * 33, bytes(33), b"B" + bytes(32), b"A" + b"\xff" * 32])
def test_a_made_up_message_is_refused(codes: Codes, message: bytes) -> None:
    shown(codes)
    with pytest.raises(Refused):
        codes.hello(message)


def test_a_second_person_is_told_to_wait_and_the_first_code_goes_on(codes: Codes, time: Time) -> None:
    code, other = shown(codes), Actor(UUID(int=8))
    with pytest.raises(Refused) as refused:
        codes.show(name="Secours", kind="spare", host="secours.x.example", by=other)
    assert refused.value.code == "busy"
    assert shown(codes) != code  # one's own is drawn again
    assert codes.hello(Joining(shown(codes)).message)
    time.now = LIFE_S + 1
    assert codes.show(name="Secours", kind="spare", host="secours.x.example", by=other).code


def test_sealing_forgets_every_code(codes: Codes) -> None:
    code = shown(codes)
    codes.forget()
    with pytest.raises(Refused):
        codes.hello(Joining(code).message)
