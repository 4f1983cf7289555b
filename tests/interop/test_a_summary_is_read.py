"""Our own fictional summary, in several layouts, read item by item."""

import pytest

from permanence.interop.cda import vsm
from permanence.interop.cda.items import Summary
from permanence.interop.cda.values import Id
from tests.interop import building
from tests.interop.building import (
    allergy,
    code,
    content,
    document,
    observation,
    patient_element,
    pq,
    problem,
    section,
    summary,
    table,
    tag,
    template,
    treatment,
    vaccination,
)


def read(body: str, **options: object) -> Summary:
    return vsm.read(document(body, **options).encode())  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def whole() -> Summary:
    return vsm.read(summary())


def test_the_head_names_the_document_its_author_and_its_versions(whole: Summary) -> None:
    header = whole.header
    assert (header.set_id, header.version, header.title) == (Id(building.SET), 1, "Synthèse médicale")
    assert header.effective.text == "05/03/2024"
    assert header.effective.instant is not None
    assert header.authors[0].name == "Dr Inès ROUSSEL"
    assert header.authors[0].rpps == "10001234565"
    assert header.authors[0].organization == "Cabinet des Peupliers"
    assert header.treating.family == "ROUSSEL"
    assert header.custodian.organization == "Cabinet des Peupliers"
    assert [(c.role, c.family, c.relation) for c in header.contacts] == [("personne de confiance", "DUMAS", "Fille")]
    assert whole.is_summary


def test_strict_traits_names_in_use_and_contact_are_read(whole: Summary) -> None:
    patient = whole.patient
    assert (patient.birth_family, patient.first_given, patient.given_names) == (
        "LACOSTE",
        "ODILE",
        ("ODILE", "JEANNE-MARIE"),
    )
    assert (patient.used_family, patient.used_given) == ("VERNET-DUMAS", "ODILE")
    assert (patient.birth.iso, patient.sex, patient.birth_place_insee) == ("1958-07-14", "F", "14118")
    assert (patient.ins, patient.ins_oid) == ("258071411802517", "1.2.250.1.213.1.4.10")
    assert patient.phones == ("0612345678", "+33169000000")
    assert patient.address.lines == ("12 rue des Tanneurs",)
    assert patient.ids == (Id("1.2.250.1.999.5", "77120"),)


@pytest.mark.parametrize(
    ("names", "birth", "used", "first"),
    [
        ("<family>LACOSTE</family><given>Odile</given>", "LACOSTE", "", "Odile"),
        (
            '<family qualifier="SP">VERNET</family><family qualifier="BR">LACOSTE</family><given>Odile</given>',
            "LACOSTE",
            "VERNET",
            "Odile",
        ),
        ('<family qualifier="SP">VERNET</family><given>Odile</given>', "VERNET", "VERNET", "Odile"),
        (
            '<prefix>MME</prefix><given>Odile</given><given>Jeanne</given><family qualifier="BR">LACOSTE</family>',
            "LACOSTE",
            "",
            "Odile",
        ),
        ("", "", "", ""),
    ],
)
def test_older_layouts_of_names_are_understood(names: str, birth: str, used: str, first: str) -> None:
    patient = read("", patient=patient_element(names=names)).patient
    assert (patient.birth_family, patient.used_family, patient.first_given) == (birth, used, first)


def test_a_guardian_and_a_child_without_number_are_read() -> None:
    guardian = tag(
        "guardian",
        '<telecom value="tel:0611111111"/>',
        tag("guardianPerson", tag("name", tag("given", "Marc"), tag("family", "LACOSTE"))),
    )
    patient = read("", patient=patient_element(ins="", more=guardian, born="202401", sex="UN")).patient
    assert patient.guardians[0].family == "LACOSTE"
    assert (patient.ins, patient.birth.text, patient.birth.date, patient.sex) == ("", "01/2024", None, "I")


def test_the_nir_as_social_security_number_is_not_the_ins() -> None:
    patient = read("", patient=patient_element(oid="1.2.250.1.213.1.4.13")).patient
    assert (patient.ins, patient.nir) == ("", "258071411802517")


