"""What attacks, accidents and other kinds of files get: a named refusal with a French sentence, and nothing else."""

import codecs
import io
import socket
import zipfile
import zlib

import pytest
from lxml import etree

from permanence.interop.cda import refusals, vsm
from permanence.interop.cda.xml import MAX_BYTES, MAX_DEPTH, parse
from tests.interop.building import document, section, summary

GOOD = summary().decode()
BODY = GOOD.split("?>", 2)[2]


def refused(content: bytes, kind: type[refusals.CdaRefused]) -> str:
    with pytest.raises(kind) as refusal:
        vsm.read(content)
    assert refusal.value.sentence.endswith(".")
    assert refusal.value.code
    return refusal.value.sentence


def with_prolog(prolog: str, body: str = BODY) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{prolog}\n{body}'.encode()


@pytest.mark.parametrize(
    "prolog",
    [
        '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE x [<!ENTITY f SYSTEM "http://127.0.0.1:9/x">]>',
        '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x.dtd"> %p;]>',
        '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">',
        '<!DOCTYPE x PUBLIC "-//W3C//DTD XHTML 1.0//EN" "http://127.0.0.1:9/x.dtd">',
        "<!-- quiet --><?pi ?>\n<!DOCTYPE ClinicalDocument>",
        '<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>',
        '<!DOCTYPE q [<!ENTITY a "' + "a" * 50_000 + '">]>',
        '<!ENTITY x "y">',
    ],
)
def test_a_document_type_is_refused_before_the_parser_sees_it(prolog: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(etree, "XMLPullParser", lambda **_: pytest.fail("the parser saw it"))
    assert "DOCTYPE" in refused(with_prolog(prolog, BODY.replace("LACOSTE", "LACOSTE")), refusals.UnsafeXml)


def test_an_entity_that_nothing_declares_is_malformed_and_never_resolved() -> None:
    refused(GOOD.replace("CABOURG", "&secret;").encode(), refusals.NotXml)


def test_a_document_type_inside_the_body_is_malformed() -> None:
    refused(GOOD.replace("<title>", '<!DOCTYPE x [<!ENTITY a "b">]><title>', 1).encode(), refusals.NotXml)


def test_an_inclusion_is_refused_and_opens_nothing() -> None:
    include = '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/>'
    assert "XInclude" in refused(GOOD.replace("</title>", f"</title>{include}", 1).encode(), refusals.UnsafeXml)


def test_processing_instructions_are_ignored_and_fetch_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "create_connection", lambda *_, **__: pytest.fail("the network was reached"))
    sheet = '<?xml-stylesheet type="text/xsl" href="http://127.0.0.1:9/evil.xsl"?><?php echo 1 ?>'
    assert vsm.read(with_prolog(sheet)).patient.birth_family == "LACOSTE"


def test_a_schema_location_fetches_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "create_connection", lambda *_, **__: pytest.fail("the network was reached"))
    located = GOOD.replace(
        "<ClinicalDocument ", '<ClinicalDocument xsi:schemaLocation="urn:hl7-org:v3 http://127.0.0.1:9/CDA.xsd" '
    )
    assert vsm.read(located.encode()).is_summary


def test_many_small_expansions_have_nothing_to_expand() -> None:
    """Quadratic blow-up needs an entity; character references stay themselves."""
    text = section("48767-8", "Remarques", "&#65;" * 2000)
    assert "A" * 2000 in vsm.read(document(text).encode()).texts[0].lines[0]


@pytest.mark.parametrize("content", [b"", b"   \n\t ", b"\xef\xbb\xbf  "])
def test_an_empty_file_is_said_to_be_empty(content: bytes) -> None:
    with pytest.raises(refusals.CdaRefused) as refusal:
        parse(content)
    assert refusal.value.code in ("empty", "not_xml")


def test_more_than_twenty_megabytes_are_not_read() -> None:
    assert "20\u00a0Mo" in refused(GOOD.encode() + b" " * MAX_BYTES, refusals.TooLarge)


