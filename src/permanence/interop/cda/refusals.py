"""The named reasons for which a file is not read. Each one says in French what is wrong and what to do."""

from permanence.lib.text import NBSP

MEGABYTE = 1024 * 1024
MAX_BYTES = 20 * MEGABYTE


class CdaRefused(ValueError):
    """The file is not read. `sentence` is French and says what to do; `code` names the reason for code and journal."""

    code = "refused"

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class EmptyFile(CdaRefused):
    """Nothing in the file."""

    code = "empty"


class TooLarge(CdaRefused):
    """More bytes than we read: only the name, the size and the hash are kept."""

    code = "too_large"


class NotXml(CdaRefused):
    """Another kind of file, or XML that is not well formed."""

    code = "not_xml"


class Truncated(NotXml):
    """The beginning of a document, without its end."""

    code = "truncated"


class WrongEncoding(CdaRefused):
    """The bytes are not in the encoding that the file announces, or in one that is not read here."""

    code = "wrong_encoding"


class UnsafeXml(CdaRefused):
    """A document type, an entity or an inclusion: a medical document needs none, attacks do."""

    code = "unsafe_xml"


class TooComplex(CdaRefused):
    """Too deep, or too many elements, for a medical document."""

    code = "too_complex"


class NotCda(CdaRefused):
    """Well-formed XML that is not a CDA R2 document."""

    code = "not_cda"


def guillemets(text: str) -> str:
    """The text between French quotation marks."""
    return f"«{NBSP}{text}{NBSP}»"


def too_large(size: int) -> TooLarge:
    """The refusal of so many bytes."""
    return TooLarge(
        f"Le fichier fait {size // MEGABYTE}{NBSP}Mo{NBSP}: au-delà de 20{NBSP}Mo, seuls son nom, sa taille et son "
        "empreinte sont gardés. Demander un document sans pièces jointes volumineuses."
    )