def test_problems_keep_their_code_words_status_and_the_precision_of_their_dates(whole: Summary) -> None:
    found = [(p.code.code, p.label, p.status, p.period.start.text, p.period.end.text) for p in whole.problems]
    assert found == [
        ("I10", "Hypertension artérielle", "active", "2014", ""),
        ("E11.9", "Diabète de type 2", "active", "03/2019", ""),
        ("K35.8", "Appendicite aiguë", "past", "12/05/2001", "20/05/2001"),
    ]
    assert whole.problems[0].code.display == "Hypertension essentielle (primitive)"
    assert whole.problems[0].code.system == building.CIM10


def test_other_terminologies_are_kept_as_given() -> None:
    body = section(
        "11450-4", "Problèmes", "", problem("p-1", "K86", "Hypertension non compliquée", system="2.16.840.1.113883.6.139")
    )
    found = read(body).problems[0]
    assert (found.code.code, found.code.system, found.code.system_name) == ("K86", "2.16.840.1.113883.6.139", "CISP-2")


def test_a_section_is_recognised_by_its_template_alone() -> None:
    body = section(
        "", "Antécédents", "", problem("p-1", "K35.8", "Appendicite", status=""), templates=("1.2.250.1.213.1.1.2.134",)
    )
    assert read(body).problems[0].status == "past"


def test_a_problem_without_concern_value_or_identifier_is_read_from_its_words() -> None:
    bare = tag(
        "observation",
        template("1.2.250.1.213.1.1.3.37"),
        tag("text", tag("reference", value="#w")),
        classCode="OBS",
        moodCode="EVN",
    )
    body = section("11450-4", "Problèmes", table(["Problème"], [content("w", "Migraine")]), bare, bare)
    found = read(body)
    assert [p.label for p in found.problems] == ["Migraine", "Migraine"]
    assert len({p.key for p in found.problems}) == 2


def test_a_denied_problem_is_not_a_problem_of_the_patient() -> None:
    body = section("11450-4", "Problèmes", "", problem("p-1", "I10", "Hypertension", negated=True))
    assert read(body).problems[0].negated


def test_a_null_flavour_is_said_in_words() -> None:
    value = '<value xsi:type="CD" nullFlavor="MSK"/>'
    body = section("30954-2", "Résultats", "", observation("r-1", "4548-4", "HbA1c", value))
    found = read(body).findings[0]
    assert found.value == "non renseigné\u00a0: masqué"
    assert found.when.said == ""


def test_allergies_give_agent_reaction_and_date(whole: Summary) -> None:
    found = whole.allergies[0]
    assert (found.label, found.reactions, found.when.text, found.status) == ("Pénicilline", ("Urticaire",), "1998", "active")


@pytest.mark.parametrize(
    ("entry", "words", "known"),
    [
        (allergy("a-1", "", value="160244002"), "", True),
        (allergy("a-1", "", kind="716186003"), "", True),
        (allergy("a-1", "", value="no-allergy-info"), "", False),
        (allergy("a-1", "", negated=True), "", True),
        (allergy("a-1", ""), "Aucune allergie connue", True),
        (allergy("a-1", ""), "", False),
        (allergy("a-1", ""), "Non renseigné", False),
    ],
)
def test_none_known_and_no_information_are_two_things(entry: str, words: str, known: bool) -> None:
    found = read(section("48765-2", "Allergies", words, entry))
    assert not found.allergies
    assert [(a.kind, a.known) for a in found.absences] == [("allergies", known)]


def test_an_inactive_allergy_that_its_author_wrote_as_alive_stays_active() -> None:
    lines = table(["Agent", "Statut"], [content("a", "Arachide"), "Intermittent"])
    entry = allergy("a-1", "Arachide", status="completed", target="a")
    found = read(section("48765-2", "Allergies", lines, entry))
    assert found.allergies[0].status == "active"
    assert any("Arachide" in w for w in found.warnings)


