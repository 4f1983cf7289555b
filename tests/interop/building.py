"""A small builder of CDA R2 documents for tests: fictional people, our own words, several layouts of one summary."""

from xml.sax.saxutils import escape, quoteattr

NS = 'xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:sdtc="urn:hl7-org:sdtc"'
LOINC = "2.16.840.1.113883.6.1"
CIM10 = "2.16.840.1.113883.6.3"
SNOMED = "2.16.840.1.113883.6.96"
CIS = "1.2.250.1.213.2.3.1"
SET = "1.2.250.1.999.7.1"


def attributes(**values: object) -> str:
    return "".join(f" {name.rstrip('_')}={quoteattr(str(value))}" for name, value in values.items() if value is not None)


def tag(name: str, *inside: str, **values: object) -> str:
    body = "".join(inside)
    return f"<{name}{attributes(**values)}>{body}</{name}>" if body else f"<{name}{attributes(**values)}/>"


def code(name: str, value: str, system: str, label: str, *inside: str, kind: str = "") -> str:
    more = f' xsi:type="{kind}"' if kind else ""
    body = "".join(inside)
    head = f"<{name}{more}{attributes(code=value, codeSystem=system, displayName=label)}"
    return f"{head}>{body}</{name}>" if body else f"{head}/>"


def template(*roots: str) -> str:
    return "".join(tag("templateId", root=root) for root in roots)


def ref(target: str) -> str:
    return tag("text", tag("reference", value=f"#{target}"))


def interval(low: str = "", high: str = "", kind: str = "") -> str:
    more = f' xsi:type="{kind}"' if kind else ""
    parts = (tag("low", value=low) if low else "") + (tag("high", value=high) if high else "")
    return f"<effectiveTime{more}>{parts}</effectiveTime>" if parts else '<effectiveTime nullFlavor="UNK"/>'


def table(headings: list[str], *lines: list[str]) -> str:
    head = tag("thead", tag("tr", *(tag("th", escape(h)) for h in headings)))
    body = tag("tbody", *(tag("tr", *(tag("td", cell) for cell in line)) for line in lines))
    return tag("table", head, body)


def content(name: str, words: str) -> str:
    return tag("content", escape(words), ID=name)


def section(loinc: str, title: str, text: str, *entries: str, templates: tuple[str, ...] = (), inner: str = "") -> str:
    return tag(
        "component",
        tag(
            "section",
            template(*templates),
            tag("id", root=f"AAAAAAAA-0000-4000-8000-{abs(hash_(title)):012d}"),
            code("code", loinc, LOINC, title) if loinc else "",
            tag("title", escape(title)),
            tag("text", text) if text else "",
            *(tag("entry", entry) for entry in entries),
            inner,
        ),
    )


def hash_(text: str) -> int:
    return sum(ord(c) * (i + 1) for i, c in enumerate(text)) % 10**12


def problem(
    identifier: str,
    icd: str,
    label: str,
    *,
    low: str = "",
    high: str = "",
    status: str = "active",
    target: str = "",
    negated: bool = False,
    system: str = CIM10,
) -> str:
    words = tag("originalText", tag("reference", value=f"#{target}")) if target else ""
    observation = (
        f'<observation classCode="OBS" moodCode="EVN" negationInd="{str(negated).lower()}">'
        + template("1.3.6.1.4.1.19376.1.5.3.1.4.5", "1.2.250.1.213.1.1.3.37")
        + tag("id", root=f"{identifier}-O")
        + code("code", "282291009", SNOMED, "interprétation diagnostique")
        + (ref(target) if target else "")
        + tag("statusCode", code="completed")
        + interval(low, high)
        + code("value", icd, system, label, words, kind="CD")
        + "</observation>"
    )
    return tag(
        "act",
        template("1.3.6.1.4.1.19376.1.5.3.1.4.5.2", "1.2.250.1.213.1.1.3.39"),
        tag("id", root=identifier),
        tag("code", nullFlavor="NA"),
        tag("statusCode", code=status),
        interval(low, high),
        tag("entryRelationship", observation, typeCode="SUBJ"),
        classCode="ACT",
        moodCode="EVN",
    )


