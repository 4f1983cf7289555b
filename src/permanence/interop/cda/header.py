"""The head of a CDA document: the document itself, the patient's identity, the people around them."""

import re

from permanence.interop.cda import codes
from permanence.interop.cda.narrative import local, words
from permanence.interop.cda.reading import Element, Reading
from permanence.interop.cda.values import Address, Header, Id, Patient, Person, Telecom
from permanence.lib.text import collapse

_LINES = (
    "streetAddressLine",
    "unitID",
    "additionalLocator",
    "buildingNumberSuffix",
    "deliveryAddressLine",
    "postBox",
    "precinct",
    "censusTract",
)
_CONTACT_ROLES = {
    "ECON": "personne à prévenir",
    "NOK": "personne de confiance",
    "CAREGIVER": "aidant",
    "GUARD": "tuteur",
    "POLHOLD": "assuré",
}
_PARTICIPATIONS = {
    "REF": "prescripteur",
    "INF": "informateur",
    "authenticator": "signataire",
    "informant": "informateur",
    "informationRecipient": "destinataire",
    "dataEnterer": "saisie",
}


def read_header(reading: Reading) -> Header:
    """Everything before the body but the patient."""
    root = reading.root
    templates = tuple((t.get("root") or "").strip() for t in root.iterchildren("{*}templateId"))
    version = root.find("{*}versionNumber")
    reading.use(version)
    number = (version.get("value") or "").strip() if version is not None else ""
    for plain in ("title", "languageCode", "realmCode", "typeId", "templateId"):
        reading.use_all(root.find(f"{{*}}{plain}"))
    language = root.find("{*}languageCode")
    return Header(
        id=reading.id(root.find("{*}id")),
        set_id=reading.id(root.find("{*}setId")),
        version=int(number) if re.fullmatch(r"\d{1,9}", number, re.ASCII) else 0,
        code=reading.code(root.find("{*}code")),
        title=_text(root, "title"),
        effective=reading.when(root.find("{*}effectiveTime")),
        confidentiality=reading.code(root.find("{*}confidentialityCode")),
        language=(language.get("code") or "") if language is not None else "",
        templates=templates,
        authors=tuple(p for e in root.iterchildren("{*}author") if (p := _author(reading, e))),
        custodian=_custodian(reading, root),
        legal_authenticator=_authenticator(reading, root),
        treating=_treating(reading, root),
        contacts=_contacts(reading, root),
        participants=_participants(reading, root),
        replaces=tuple(i for e in root.iterfind("{*}relatedDocument/{*}parentDocument/{*}id") if (i := reading.id(e))),
        service_events=tuple(
            c for e in root.iterfind("{*}documentationOf/{*}serviceEvent/{*}code") if (c := reading.code(e))
        ),
    )


def read_patient(reading: Reading) -> Patient:
    """The first recordTarget. A document about several patients is said so."""
    targets = list(reading.root.iterchildren("{*}recordTarget"))
    if len(targets) > 1:
        reading.warn("Le document concerne plusieurs patients : seul le premier est lu.")
    role = targets[0].find("{*}patientRole") if targets else None
    if role is None:
        return Patient()
    ids = tuple(i for e in role.iterchildren("{*}id") if (i := reading.id(e)))
    ins = next((i for oid in codes.INS_OIDS for i in ids if i.root == oid and i.extension), Id())
    social = next((i.extension for i in ids if i.root == codes.SOCIAL_SECURITY), "")
    person = role.find("{*}patient")
    traits = _traits(reading, person) if person is not None else Patient()
    others = tuple(i for i in ids if i not in (ins, Id()) and i.root != codes.SOCIAL_SECURITY)
    return Patient(
        birth_family=traits.birth_family,
        first_given=traits.first_given,
        given_names=traits.given_names,
        used_family=traits.used_family,
        used_given=traits.used_given,
        birth=traits.birth,
        sex=traits.sex,
        birth_place_insee=traits.birth_place_insee,
        birth_place_name=traits.birth_place_name,
        ins=ins.extension.replace(" ", "").upper(),
        ins_oid=ins.root,
        nir=social.replace(" ", "").upper(),
        ids=others,
        address=read_address(reading, role.find("{*}addr")),
        telecoms=read_telecoms(reading, role),
        guardians=traits.guardians,
        deceased=traits.deceased,
    )