def test_treatments_give_codes_words_dose_and_rhythm(whole: Summary) -> None:
    first, second = whole.treatments
    assert (first.label, first.dose, first.frequency, first.written) == (
        "BISOPROLOL 5 mg, comprimé",
        "1 comprimé",
        "1 fois par jour",
        "1 cp/j",
    )
    assert (first.code.in_system(building.CIS), first.code.in_system("2.16.840.1.113883.6.73")) == ("60000001", "C07AB07")
    assert (first.period.start.text, first.route) == ("01/06/2014", "Voie orale")
    assert (second.frequency, second.period.start.text) == ("toutes les 12 heures", "03/2019")
    assert not whole.warnings


def test_a_posology_written_otherwise_than_coded_is_said() -> None:
    found = vsm.read(summary(dose="2"))
    assert found.treatments[0].written == "1 cp/j"
    assert any("BISOPROLOL" in w and "1 cp/j" in w for w in found.warnings)


def test_a_stopped_or_denied_treatment_is_not_a_current_one() -> None:
    stopped = treatment("t-1", "1", "ASPIRINE").replace('statusCode code="completed"', 'statusCode code="aborted"')
    denied = treatment("t-2", "2", "IBUPROFENE").replace(
        "<substanceAdministration ", '<substanceAdministration negationInd="true" '
    )
    found = read(section("10160-0", "Traitements", "", stopped, denied))
    assert [(t.status, t.negated) for t in found.treatments] == [("stopped", False), ("", True)]


def test_no_treatment_is_an_absence() -> None:
    none = treatment("t-1", "182849000", "aucun traitement", dose="", every=None)
    found = read(section("10160-0", "Traitements", "", none))
    assert not found.treatments
    assert [(a.kind, a.known) for a in found.absences] == [("treatments", True)]


def test_vaccinations_give_lot_rank_and_refusal(whole: Summary) -> None:
    given, refused = whole.vaccinations
    assert (given.label, given.lot, given.rank, given.when.text, given.given) == ("REPEVAX", "X12Y", "4", "10/09/2019", True)
    assert not refused.given


def test_results_give_unit_range_and_interpretation(whole: Summary) -> None:
    found = whole.of_kind("result")[0]
    assert (found.code.code, found.value, found.ranges, found.interpretation.code) == ("4548-4", "7,2 %", ("≤ 6,0 %",), "H")
    assert (found.quantity.value, found.quantity.unit, found.group) == ("7.2", "%", "Biochimie")


def test_measures_take_the_date_of_their_group(whole: Summary) -> None:
    found = [(m.code.code, m.value, m.when.text) for m in whole.of_kind("measure")]
    assert found == [("29463-7", "72,5 kg", "05/03/2024"), ("8480-6", "148 mmHg", "05/03/2024")]


def test_habits_family_and_free_text_are_read(whole: Summary) -> None:
    assert [(h.label, h.value) for h in whole.of_kind("lifestyle")] == [("Consommation tabagique", "12 paquets-années")]
    assert [(f.relation, f.label) for f in whole.family] == [("Père", "Infarctus du myocarde")]
    assert [(t.kind, t.lines) for t in whole.texts] == [("work_risks", ("Teinturerie pendant vingt ans (solvants)",))]


def test_what_nothing_coded_says_is_listed(whole: Summary) -> None:
    assert [u.section for u in whole.unmapped] == ["Mode de vie"]
    assert "sevré" in whole.unmapped[0].excerpt


def test_an_unknown_section_is_listed_with_its_words_and_its_entries() -> None:
    entry = tag(
        "act",
        code("code", "MED-999", "1.2.3", "Chose inconnue"),
        tag("text", "Détail caché"),
        classCode="ACT",
        moodCode="EVN",
    )
    found = read(
        section("99999-9", "Section nouvelle", "Phrase hors norme", entry) + section("99998-8", "Autre", "Texte seul")
    )
    said = " ".join(u.excerpt for u in found.unmapped)
    for words in ("Phrase hors norme", "Chose inconnue", "Détail caché", "Texte seul"):
        assert words in said