def test_an_archive_is_named_as_an_archive() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("IHE_XDM/SUBSET01/DOC1.XML", GOOD)
    assert "archive ZIP" in refused(buffer.getvalue(), refusals.NotXml)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"%PDF-1.7\n%\xe2\xe3", "un PDF"),
        (b"\x1f\x8b" + zlib.compress(b"x"), "un fichier compress"),
        (b"MSH|^~\\&|LABO|", "HL7 v2"),
        (b'{"resourceType":"Bundle"}', "JSON"),
        (b"{\\rtf1 x}", "RTF"),
        (b"\x89PNG\r\n", "image"),
        (b"Nom;Prenom;Naissance\nLACOSTE;Odile;14/07/1958", "pas du XML"),
    ],
)
def test_other_kinds_of_files_are_named(content: bytes, said: str) -> None:
    assert said in refused(content, refusals.NotXml)


def test_nul_bytes_are_refused() -> None:
    assert "octets nuls" in refused(GOOD.replace("CABOURG", "CAB\x00OURG").encode(), refusals.NotXml)


def test_control_characters_are_refused() -> None:
    refused(GOOD.replace("CABOURG", "CAB\x07OURG").encode(), refusals.NotXml)


@pytest.mark.parametrize("name", ["UTF-7", "utf-32", "IBM037", "x-made-up", "utf-8; drop"])
def test_an_encoding_that_is_not_read_here_is_refused(name: str) -> None:
    text = GOOD.replace('encoding="UTF-8"', f'encoding="{name}"')
    with pytest.raises(refusals.CdaRefused) as refusal:
        vsm.read(text.encode("utf-8"))
    assert isinstance(refusal.value, refusals.WrongEncoding | refusals.NotXml)


def test_a_document_type_hidden_in_utf_7_is_refused() -> None:
    hidden = GOOD.replace('encoding="UTF-8"', 'encoding="UTF-7"').encode() + "+ADw-".encode("ascii")
    refused(hidden, refusals.WrongEncoding)


def test_latin_bytes_announced_as_utf_8_are_refused() -> None:
    assert "s’annonce en UTF-8" in refused(GOOD.encode("latin-1"), refusals.WrongEncoding)


def test_utf_8_bytes_announced_as_latin_are_refused() -> None:
    text = GOOD.replace('encoding="UTF-8"', 'encoding="ISO-8859-1"')
    assert "écrit en UTF-8" in refused(text.encode(), refusals.WrongEncoding)


def test_a_byte_order_mark_that_contradicts_the_declaration_is_refused() -> None:
    refused(codecs.BOM_UTF8 + GOOD.replace("UTF-8", "ISO-8859-1", 1).encode(), refusals.WrongEncoding)
    refused(codecs.BOM_UTF16_LE + GOOD.encode("utf-16-le"), refusals.WrongEncoding)


def test_utf_16_without_its_mark_is_refused() -> None:
    refused(GOOD.replace("UTF-8", "UTF-16", 1).encode("utf-16-le"), refusals.WrongEncoding)
    refused(GOOD.replace("UTF-8", "UTF-16", 1).encode("utf-16-be"), refusals.WrongEncoding)
    refused(GOOD.replace("UTF-8", "UTF-16", 1).encode(), refusals.WrongEncoding)


def test_utf_32_is_refused() -> None:
    refused(GOOD.encode("utf-32"), refusals.WrongEncoding)


def test_the_three_encodings_of_the_field_are_read_alike() -> None:
    expected = vsm.read(GOOD.encode())
    latin = GOOD.replace("UTF-8", "ISO-8859-1", 1)
    for content in (
        codecs.BOM_UTF8 + GOOD.encode(),
        latin.encode("latin-1"),
        GOOD.replace("UTF-8", "UTF-16", 1).encode("utf-16"),
        GOOD.replace(' encoding="UTF-8"', "", 1).encode(),
        ("\r\n  " + GOOD).encode(),
    ):
        found = vsm.read(content)
        assert (found.problems, found.patient, found.treatments) == (
            expected.problems,
            expected.patient,
            expected.treatments,
        )


