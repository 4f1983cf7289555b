"""From bytes to a checked XML tree: size, encoding, no document type, no entity, no inclusion, bounded depth and number.

The rules are those of OWASP's XML security guide, applied before the parser sees a byte: the text is decoded once, here, and
a document type is refused by reading the prolog, so that no entity is ever declared.
"""

import codecs
import re
from dataclasses import dataclass

from lxml import etree

from permanence.interop.cda.refusals import (
    MAX_BYTES,
    EmptyFile,
    NotCda,
    NotXml,
    TooComplex,
    Truncated,
    UnsafeXml,
    WrongEncoding,
    guillemets,
    too_large,
)
from permanence.lib.text import NBSP, NNBSP

V3 = "urn:hl7-org:v3"
XINCLUDE = "http://www.w3.org/2001/XInclude"
MAX_TAGS = 400_000
MAX_ATTRIBUTES = 800_000
MAX_DEPTH = 120
_CHUNK = 64 * 1024

_DECLARED = re.compile(r"""(?:\xef\xbb\xbf)?\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z][A-Za-z0-9._-]*)["']""")
_READ = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "ascii",
    "ascii": "ascii",
    "iso-8859-1": "latin-1",
    "latin1": "latin-1",
    "iso8859-1": "latin-1",
    "iso-8859-15": "iso8859-15",
    "windows-1252": "cp1252",
    "cp1252": "cp1252",
    "utf-16": "utf-16",
    "utf-16le": "utf-16",
    "utf-16be": "utf-16",
}
_SHOWN = {
    "utf-8": "UTF-8",
    "ascii": "US-ASCII",
    "latin-1": "ISO-8859-1",
    "iso8859-15": "ISO-8859-15",
    "cp1252": "Windows-1252",
    "utf-16": "UTF-16",
}
_PROLOG_ITEM = re.compile(r"\s+|<\?.*?\?>|<!--.*?-->", re.DOTALL)
_MOJIBAKE = re.compile("Ã[\u00a0©¨ª´®§¢»¯‰€™‡]")
_AGAIN = "Demander un nouvel export du document à son auteur."
_EXPORT = "Demander à l’expéditeur un export du document en XML, encodé en UTF-8."


@dataclass(frozen=True, slots=True)
class Tree:
    """A checked document: its root, the encoding it was read in, and French remarks for the import screen."""

    root: etree._Element
    encoding: str
    remarks: tuple[str, ...] = ()


def parse(content: bytes) -> Tree:
    """Read bytes as safe XML. Raises one of the `CdaRefused`, never anything else."""
    if not content.strip():
        raise EmptyFile(f"Le fichier est vide. {_AGAIN}")
    if len(content) > MAX_BYTES:
        raise too_large(len(content))
    _refuse_other_kinds(content)
    text, encoding, remarks = _decode(content)
    if "\x00" in text:
        raise NotXml(
            f"Le fichier contient des octets nuls{NBSP}: il a été abîmé pendant le transfert, ou ce n’est pas du "
            f"XML. {_AGAIN}"
        )
    _refuse_document_type(text)
    _refuse_crowds(text)
    if _MOJIBAKE.search(text):
        remarks = (
            *remarks,
            f"Des accents semblent avoir été abîmés avant l’envoi ({guillemets('Ã©')} au lieu de "
            f"{guillemets('é')}){NBSP}: relire les libellés.",
        )
    return Tree(_build(text), encoding, remarks)


def parse_clinical_document(content: bytes) -> Tree:
    """The same, for a root that is a CDA R2 ClinicalDocument. Raises `NotCda` for other XML."""
    tree = parse(content)
    refuse_other_roots(tree.root)
    return tree


def refuse_other_roots(root: etree._Element) -> None:
    """Raises `NotCda`, naming what the document seems to be."""
    name = etree.QName(root)
    if name.localname == "ClinicalDocument" and name.namespace == V3:
        return
    known = {
        "levelone": "un CDA de première génération (R1)",
        "Bundle": "des données FHIR",
        "RetrieveValueSetResponse": "un jeu de valeurs (terminologie)",
        "html": "une page web",
    }
    what = known.get(name.localname) or f"du XML d’un autre type ({guillemets(name.localname[:60])})"
    raise NotCda(
        f"Ce n’est pas un document CDA R2{NBSP}: le fichier contient {what}. Importer le document médical "
        "lui-même, ou classer ce fichier comme simple pièce jointe."
    )


