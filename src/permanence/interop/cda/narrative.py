"""The words of a CDA section: lines as people read them, and the line that an entry refers to."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from lxml import etree

from permanence.lib.text import NBSP, collapse, fold

_BREAKS = {"br", "p", "paragraph", "item", "tr", "list", "table", "caption", "li", "footnote"}


def local(element: etree._Element) -> str:
    """The name without its namespace; "" for a comment or an instruction."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def words(element: etree._Element) -> str:
    """All text inside, on one line, with a space where the layout had a break or a cell."""
    return collapse("".join(_pieces(element)))


def _pieces(element: etree._Element) -> Iterator[str]:
    for event, node in etree.iterwalk(element, events=("start", "end")):
        name = local(node)
        if event == "start":
            yield " " if name in _BREAKS or name in ("td", "th") else ""
            yield node.text or ""
        elif node is not element:
            yield " " if name in _BREAKS else ""
            yield node.tail or ""


@dataclass(slots=True)
class Row:
    """One line of a section: the cells of a table row under their headings, or one sentence."""

    cells: list[tuple[str, str]]
    ids: set[str] = field(default_factory=set)

    @property
    def text(self) -> str:
        """« Date : 11/08/2019 · Posologie : 1 cp/j », empty cells left out."""
        shown = [f"{head}{NBSP}: {cell}" if head else cell for head, cell in self.cells if cell not in ("", "-")]
        return " · ".join(shown)

    def under(self, *headings: str) -> str:
        """The first filled cell whose heading contains one of these folded words."""
        for head, cell in self.cells:
            if cell not in ("", "-") and any(word in fold(head) for word in headings):
                return cell
        return ""


def rows(text: etree._Element) -> list[Row]:
    """The section's text as lines: table rows of the body, list items, paragraphs, loose sentences."""
    found: list[Row] = []
    _collect(text, found)
    return [row for row in found if row.text]


def _collect(element: etree._Element, found: list[Row]) -> None:
    """Walk the blocks; what stands outside of them is a sentence of its own."""
    loose: list[str] = []
    ids: set[str] = set()

    def flush() -> None:
        if sentence := collapse("".join(loose)):
            found.append(Row([("", sentence)], set(ids)))
        loose.clear()
        ids.clear()

    loose.append(element.text or "")
    for child in element.iterchildren(tag=etree.Element):
        name = local(child)
        if name == "table":
            flush()
            found.extend(_table(child))
        elif name in ("list", "ul", "ol", "paragraph", "p", "item", "li", "footnote"):
            flush()
            _collect(child, found)
        elif name == "br":
            flush()
        elif child.find(".//{*}table") is not None or child.find(".//{*}list") is not None:
            flush()
            _collect(child, found)
        else:
            loose.append(words(child))
            ids |= _ids(child)
        loose.append(child.tail or "")
    if own := element.get("ID"):
        ids.add(own)
    flush()


def _ids(element: etree._Element) -> set[str]:
    return {node.get("ID", "") for node in element.iter(etree.Element) if node.get("ID")}


def _table(table: etree._Element) -> Iterable[Row]:
    """Body rows with the headings of the last heading row; a wide title is not a heading."""
    headings: list[str] = []
    for line in table.iter("{*}tr"):
        cells = [cell for cell in line.iterchildren("{*}td", "{*}th")]
        said = [words(cell) for cell in cells]
        if cells and all(local(cell) == "th" for cell in cells):
            headings = said if len(cells) > 1 or cells[0].get("colspan") is None else []
            continue
        heads = headings if len(headings) == len(said) else [""] * len(said)
        yield Row(list(zip(heads, said, strict=True)), _ids(line) | ({table.get("ID", "")} - {""}))


class Index:
    """Where each narrative ID stands: its words and its line. The first of two equal IDs counts."""

    def __init__(self, root: etree._Element) -> None:
        self._elements: dict[str, etree._Element] = {}
        self._rows: dict[str, Row] = {}
        self.doubled: set[str] = set()
        for element in root.iter(etree.Element):
            if not (name := element.get("ID")):
                continue
            if name in self._elements:
                self.doubled.add(name)
            self._elements.setdefault(name, element)

    def add(self, lines: Iterable[Row]) -> None:
        """Make the lines of one section findable by their IDs."""
        for row in lines:
            for name in row.ids:
                self._rows.setdefault(name, row)

    def words(self, reference: str) -> str:
        """The words behind "#id" (or "id", as some write); "" for an empty or dangling reference."""
        element = self._elements.get(reference.removeprefix("#"))
        return words(element) if element is not None else ""

    def row(self, reference: str) -> Row | None:
        return self._rows.get(reference.removeprefix("#"))