def test_what_stands_beside_a_known_entry_is_listed() -> None:
    more = tag(
        "entryRelationship",
        tag("act", code("code", "X-1", "1.2.3", "Précision d’avenir"), classCode="ACT", moodCode="EVN"),
        typeCode="COMP",
    )
    entry = problem("p-1", "I10", "Hypertension").replace("</observation>", f"{more}</observation>")
    found = read(section("11450-4", "Problèmes", "", entry))
    assert any("Précision d’avenir" in u.excerpt for u in found.unmapped)
    assert found.problems[0].label == "Hypertension"


def test_a_section_that_is_said_empty_is_an_absence() -> None:
    body = section("48765-2", "Allergies", "").replace("<section>", '<section nullFlavor="NI">')
    assert [(a.kind, a.known, a.label) for a in read(body).absences] == [
        ("allergies", False, "non renseigné\u00a0: sans information")
    ]


def test_equal_identifiers_in_one_document_give_different_keys() -> None:
    body = section(
        "11450-4",
        "Problèmes",
        "",
        problem("same", "I10", "Hypertension"),
        problem("same", "E11.9", "Diabète"),
        problem("same", "E11.9", "Diabète"),
    )
    keys = [p.key for p in read(body).problems]
    assert len(set(keys)) == 3


def test_keys_do_not_depend_on_the_version(whole: Summary) -> None:
    later = vsm.read(summary(version="2", identifier="2", problem_label="HTA sévère"))
    assert [p.key for p in later.problems] == [p.key for p in whole.problems]
    assert later.problems[0].label == "HTA sévère"


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("2014", "2014"),
        ("201903", "03/2019"),
        ("20190311", "11/03/2019"),
        ("201903111030", "11/03/2019 10:30"),
        ("20190311103000+0100", "11/03/2019 10:30"),
        ("2019-03-11", "11/03/2019"),
        ("2019-03-11T10:30:00+01:00", "11/03/2019 10:30"),
        ("20190011", "2019"),
        ("20190231", "02/2019"),
        ("20190300", "03/2019"),
        ("hier", "hier"),
        ("", ""),
        ("99999999", "99999999"),
        ("20240106113623+100", "06/01/2024 11:36"),
    ],
)
def test_dates_keep_the_precision_they_have(raw: str, shown: str) -> None:
    body = section("30954-2", "Résultats", "", observation("r-1", "4548-4", "HbA1c", pq("7", "%"), day=raw))
    assert read(body).findings[0].when.said == shown


@pytest.mark.parametrize(
    ("loinc", "said"),
    [
        ("11502-2", "examens biologiques"),
        ("11490-0", "lettre de liaison"),
        ("18748-4", "imagerie"),
        ("87273-9", "vaccination"),
        ("00000-0", "Autre chose"),
    ],
)
def test_other_documents_are_named(loinc: str, said: str) -> None:
    found = read(
        section("30954-2", "Résultats", "", observation("r-1", "4548-4", "HbA1c", pq("7", "%"))),
        kind=loinc,
        kind_system=building.LOINC,
        templates=("2.16.840.1.113883.2.8.2.1",),
        title="Autre chose",
    )
    assert not found.is_summary
    assert said in found.kind
    assert found.findings


def test_a_pdf_in_a_document_is_an_attachment() -> None:
    text = '<text mediaType="application/pdf" representation="B64">JVBERi0xLjc=</text>'
    content_ = document("").replace("<structuredBody/>", tag("nonXMLBody", text)).encode()
    assert b"nonXMLBody" in content_
    found = vsm.read(content_)
    assert [(a.media_type, a.size) for a in found.attachments] == [("application/pdf", 9)]


def test_two_patients_in_one_document_are_said() -> None:
    found = read("", patient=patient_element() + patient_element(ins=""))
    assert any("plusieurs patients" in w for w in found.warnings)


def test_a_vaccination_without_coded_product_is_read_from_its_words() -> None:
    entry = vaccination("v-1", "", "2001").replace(
        "<statusCode", tag("text", tag("reference", value="#v")) + "<statusCode", 1
    )
    found = read(section("11369-6", "Vaccins", table(["Vaccin"], [content("v", "BCG (cicatrice)")]), entry))
    assert [(v.label, v.when.text) for v in found.vaccinations] == [("BCG (cicatrice)", "2001")]
