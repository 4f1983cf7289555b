"""Every record that two machines may write at once can be asked about in French: no field is shown by its name in the code."""

from permanence.journal.tables import Table, journaled_models, of_model
from permanence.sync.kinds import KINDS, WRITTEN_ONCE

TABLES: dict[str, Table] = {
    found.kind: found
    for model in journaled_models()
    if not (found := of_model(model)).append_only and not found.kind.startswith("testapp.")
}


def test_every_kind_has_a_name() -> None:
    assert set(KINDS) == set(TABLES)
    assert all(kind.name[0].isupper() or kind.name.startswith("À") for kind in KINDS.values())


def test_every_field_is_asked_about_or_declared_bookkeeping_once() -> None:
    for name, table in TABLES.items():
        kind = KINDS[name]
        declared = [*(field for part in kind.parts for field in part.all), *kind.follow]
        assert sorted(declared) == sorted(table.names), name


def test_a_part_is_of_one_category_and_each_of_its_fields_has_a_label() -> None:
    for name, table in TABLES.items():
        kind, category = KINDS[name], {column.name: column.category for column in table.columns}
        for part in kind.parts:
            assert len({category[field] for field in part.fields}) == 1, (name, part.label)
            assert set(part.fields[1:]) <= set(kind.labels), (name, part.label)
        assert len({category[field] for field in (*kind.title, *(part.name for part in kind.parts))}) <= 1 or name == "patients.patient"
        assert name != "patients.patient" or not kind.title
        assert set(kind.authors) <= set(table.names), name
        assert kind.line is ("removed_revision" in table.names), name


def test_what_a_person_may_type_is_text() -> None:
    for name, table in TABLES.items():
        defaults = {column.name: column.default for column in table.columns}
        assert all(defaults[part.name] == "" for part in KINDS[name].parts if part.typed), name


def test_what_is_written_once_has_a_name_too() -> None:
    once = {found.kind for model in journaled_models() if (found := of_model(model)).append_only and not found.kind.startswith("testapp.")}
    assert once | {"journal.erase", "journal.prune"} == set(WRITTEN_ONCE)