def _refuse_other_kinds(content: bytes) -> None:
    """Files that people take for the document: say what they are."""
    start = content[:1024].lstrip()
    if content.startswith(b"PK\x03\x04"):
        raise NotXml(
            f"C’est une archive ZIP, pas un document XML{NBSP}: ouvrir l’archive et importer le fichier XML "
            f"qu’elle contient (dossier {guillemets('IHE_XDM')} pour un envoi par messagerie)."
        )
    kinds = {
        b"%PDF": "un PDF",
        b"\x1f\x8b": "un fichier compressé",
        b"MSH|": "un message HL7 v2",
        b"{\\rtf": "un texte RTF",
        b"\x89PNG": "une image",
        b"\xff\xd8\xff": "une image",
        b"{": "du JSON",
    }
    for magic, kind in kinds.items():
        if start.startswith(magic):
            raise NotXml(
                f"C’est {kind}, pas un document XML{NBSP}: le classer dans les documents du patient, ou demander "
                "la synthèse au format CDA."
            )


def _decode(content: bytes) -> tuple[str, str, tuple[str, ...]]:
    """The text, the encoding's name, remarks. A byte order mark and the declaration must tell the same."""
    marked = _marked(content)
    head = content[:400].decode("utf-16" if marked == "utf-16" else "latin-1", errors="replace")
    declared_as = _DECLARED.match(head)
    name = declared_as[1].lower() if declared_as else marked or "utf-8"
    declared = _READ.get(name)
    if declared is None:
        raise WrongEncoding(
            f"Le fichier s’annonce en {guillemets(name[:30])}, un encodage qui n’est pas lu ici (UTF-8, "
            f"ISO-8859-1 ou UTF-16). {_EXPORT}"
        )
    if marked and declared not in (marked, "ascii" if marked == "utf-8" else marked):
        raise _disagree(declared, marked)
    if declared == "utf-16" and not marked:
        raise WrongEncoding(
            f"Le fichier s’annonce en UTF-16 sans en porter la marque{NBSP}: il a été transformé en chemin. {_EXPORT}"
        )
    return _strictly(content, declared)


def _marked(content: bytes) -> str:
    """The encoding that a byte order mark names, or ""."""
    if content.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise WrongEncoding(f"Le fichier est en UTF-32, un encodage qui n’est pas lu ici. {_EXPORT}")
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if content.startswith(codecs.BOM_UTF8):
        return "utf-8"
    if content[:2] in (b"<\x00", b"\x00<"):
        raise WrongEncoding(
            f"Le fichier est en UTF-16 sans la marque qui l’annonce{NBSP}: il ne peut pas être lu avec certitude. {_EXPORT}"
        )
    return ""


def _strictly(content: bytes, declared: str) -> tuple[str, str, tuple[str, ...]]:
    try:
        text = content.decode("utf-8-sig" if declared == "utf-8" else declared)
    except UnicodeDecodeError as wrong:
        raise WrongEncoding(
            f"Le fichier s’annonce en {_SHOWN[declared]} mais ne l’est pas (octet n°{NBSP}{wrong.start + 1})"
            f"{NBSP}: des accents seraient faux. {_EXPORT}"
        ) from None
    if declared in ("latin-1", "iso8859-15", "cp1252") and not content.isascii():
        try:
            content.decode("utf-8")
        except UnicodeDecodeError:
            pass
        else:
            raise _disagree(declared, "utf-8")
        if declared == "latin-1" and re.search("[\x80-\x9f]", text):
            remark = (
                f"Le fichier s’annonce en ISO-8859-1 mais contient des caractères de Windows-1252{NBSP}: il a été lu "
                "comme tel."
            )
            return content.decode("cp1252", errors="replace"), "Windows-1252", (remark,)
    return text, _SHOWN[declared], ()


def _disagree(declared: str, real: str) -> WrongEncoding:
    return WrongEncoding(
        f"Le fichier s’annonce en {_SHOWN[declared]} mais il est écrit en {_SHOWN[real]}{NBSP}: ses accents "
        f"seraient faux. {_EXPORT}"
    )


