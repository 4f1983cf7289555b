"""Keys under the root, slots, and a sheet that says which group was mistyped."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.exceptions import CryptoError

from permanence.journal import keyring
from permanence.lib import suite

PRACTICE, REPLICA = bytes(range(16)), bytes(range(16, 32))
SECRETS = st.binary(min_size=20, max_size=20)
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@pytest.mark.parametrize("size", [32, 64])
def test_a_wrapped_key_opens_under_its_root_practice_and_label_only(size: int) -> None:
    key, root = bytes(range(size)), suite.new_key()
    wrapped = keyring.wrap(key, root, PRACTICE, "signing")
    assert keyring.unwrap(wrapped, root, PRACTICE, "signing", commitment=suite.commitment(key)) == key
    for bad in ((suite.new_key(), PRACTICE, "signing"), (root, REPLICA, "signing"), (root, PRACTICE, "patient")):
        with pytest.raises(CryptoError):
            keyring.unwrap(wrapped, *bad)
    with pytest.raises(CryptoError, match="another key"):
        keyring.unwrap(wrapped, root, PRACTICE, "signing", commitment=bytes(32))


def test_a_new_epoch_wraps_the_same_keys_again() -> None:
    root, new = suite.new_key(), suite.new_key()
    keys = [suite.new_key() for _ in range(5)]
    rows = {suite.commitment(key): ("patient", keyring.wrap(key, root, PRACTICE, "patient")) for key in keys}
    again = keyring.rewrap(rows, root, new, PRACTICE)
    assert [keyring.unwrap(again[suite.commitment(key)], new, PRACTICE, "patient") for key in keys] == keys


def test_each_file_replica_practice_and_epoch_has_its_own_key() -> None:
    key = suite.new_key()
    assert keyring.file_key(key, "practice.db") != keyring.file_key(key, "access.db")
    assert keyring.passkey_slot(key, PRACTICE, REPLICA) != keyring.passkey_slot(key, PRACTICE, PRACTICE)
    assert keyring.sheet_slot(key[:20], PRACTICE) != keyring.sheet_slot(key[:20], REPLICA)
    assert keyring.root_check(key, PRACTICE, 1) != keyring.root_check(key, PRACTICE, 2)
    public, private = keyring.machine_slot(key)
    assert public == suite.x25519_public(private)


@pytest.mark.parametrize("call", [
    lambda: keyring.passkey_slot(bytes(31), PRACTICE, REPLICA), lambda: keyring.sheet_slot(bytes(21), PRACTICE),
    lambda: keyring.machine_slot(b""), lambda: keyring.show_sheet(b"")])
def test_secrets_of_another_size_are_refused(call: object) -> None:
    with pytest.raises(ValueError, match="bytes"):
        call()  # type: ignore[operator]


@given(SECRETS)
def test_a_sheet_is_eight_groups_read_whatever_the_case_and_the_spaces(secret: bytes) -> None:
    shown = keyring.show_sheet(secret)
    assert [len(group) for group in shown.split(" ")] == [5] * 8
    for typed in (shown, shown.lower(), shown.replace(" ", ""), shown.replace(" ", "-"), f"  {shown}\n",
                  shown.replace("0", "O").replace("1", "l"), shown.replace("0", "o").replace("1", "I")):
        assert keyring.read_sheet(typed) == secret


@given(SECRETS, st.integers(0, 39), st.sampled_from(ALPHABET))
def test_any_single_typing_error_is_found_and_its_group_named(secret: bytes, place: int, typed: str) -> None:
    shown = keyring.show_sheet(secret).replace(" ", "")
    if shown[place] == typed:
        return
    with pytest.raises(keyring.Mistyped) as caught:
        keyring.read_sheet(shown[:place] + typed + shown[place + 1:])
    assert caught.value.groups == (place // 5 + 1,)


@given(SECRETS, st.integers(0, 38))
def test_any_swap_of_neighbours_is_found(secret: bytes, place: int) -> None:
    shown = keyring.show_sheet(secret).replace(" ", "")
    swapped = shown[:place] + shown[place + 1] + shown[place] + shown[place + 2:]
    if swapped == shown:
        return
    with pytest.raises(keyring.Mistyped) as caught:
        keyring.read_sheet(swapped)
    assert caught.value.groups
    assert set(caught.value.groups) <= {place // 5 + 1, (place + 1) // 5 + 1}


@given(SECRETS, st.permutations(range(8)))
def test_groups_out_of_order_are_found(secret: bytes, order: list[int]) -> None:
    groups = keyring.show_sheet(secret).split(" ")
    if order == list(range(8)):
        return
    with pytest.raises(keyring.Mistyped):
        keyring.read_sheet(" ".join(groups[index] for index in order))


def test_a_sheet_of_another_length_says_how_long_it_is() -> None:
    shown = keyring.show_sheet(bytes(20))
    for typed, length in ((shown[:-1], 39), (shown + "0", 41), ("", 0)):
        with pytest.raises(keyring.Mistyped) as caught:
            keyring.read_sheet(typed)
        assert (caught.value.groups, caught.value.length) == ((), length)


def test_letters_that_no_sheet_has_name_their_group() -> None:
    with pytest.raises(keyring.Mistyped) as caught:
        keyring.read_sheet("U" + keyring.show_sheet(bytes(20))[1:-1] + "é")
    assert caught.value.groups == (1, 8)


def test_random_typing_is_not_a_sheet() -> None:
    drawn = random.Random(7)
    for _ in range(200):
        with pytest.raises(keyring.Mistyped):
            keyring.read_sheet("".join(drawn.choice(ALPHABET) for _ in range(40)))


def test_the_intake_key_is_the_one_that_a_machine_made_anew_derives() -> None:
    public, private = keyring.intake_pair(bytes(32), bytes(16))
    assert public.hex() == "a68b0929365c84c6b8326f28fe53d6dd72b44ad6ca308f880d975a03ee02ca69"
    assert keyring.machine_slot(private)[0] == public
    assert keyring.intake_pair(bytes(32), bytes(15) + b"1")[0] != public
