"""Identifiers and codes."""

from permanence.lib import ids


def test_ids_are_random_and_codes_survive_being_read_aloud():
    assert ids.new_id() != ids.new_id()
    assert len(ids.new_act_id()) == 16
    code = ids.one_use_code()
    assert len(code) == 9
    assert ids.normal_code(code.lower().replace("-", " ")) == code
    assert ids.normal_code("oil0-7k2m") == "0110-7K2M"