def allergy(
    identifier: str,
    agent: str,
    *,
    low: str = "",
    reaction: str = "",
    kind: str = "419199007",
    value: str = "",
    negated: bool = False,
    agent_code: str = "C-22450",
    status: str = "active",
    target: str = "",
) -> str:
    participant = (
        tag(
            "participant",
            tag(
                "participantRole",
                tag("playingEntity", code("code", agent_code, "1.2.250.1.213.2.12", agent), classCode="MMAT"),
                classCode="MANU",
            ),
            typeCode="CSM",
        )
        if agent
        else ""
    )
    effect = (
        tag(
            "entryRelationship",
            tag(
                "observation",
                template("2.16.840.1.113883.10.20.1.54"),
                code("code", "418799008", SNOMED, "symptôme"),
                code("value", "L50.0", CIM10, reaction, kind="CD"),
            ),
            typeCode="MFST",
        )
        if reaction
        else ""
    )
    observation = (
        f'<observation classCode="OBS" moodCode="EVN" negationInd="{str(negated).lower()}">'
        + template("1.3.6.1.4.1.19376.1.5.3.1.4.6", "1.2.250.1.213.1.1.3.41")
        + tag("id", root=f"{identifier}-O")
        + code("code", kind, SNOMED, "allergie")
        + (ref(target) if target else "")
        + tag("statusCode", code="completed")
        + interval(low)
        + (code("value", value, SNOMED, "", kind="CD") if value else "")
        + participant
        + effect
        + "</observation>"
    )
    return tag(
        "act",
        template("1.3.6.1.4.1.19376.1.5.3.1.4.5.3", "1.2.250.1.213.1.1.3.40"),
        tag("id", root=identifier),
        tag("code", nullFlavor="NA"),
        tag("statusCode", code=status),
        interval(),
        tag("entryRelationship", observation, typeCode="SUBJ"),
        classCode="ACT",
        moodCode="EVN",
    )


def treatment(
    identifier: str,
    cis: str,
    label: str,
    *,
    low: str = "",
    high: str = "",
    dose: str = "1",
    unit: str = "{tablet}",
    every: tuple[str, str] | None = ("1", "d"),
    target: str = "",
    mood: str = "EVN",
) -> str:
    rhythm = (
        (
            '<effectiveTime xsi:type="PIVL_TS" operator="A">'
            + tag("period", value=every[0], unit=every[1])
            + "</effectiveTime>"
        )
        if every
        else ""
    )
    return tag(
        "substanceAdministration",
        template("1.3.6.1.4.1.19376.1.5.3.1.4.7", "1.2.250.1.213.1.1.3.42"),
        tag("id", root=identifier),
        ref(target) if target else "",
        tag("statusCode", code="completed"),
        interval(low, high, "IVL_TS"),
        rhythm,
        code("routeCode", "20053000", "0.4.0.127.0.16.1.1.2.1", "Voie orale"),
        tag("doseQuantity", value=dose, unit=unit) if dose else "",
        tag(
            "consumable",
            tag(
                "manufacturedProduct",
                tag(
                    "manufacturedMaterial",
                    code("code", cis, CIS, label, code("translation", "C07AB07", "2.16.840.1.113883.6.73", "bisoprolol")),
                    tag("name", escape(label)),
                ),
            ),
        ),
        classCode="SBADM",
        moodCode=mood,
    )


def vaccination(identifier: str, label: str, day: str, *, lot: str = "", rank: str = "", refused: bool = False) -> str:
    order = (
        tag(
            "entryRelationship",
            tag(
                "observation",
                template("2.16.840.1.113883.10.20.1.46"),
                code("code", "30973-2", LOINC, "Rang"),
                f'<value xsi:type="INT" value="{rank}"/>',
            ),
            typeCode="SUBJ",
        )
        if rank
        else ""
    )
    return tag(
        "substanceAdministration",
        template("1.3.6.1.4.1.19376.1.5.3.1.4.12", "1.2.250.1.213.1.1.3.45"),
        tag("id", root=identifier),
        code("code", "IMMUNIZ", "2.16.840.1.113883.5.4", "Vaccination"),
        tag("statusCode", code="completed"),
        tag("effectiveTime", value=day),
        tag(
            "consumable",
            tag(
                "manufacturedProduct",
                tag("manufacturedMaterial", code("code", "61234567", CIS, label), tag("lotNumberText", escape(lot))),
            ),
        ),
        order,
        classCode="SBADM",
        moodCode="EVN",
        negationInd=str(refused).lower(),
    )


def observation(
    identifier: str, loinc: str, label: str, value: str, *, day: str = "", templates: tuple[str, ...] = (), more: str = ""
) -> str:
    return tag(
        "observation",
        template(*templates),
        tag("id", root=identifier),
        code("code", loinc, LOINC, label),
        tag("statusCode", code="completed"),
        tag("effectiveTime", value=day) if day else "",
        value,
        more,
        classCode="OBS",
        moodCode="EVN",
    )


def pq(value: str, unit: str) -> str:
    return f'<value xsi:type="PQ"{attributes(value=value, unit=unit)}/>'


