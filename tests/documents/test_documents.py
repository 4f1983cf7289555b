"""Documents: kept as they came, once; read by who may; what an import refused stays beside with its reason."""

import datetime

import pytest

from permanence.documents import actions, blobs, queries, rules
from permanence.journal import access
from permanence.journal import actions as journal
from permanence.journal.categories import Category, Level
from permanence.journal.doors import Actor, Refused
from permanence.patients import actions as patients
from tests.patients.conftest import at_most, opened

pytestmark = pytest.mark.usefixtures("documents_folder")


def keep(patient, by, data=b"<ClinicalDocument/>", **more):
    return actions.keep_original(
        patient, data, by=by, mime="text/xml", **{"title": "Volet de synthèse", "file_name": "../vsm.xml", **more}
    )


def test_a_document_is_kept_once_and_read_back_as_it_came(jeanne, moreau):
    id = keep(jeanne, moreau, type_code="SYNTH", dated_on=datetime.date(2022, 1, 3))
    assert keep(jeanne, moreau) == id
    row = queries.document(id, reader=opened(moreau))
    assert (row.title, row.type_label, row.size, row.file_name) == (
        "Volet de synthèse",
        "Volet de synthèse médicale",
        19,
        "_vsm.xml",
    )
    content = queries.content(id, reader=opened(moreau))
    assert (content.data, content.mime) == (b"<ClinicalDocument/>", "text/xml")


def test_the_secretary_reads_what_she_scanned_and_nothing_else(jeanne, moreau, sophie):
    hers = keep(jeanne, sophie, b"scan", origin="scan")
    others = keep(jeanne, moreau, b"lettre")
    assert [row.id for row in queries.listing([jeanne], reader=opened(sophie))] == [hers]
    assert queries.content(hers, reader=opened(sophie)).data == b"scan"
    for id in (others, jeanne):
        with pytest.raises(Refused, match="introuvable"):
            queries.content(id, reader=opened(sophie))
    assert len(queries.listing([jeanne], reader=opened(moreau))) == 2


def test_who_may_not_file_leaves_nothing_on_disk(jeanne, yann, documents_folder):
    with pytest.raises(Refused):
        keep(jeanne, yann)
    assert not list(documents_folder.rglob("*"))


def test_a_sensitive_document_and_an_opposition_are_respected(jeanne, moreau, benali):
    secret = keep(jeanne, moreau, b"a", sensitive=True)
    plain = keep(jeanne, moreau, b"b")
    assert [row.id for row in queries.listing([jeanne], reader=opened(benali))] == [plain]
    with pytest.raises(Refused):
        queries.content(secret, reader=opened(benali))
    patients.object_to_sharing(jeanne, by=moreau, member=benali.member)
    assert queries.listing([jeanne], reader=opened(benali)) == []


def test_a_file_that_is_absent_or_damaged_says_so(jeanne, moreau):
    id = keep(jeanne, moreau)
    path = next(blobs.path_of(bytes(row)) for (row,) in _hashes())
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(Refused, match="abîmé"):
        queries.content(id, reader=opened(moreau))
    path.unlink()
    with pytest.raises(Refused, match="pas encore arrivé"):
        queries.content(id, reader=opened(moreau))


def _hashes():
    from permanence.lib.sqlcipher import run

    return run("default", "SELECT blob_hash FROM documents_document").fetchall()


def test_an_erased_patient_takes_the_sealed_files_along(jeanne, moreau, documents_folder):
    keep(jeanne, moreau)
    assert any(path.is_file() for path in documents_folder.rglob("*"))
    journal.erase(jeanne, by=moreau)
    assert not any(path.is_file() for path in documents_folder.rglob("*"))