def _traits(reading: Reading, person: Element) -> Patient:
    family, given = _names(reading, person)
    first = _first(given, "BR") or (_split(_first(given, ""))[:1] or [""])[0] or _first(given, "CL") or _first(given, "SP")
    listed = [name for qualifier, said in given if qualifier == "" for name in _split(said)]
    birth_family = _first(family, "BR") or _first(family, "") or _first(family, "SP") or _first(family, "CL")
    if family and not _first(family, "BR"):
        reading.warn("Le document ne dit pas quel nom est le nom de naissance : vérifier l’identité.")
    place = person.find("{*}birthplace/{*}place")
    address = read_address(reading, place.find("{*}addr")) if place is not None else Address()
    sex = person.find("{*}administrativeGenderCode")
    sex_code = reading.code(sex)
    return Patient(
        birth_family=birth_family,
        first_given=first,
        given_names=tuple(listed or ([first] if first else [])),
        used_family=_first(family, "CL") or _first(family, "SP"),
        used_given=_first(given, "CL") or _first(given, "SP"),
        birth=reading.when(person.find("{*}birthTime")),
        sex={"M": "M", "F": "F", "U": "I", "UN": "I"}.get(sex_code.code, ""),
        birth_place_insee=address.insee,
        birth_place_name=address.city or _text(place, "name"),
        guardians=tuple(p for e in person.iterchildren("{*}guardian") if (p := _guardian(reading, e))),
        deceased=reading.when(person.find("{*}deceasedTime")),
    )


def _names(reading: Reading, person: Element) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """(qualifier, text) of every family name and given name, over all `name` elements (use L and legal ones first)."""
    family: list[tuple[str, str]] = []
    given: list[tuple[str, str]] = []
    for name in sorted(person.iterchildren("{*}name"), key=lambda n: (n.get("use") or "L") not in ("L", "C")):
        alias = "CL" if (name.get("use") or "") in ("A", "P", "ASGN") else ""
        reading.use(name)
        for part in name.iterchildren("{*}family", "{*}given"):
            reading.use(part)
            said = collapse(part.text or "")
            qualifier = (part.get("qualifier") or alias).split(" ")[0].upper()
            if said:
                (family if local(part) == "family" else given).append((qualifier, said))
        for other in name.iterchildren("{*}prefix", "{*}suffix", "{*}delimiter", "{*}validTime"):
            reading.use_all(other)
    return family, given


def _first(parts: list[tuple[str, str]], qualifier: str) -> str:
    return next((said for found, said in parts if found == qualifier), "")


def _split(names: str) -> list[str]:
    """« DOMINIQUE MARIE-LOUISE » names two; hyphens bind (INS, strict traits)."""
    return [name for name in re.split(r"[\s,;]+", names) if name]


def _text(element: Element | None, name: str) -> str:
    found = element.find(f"{{*}}{name}") if element is not None else None
    return words(found) if found is not None else ""


def read_address(reading: Reading, element: Element | None) -> Address:
    """An AD: street and number on one line, the rest on their own; free text when it is not structured."""
    if element is None:
        return Address()
    reading.use_all(element)
    street = " ".join(
        p
        for p in (
            _text(element, "houseNumber"),
            _text(element, "houseNumberNumeric"),
            _text(element, "streetNameType"),
            _text(element, "streetName"),
        )
        if p
    )
    others = [words(e) for name in _LINES for e in element.iterchildren(f"{{*}}{name}")]
    loose = collapse(" ".join([element.text or "", *(child.tail or "" for child in element)]))
    return Address(
        tuple(line for line in (street, *others, loose) if line),
        _text(element, "postalCode"),
        _text(element, "city"),
        _text(element, "country"),
        (element.get("use") or "").strip(),
        _text(element, "county"),
    )


def read_telecoms(reading: Reading, element: Element) -> tuple[Telecom, ...]:
    """TEL values with their scheme; MSSanté addresses are named as such."""
    found = []
    for telecom in element.iterchildren("{*}telecom"):
        reading.use(telecom)
        scheme, _, rest = collapse(telecom.get("value") or "").partition(":")
        value = rest or scheme
        if not value or (not rest and scheme in ("tel", "mailto", "fax")):
            continue
        kind = {"tel": "phone", "fax": "fax", "mailto": "email", "http": "web", "https": "web"}.get(scheme.lower(), "")
        kind = kind or ("email" if "@" in value else "phone" if re.fullmatch(r"[+\d .()-]{6,}", value) else "other")
        if kind == "email" and ".mssante." in f"{value.lower()}.":
            kind = "mssante"
        if kind in ("web", "other") and rest:
            value = f"{scheme}:{rest}"
        found.append(Telecom(kind, value, (telecom.get("use") or "").strip()))
    return tuple(dict.fromkeys(found))


def read_person(reading: Reading, assigned: Element | None, *, role: str = "") -> Person:
    """An assignedAuthor, assignedEntity, associatedEntity, relatedEntity, guardian: all alike enough."""
    if assigned is None:
        return Person(role=role)
    reading.use_all(assigned)
    ids = _ids(reading, assigned)
    holder = next(
        assigned.iterchildren(
            "{*}assignedPerson", "{*}associatedPerson", "{*}relatedPerson", "{*}guardianPerson", "{*}informationRecipient"
        ),
        None,
    )
    name = holder.find("{*}name") if holder is not None else None
    family = _text(name, "family")
    if name is not None and not family and not len(name):
        family = words(name)
    organization = next(
        assigned.iterchildren(
            "{*}representedOrganization", "{*}scopingOrganization", "{*}guardianOrganization", "{*}receivedOrganization"
        ),
        None,
    )
    device = assigned.find("{*}assignedAuthoringDevice")
    relation = reading.code(assigned.find("{*}code"))
    return Person(
        role=role,
        prefix=_text(name, "prefix"),
        given=_text(name, "given"),
        family=family,
        suffix=_text(name, "suffix"),
        ids=ids,
        rpps=rpps_of(ids),
        specialty=relation,
        organization=_text(organization, "name") or _text(device, "softwareName"),
        organization_ids=_ids(reading, organization),
        relation=relation.label,
        telecoms=read_telecoms(reading, assigned),
        address=read_address(reading, assigned.find("{*}addr")),
    )