def patient_element(
    *,
    ins: str = "258071411802517",
    oid: str = "1.2.250.1.213.1.4.10",
    names: str | None = None,
    born: str = "19580714",
    sex: str = "F",
    insee: str = "14118",
    more: str = "",
) -> str:
    names = (
        names
        if names is not None
        else (
            '<family qualifier="BR">LACOSTE</family><given>ODILE JEANNE-MARIE</given><given qualifier="BR">ODILE</given>'
            '<family qualifier="CL">VERNET-DUMAS</family><given qualifier="CL">ODILE</given>'
        )
    )
    place = tag("birthplace", tag("place", tag("addr", tag("county", insee), tag("city", "CABOURG")))) if insee else ""
    return tag(
        "recordTarget",
        tag(
            "patientRole",
            tag("id", extension=ins, root=oid) if ins else "",
            tag("id", extension="77120", root="1.2.250.1.999.5"),
            tag(
                "addr",
                tag("houseNumber", "12"),
                tag("streetName", "rue des Tanneurs"),
                tag("postalCode", "91530"),
                tag("city", "SAINT-AUBIN-SUR-ORGE"),
            ),
            '<telecom value="tel:0612345678" use="MC"/><telecom value="tel:+33169000000" use="H"/>',
            '<telecom value="mailto:odile.vernet@exemple.example"/>',
            tag(
                "patient",
                tag("name", names),
                code("administrativeGenderCode", sex, "2.16.840.1.113883.5.1", "Sexe"),
                tag("birthTime", value=born),
                more,
                place,
            ),
        ),
    )


def professional(family: str = "ROUSSEL", given: str = "Inès", rpps: str = "10001234565") -> str:
    return tag("id", root="1.2.250.1.71.4.2.1", extension=f"8{rpps}") + code(
        "code", "G15_10/SM26", "1.2.250.1.213.1.1.4.5", "Médecin - Médecine générale (SM)"
    )


def document(
    body: str,
    *,
    patient: str | None = None,
    version: str = "1",
    identifier: str = "1",
    set_id: str | None = SET,
    kind: str = "SYNTH",
    kind_system: str = "1.2.250.1.213.1.1.4.12",
    templates: tuple[str, ...] = ("2.16.840.1.113883.2.8.2.1", "1.2.250.1.213.1.1.1.1", "1.2.250.1.213.1.1.1.13"),
    title: str = "Synthèse médicale",
    effective: str = "20240305101500+0100",
    more: str = "",
    encoding: str = "UTF-8",
) -> str:
    who = tag(
        "assignedPerson",
        tag("name", tag("prefix", "MME"), tag("given", "Inès"), tag("family", "ROUSSEL"), tag("suffix", "DR")),
    )
    organization = tag("representedOrganization", tag("name", "Cabinet des Peupliers"))
    author = tag("author", tag("time", value=effective), tag("assignedAuthor", professional(), who, organization))
    treating = tag(
        "participant",
        code("functionCode", "PCP", "2.16.840.1.113883.5.88", "Médecin traitant"),
        tag(
            "associatedEntity",
            professional(),
            tag("associatedPerson", tag("name", tag("given", "Inès"), tag("family", "ROUSSEL"))),
            classCode="PROV",
        ),
        typeCode="INF",
    )
    custodian = tag(
        "custodian",
        tag(
            "assignedCustodian",
            tag(
                "representedCustodianOrganization",
                tag("id", root="1.2.250.1.71.4.2.2", extension="1910000000"),
                tag("name", "Cabinet des Peupliers"),
            ),
        ),
    )
    contact = tag(
        "informant",
        tag(
            "relatedEntity",
            code("code", "DAU", "2.16.840.1.113883.5.111", "Fille"),
            '<telecom value="tel:0698765432"/>',
            tag("relatedPerson", tag("name", tag("given", "Claire"), tag("family", "DUMAS"))),
            classCode="NOK",
        ),
    )
    return (
        f'<?xml version="1.0" encoding="{encoding}"?>\n<?xml-stylesheet type="text/xsl" href="style.xsl"?>\n'
        f"<ClinicalDocument {NS}>"
        + tag("realmCode", code="FR")
        + tag("typeId", root="2.16.840.1.113883.1.3", extension="POCD_HD000040")
        + template(*templates)
        + tag("id", root=f"{SET}.{identifier}")
        + code("code", kind, kind_system, title)
        + tag("title", escape(title))
        + tag("effectiveTime", value=effective)
        + code("confidentialityCode", "N", "2.16.840.1.113883.5.25", "Normal")
        + tag("languageCode", code="fr-FR")
        + (tag("setId", root=set_id) if set_id else "")
        + tag("versionNumber", value=version)
        + (patient if patient is not None else patient_element())
        + author
        + contact
        + custodian
        + treating
        + more
        + tag("component", tag("structuredBody", body))
        + "</ClinicalDocument>"
    )


P1, P2, P3, A1, T1, T2, V1, V2, R1, M1, M2, L1, F1, D1, C1 = (
    f"0000{n:04d}-1111-4222-8333-944444444444" for n in range(1, 16)
)