def test_a_refused_original_is_kept_aside_with_its_reason(moreau, sophie):
    machine = Actor.machine("import")
    id = actions.keep_refused(b"<!DOCTYPE x>", by=machine, file_name="piege.xml", reason="entités externes refusées")
    assert actions.keep_refused(b"<!DOCTYPE x>", by=machine, file_name="piege.xml", reason="entités externes refusées") == id
    (row,) = queries.refused(reader=opened(moreau))
    assert (row.file_name, row.reason, row.kept, row.size) == ("piege.xml", "entités externes refusées", True, 12)
    reader = opened(moreau)
    assert queries.refused_content(id, reader=reader).data == b"<!DOCTYPE x>"
    assert reader.close().patients[0].objects == (id,)
    with pytest.raises(Refused):
        queries.refused(reader=opened(sophie))


def test_above_twenty_megabytes_only_name_size_and_hash_are_kept(moreau):
    big = bytes(rules.LARGEST + 1)
    id = actions.keep_refused(big, by=Actor.machine("import"), file_name="gros.xml", reason="trop gros")
    (row,) = queries.refused(reader=opened(moreau))
    assert (row.size, row.sha256, row.kept) == (len(big), blobs.sha256_of(big), False)
    with pytest.raises(Refused, match="pas été conservé"):
        queries.refused_content(id, reader=opened(moreau))


def test_results_are_exact_flagged_and_added_once(jeanne, moreau, sophie):
    document = keep(jeanne, moreau)
    line = {
        "loinc": "4548-4",
        "label": "HbA1c",
        "number": 89,
        "scale": 1,
        "unit": "%",
        "abnormal": "h",
        "external_key": "r1",
        "at": datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC),
    }
    text = {"label": "Culture", "value_text": "stérile", "abnormal": "?"}
    assert len(actions.add_results(jeanne, by=Actor.machine("import"), results=[line, line, text], document=document)) == 2
    assert actions.add_results(jeanne, by=Actor.machine("import"), results=[line]) == []
    found = queries.results(jeanne, reader=opened(moreau))
    assert [(row.label, row.shown, row.flag) for row in found] == [
        ("HbA1c", "8,9", "élevé"),
        ("Culture", "stérile", "anormal"),
    ]
    assert len(queries.results(jeanne, reader=opened(moreau), loinc="4548-4")) == 1
    assert len(queries.results_of(document, reader=opened(moreau))) == 2
    assert queries.results(jeanne, reader=opened(sophie)) == []


def test_what_was_downloaded_is_in_the_access_entry(jeanne, moreau):
    id = keep(jeanne, moreau)
    reader = opened(moreau)
    reader.leave(Level.EXPORTED)
    queries.content(id, reader=reader)
    served = reader.close()
    assert served.patients[0].objects == (id,)
    assert served.patients[0].levels[0][0] == Level.EXPORTED
    access.submit(served).wait()


def test_a_listing_takes_two_queries(jeanne, moreau):
    for i in range(5):
        keep(jeanne, moreau, b"%d" % i)
    reader = opened(moreau)
    reader.may(jeanne, Category.NOTES)
    with at_most(2):
        assert len(queries.listing([jeanne], reader=reader)) == 5


@pytest.mark.parametrize(
    ("number", "scale", "low", "high", "flag"),
    [
        (89, 1, None, (6, 0), "H"),
        (5, 1, (6, 1), None, "L"),
        (60, 1, None, (6, 0), ""),
        (None, 0, (1, 0), None, ""),
        (6, 0, (60, 1), (60, 1), ""),
    ],
)
def test_a_number_is_judged_exactly_against_its_range(number, scale, low, high, flag):
    assert rules.judged(number, scale, low, high) == flag


@pytest.mark.parametrize(
    ("name", "safe"),
    [("../../etc/passwd", "_.._etc_passwd"), ("a\u202efdp.exe", "a_fdp.exe"), ("", "document"), ("x" * 300, "x" * 120)],
)
def test_file_names_carry_no_path_and_no_trick(name, safe):
    assert rules.safe_name(name) == safe