def test_windows_characters_under_a_latin_label_are_read_and_said() -> None:
    text = GOOD.replace("UTF-8", "ISO-8859-1", 1).replace("pendant vingt ans", "pendant vingt ans d’atelier")
    found = vsm.read(text.encode("cp1252"))
    assert "d’atelier" in found.texts[0].lines[0]
    assert any("Windows-1252" in warning for warning in found.warnings)


def test_accents_broken_before_sending_are_said() -> None:
    broken = GOOD.replace("Hypertension artérielle", "Hypertension artÃ©rielle")
    assert any("accents" in warning for warning in vsm.read(broken.encode()).warnings)


@pytest.mark.parametrize("share", [0.02, 0.3, 0.5, 0.9, 0.999])
def test_a_cut_document_is_said_to_be_cut(share: float) -> None:
    content = GOOD.encode()
    cut = content[: int(len(content) * share)].decode(errors="ignore").encode()
    assert "coupé" in refused(cut, refusals.Truncated)


def test_malformed_xml_gives_its_line() -> None:
    assert "ligne" in refused(GOOD.replace("</title>", "</titre>", 1).encode(), refusals.NotXml)


def test_depth_is_bounded() -> None:
    for depth in (MAX_DEPTH + 5, 5_000):
        deep = "<content>" * depth + "x" + "</content>" * depth
        refused(document(section("48767-8", "Profond", deep)).encode(), refusals.TooComplex)


def test_number_of_elements_and_attributes_is_bounded() -> None:
    refused(document(section("48767-8", "Foule", "<br/>" * 450_000)).encode(), refusals.TooComplex)
    crowd = "".join(f' a{i}=""' for i in range(900_000))
    refused(GOOD.replace("<title>", f"<title{crowd}>", 1).encode(), refusals.TooComplex)


def test_a_piece_beyond_ten_megabytes_in_one_element_is_refused() -> None:
    media = f'<value mediaType="application/pdf" representation="B64">{"QUJD" * 2_700_000}</value>'
    refused(GOOD.replace("</title>", f"</title>{media}", 1).encode(), refusals.TooComplex)


@pytest.mark.parametrize(
    ("xml", "said"),
    [
        ("<html><body/></html>", "page web"),
        ('<Bundle xmlns="http://hl7.org/fhir"/>', "FHIR"),
        ('<ClinicalDocument xmlns="urn:hl7-org:v2"/>', "ClinicalDocument"),
        ("<ClinicalDocument/>", "ClinicalDocument"),
        ('<levelone xmlns="urn:hl7-org:v1"/>', "R1"),
        ('<RetrieveValueSetResponse xmlns="urn:ihe:iti:svs:2008"/>', "terminologie"),
        ("<facture/>", "facture"),
    ],
)
def test_other_xml_is_named(xml: str, said: str) -> None:
    assert said in refused(xml.encode(), refusals.NotCda)


def test_an_almost_empty_document_is_read_as_such() -> None:
    found = vsm.read(b'<ClinicalDocument xmlns="urn:hl7-org:v3"/>')
    assert not found.is_summary
    assert found.patient.birth_family == ""


def test_a_prefix_instead_of_a_default_namespace_is_read_alike() -> None:
    prefixed = GOOD.replace('xmlns="urn:hl7-org:v3"', 'xmlns:cda="urn:hl7-org:v3"')
    root = etree.fromstring(GOOD.encode())
    renamed = prefixed
    for name in sorted({etree.QName(e).localname for e in root.iter(etree.Element)}):
        renamed = renamed.replace(f"<{name}>", f"<cda:{name}>").replace(f"<{name} ", f"<cda:{name} ")
        renamed = renamed.replace(f"<{name}/>", f"<cda:{name}/>").replace(f"</{name}>", f"</cda:{name}>")
    assert vsm.read(renamed.encode()).problems == vsm.read(GOOD.encode()).problems