def _ids(reading: Reading, element: Element | None) -> tuple[Id, ...]:
    return tuple(i for e in element.iterchildren("{*}id") if (i := reading.id(e))) if element is not None else ()


def rpps_of(ids: tuple[Id, ...]) -> str:
    """The RPPS number: IDNPS is "8" before it (ANS, annexe sources des données)."""
    for i in ids:
        number = re.sub(r"\s", "", i.extension)
        if i.root == codes.PS_OID and re.fullmatch(r"8\d{11}", number, re.ASCII):
            return number[1:]
        if i.root == codes.PS_OID and re.fullmatch(r"\d{11}", number, re.ASCII):
            return number
    return ""


def _with_time(reading: Reading, holder: Element, person: Person) -> Person:
    """The same person, with the participation's time."""
    when = reading.when(holder.find("{*}time"))
    return Person(**{name: getattr(person, name) for name in Person.__dataclass_fields__} | {"time": when})


def _author(reading: Reading, element: Element) -> Person:
    role = reading.code(element.find("{*}functionCode"))
    return _with_time(reading, element, read_person(reading, element.find("{*}assignedAuthor"), role=role.label))


def _guardian(reading: Reading, element: Element) -> Person:
    return read_person(reading, element, role="représentant")


def _custodian(reading: Reading, root: Element) -> Person:
    organization = root.find("{*}custodian/{*}assignedCustodian/{*}representedCustodianOrganization")
    if organization is None:
        return Person()
    reading.use_all(organization)
    return Person(
        role="conservation",
        organization=_text(organization, "name"),
        organization_ids=tuple(i for e in organization.iterchildren("{*}id") if (i := reading.id(e))),
        telecoms=read_telecoms(reading, organization),
        address=read_address(reading, organization.find("{*}addr")),
    )


def _authenticator(reading: Reading, root: Element) -> Person:
    element = root.find("{*}legalAuthenticator")
    if element is None:
        return Person()
    reading.use_all(element.find("{*}signatureCode"))
    return _with_time(reading, element, read_person(reading, element.find("{*}assignedEntity"), role="responsable"))


def _treating(reading: Reading, root: Element) -> Person:
    """The médecin traitant: functionCode PCP of a participant, else of an author (VSM 1.4)."""
    for element in (*root.iterchildren("{*}participant"), *root.iterchildren("{*}author")):
        function = element.find("{*}functionCode")
        if function is None or (function.get("code") or "") != "PCP":
            continue
        reading.use(function)
        who = next(element.iterchildren("{*}associatedEntity", "{*}assignedAuthor"), None)
        return _with_time(reading, element, read_person(reading, who, role="médecin traitant"))
    return Person()


def _contacts(reading: Reading, root: Element) -> tuple[Person, ...]:
    """Trusted person, person to warn: informants and participants that are related to the patient."""
    found = []
    for element in root.iterchildren("{*}informant", "{*}participant"):
        related = next(element.iterchildren("{*}relatedEntity"), None)
        if related is None:
            related = next(
                (e for e in element.iterchildren("{*}associatedEntity") if e.get("classCode") in _CONTACT_ROLES), None
            )
        if related is None:
            continue
        kind = _CONTACT_ROLES.get(related.get("classCode") or "", "") or "entourage"
        reading.use_all(element.find("{*}functionCode"))
        if person := read_person(reading, related, role=kind):
            found.append(person)
    return tuple(found)


def _participants(reading: Reading, root: Element) -> tuple[Person, ...]:
    """Everyone else in the head: prescriber, sampler, correspondent, recipient, second signature."""
    found = []
    for element in root.iterchildren(
        "{*}participant", "{*}informant", "{*}authenticator", "{*}informationRecipient", "{*}dataEnterer"
    ):
        who = next(element.iterchildren("{*}associatedEntity", "{*}assignedEntity", "{*}intendedRecipient"), None)
        if who is None or reading.used(who):
            continue
        function = reading.code(element.find("{*}functionCode"))
        role = function.label or _PARTICIPATIONS.get(element.get("typeCode") or local(element), "")
        reading.use_all(element.find("{*}functionCode"))
        reading.use_all(element.find("{*}signatureCode"))
        if person := read_person(reading, who, role=role):
            found.append(_with_time(reading, element, person))
        reading.use_all(element.find("{*}time"))
    return tuple(found)