def _refuse_document_type(text: str) -> None:
    """A document type can only stand before the root: read the prolog, and nothing else."""
    at = 0
    while item := _PROLOG_ITEM.match(text, at):
        at = item.end()
    if text.startswith("<!", at):
        raise UnsafeXml(
            f"Le fichier contient une déclaration DOCTYPE ou ENTITY, qu’un document médical n’a pas{NBSP}: elle "
            "peut servir à une attaque. Prévenir l’expéditeur et lui demander un export normal."
        )
    if not text.startswith("<", at):
        raise NotXml(
            f"Ce fichier n’est pas du XML{NBSP}: il commence par {guillemets(text[at : at + 20].strip())}. {_AGAIN}"
        )


def _refuse_crowds(text: str) -> None:
    """Bounds before any memory is spent on a tree."""
    if text.count("<") > MAX_TAGS or text.count('="') + text.count("='") > MAX_ATTRIBUTES:
        raise TooComplex(
            f"Le fichier contient trop d’éléments pour un document médical (plus de {MAX_TAGS // 1000}{NNBSP}000 "
            f"balises). {_AGAIN}"
        )


def _build(text: str) -> etree._Element:
    """The tree, in small pieces so that depth is bounded while it grows. Comments and instructions are left out."""
    parser = etree.XMLPullParser(
        events=("start", "end"),
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        recover=False,
        remove_comments=True,
        remove_pis=True,
        strip_cdata=True,
        ns_clean=False,
        collect_ids=False,
    )
    data = text.lstrip().encode("utf-8", errors="surrogatepass")
    depth = 0
    try:
        for start in range(0, len(data), _CHUNK):
            parser.feed(data[start : start + _CHUNK])
            depth = _checked_depth(parser, depth)
        root = parser.close()
        _checked_depth(parser, depth)
    except etree.XMLSyntaxError as wrong:
        raise _syntax_refusal(text, wrong) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise UnsafeXml(
            "Le fichier déclare un type de document (DOCTYPE), qu’un document médical n’a pas. Prévenir l’expéditeur."
        )
    return root


def _checked_depth(parser: etree.XMLPullParser, depth: int) -> int:
    """Follow the parser's events. Raises `TooComplex` beyond the bound, `UnsafeXml` on an inclusion."""
    for event, element in parser.read_events():
        depth += 1 if event == "start" else -1
        if depth > MAX_DEPTH:
            raise TooComplex(
                f"Le fichier imbrique plus de {MAX_DEPTH} niveaux d’éléments, ce qu’un document médical ne fait "
                f"pas. {_AGAIN}"
            )
        if event == "start" and isinstance(element.tag, str) and element.tag.startswith(f"{{{XINCLUDE}}}"):
            raise UnsafeXml(
                f"Le fichier demande l’inclusion d’un autre fichier (XInclude){NBSP}: rien n’a été inclus, et le "
                "document n’est pas lu. Prévenir l’expéditeur."
            )
    return depth


def _syntax_refusal(text: str, wrong: etree.XMLSyntaxError) -> NotXml | TooComplex:
    """Cut, too big in one piece, too deep for the parser, or simply malformed: with the line to look at."""
    message = str(wrong)
    if "xcessive depth" in message:
        return TooComplex(f"Le fichier imbrique trop de niveaux d’éléments pour un document médical. {_AGAIN}")
    if "huge" in message.lower() or "too long" in message.lower():
        return TooComplex(
            f"Une pièce jointe contenue dans le document dépasse 10{NBSP}Mo{NBSP}: demander un document sans "
            "elle, ou la pièce jointe à part."
        )
    root = re.search(r"<([A-Za-z_][\w.:-]*)[\s>/]", text)
    if root and not re.search(rf"</{re.escape(root[1])}\s*>\s*(?:<!--.*?-->\s*|<\?.*?\?>\s*)*$", text[-4000:], re.DOTALL):
        return Truncated(
            f"Le document est coupé{NBSP}: il s’arrête avant sa fin (ligne {wrong.lineno}). Recommencer le "
            "téléchargement, ou demander un nouvel envoi."
        )
    return NotXml(f"Le document n’est pas du XML correct (ligne {wrong.lineno}){NBSP}: il ne peut pas être lu. {_AGAIN}")