def full_body(*, dose: str = "1", extra: str = "", problem_label: str = "Hypertension artérielle") -> str:
    """One of each, as a practice software could write it: sub-sections, references, tables."""
    active = section(
        "11450-4",
        "Pathologies en cours",
        table(
            ["Depuis", "Pathologie"],
            ["2014", content("pb1", problem_label)],
            ["03/2019", content("pb2", "Diabète de type 2")],
        ),
        problem(P1, "I10", "Hypertension essentielle (primitive)", low="2014", target="pb1"),
        problem(P2, "E11.9", "Diabète sucré de type 2, sans complication", low="201903", target="pb2"),
        templates=("1.3.6.1.4.1.19376.1.5.3.1.3.6", "1.2.250.1.213.1.1.2.132"),
    )
    past = section(
        "11348-0",
        "Antécédents médicaux",
        table(["Date", "Antécédent"], ["12/05/2001", content("pb3", "Appendicite aiguë")]),
        problem(P3, "K35.8", "Appendicite aiguë, autre", low="20010512", high="20010520", status="completed", target="pb3"),
    )
    allergies = section(
        "48765-2",
        "Allergies",
        table(["Agent", "Réaction"], ["Pénicilline", "Urticaire"]),
        allergy(A1, "Pénicilline", low="1998", reaction="Urticaire"),
    )
    family = section(
        "10157-6",
        "Antécédents familiaux",
        "",
        tag(
            "organizer",
            template("1.2.250.1.213.1.1.3.59"),
            tag("statusCode", code="completed"),
            tag("subject", tag("relatedSubject", code("code", "FTH", "2.16.840.1.113883.5.111", "Père"), classCode="PRS")),
            tag(
                "component",
                observation(
                    F1, "282291009", "diagnostic", code("value", "I21.9", CIM10, "Infarctus du myocarde", kind="CD")
                ),
            ),
            classCode="CLUSTER",
            moodCode="EVN",
        ),
    )
    habits = section(
        "29762-2",
        "Mode de vie",
        table(["Habitude", "Valeur"], [content("tab", "Tabac"), "12 paquets-années, sevré"]),
        observation(
            L1, "74011-8", "Consommation tabagique", pq("12", "{pack}/a"), templates=("1.2.250.1.213.1.1.3.52",), more=""
        ),
    )
    medicines = section(
        "10160-0",
        "Traitements au long cours",
        table(
            ["Médicament", "Posologie"],
            [content("med1", "BISOPROLOL 5 mg, comprimé"), "1 cp/j"],
            [content("med2", "METFORMINE 1000 mg, comprimé"), "2 cp/j"],
        ),
        treatment(T1, "60000001", "BISOPROLOL 5 mg, comprimé", low="20140601", dose=dose, target="med1"),
        treatment(T2, "60000002", "METFORMINE 1000 mg, comprimé", low="201903", dose="1", every=("12", "h"), target="med2"),
    )
    vaccines = section(
        "11369-6",
        "Vaccinations",
        "",
        vaccination(V1, "REPEVAX", "20190910", lot="X12Y", rank="4"),
        vaccination(V2, "VACCIN GRIPPAL", "20231015", refused=True),
    )
    results = section(
        "30954-2",
        "Résultats",
        "",
        tag(
            "organizer",
            tag("id", root=C1),
            code("code", "18719-5", LOINC, "Biochimie"),
            tag("statusCode", code="completed"),
            tag(
                "component",
                observation(
                    R1,
                    "4548-4",
                    "Hémoglobine A1c",
                    pq("7.2", "%"),
                    day="20240220",
                    more=code("interpretationCode", "H", "2.16.840.1.113883.5.83", "Haut")
                    + tag(
                        "referenceRange",
                        tag("observationRange", f'<value xsi:type="IVL_PQ">{tag("high", value="6.0", unit="%")}</value>'),
                    ),
                ),
            ),
            classCode="BATTERY",
            moodCode="EVN",
        ),
    )
    vitals = section(
        "8716-3",
        "Mesures",
        "",
        tag(
            "organizer",
            tag("id", root=D1),
            code("code", "46680005", SNOMED, "Signes vitaux"),
            tag("effectiveTime", value="20240305"),
            tag("component", observation(M1, "29463-7", "Poids", pq("72.5", "kg"))),
            tag("component", observation(M2, "8480-6", "PA systolique", pq("148", "mm[Hg]"), day="20240305")),
            classCode="CLUSTER",
            moodCode="EVN",
        ),
    )
    words = section("10161-8", "Facteurs de risques professionnels", "Teinturerie pendant vingt ans (solvants)")
    return active + past + allergies + family + habits + medicines + vaccines + results + vitals + words + extra


def summary(**options: object) -> bytes:
    """A complete fictional summary, in UTF-8."""
    body = {name: options.pop(name) for name in ("dose", "extra", "problem_label") if name in options}
    return document(full_body(**body), **options).encode()  # type: ignore[arg-type]
