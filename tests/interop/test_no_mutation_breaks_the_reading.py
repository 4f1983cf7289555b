"""Whatever is taken out of, swapped or doubled in a document, the reading gives a result or a named refusal."""

import random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from permanence.interop.cda import refusals, vsm
from permanence.interop.cda.items import Summary
from tests.interop.building import summary

CONTENT = summary()
VALUES = (
    "",
    "x",
    "#",
    "-1",
    "NaN",
    "1e999",
    "99999999999999999999",
    "20241332",
    "\u00a0",
    "é" * 300,
    "{}",
    "UNK",
    "true",
    "a:b:c",
)


def mutated(seed: int, count: int) -> bytes:
    """The same document after `count` random changes."""
    chance = random.Random(seed)
    root = etree.fromstring(CONTENT)
    for _ in range(count):
        elements = list(root.iter(etree.Element))
        element = chance.choice(elements)
        parent = element.getparent()
        what = chance.randrange(8)
        if what == 0 and parent is not None:
            parent.remove(element)
        elif what == 1 and element.attrib:
            del element.attrib[chance.choice(list(element.attrib))]
        elif what == 2 and element.attrib:
            element.set(chance.choice(list(element.attrib)), chance.choice(VALUES))
        elif what == 3:
            element.text = chance.choice(VALUES)
        elif what == 4 and parent is not None:
            element.tag = chance.choice(elements).tag
        elif what == 5 and parent is not None:
            other = etree.fromstring(etree.tostring(chance.choice(elements), with_tail=False))
            parent.insert(chance.randrange(len(parent) + 1), other)
        elif what == 6:
            element.set("nullFlavor", "NI")
        elif what == 7 and len(element):
            for child in list(element):
                element.remove(child)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def outcome(content: bytes) -> Summary | refusals.CdaRefused:
    try:
        return vsm.read(content)
    except refusals.CdaRefused as refusal:
        return refusal


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 10**9), count=st.integers(1, 40))
def test_a_mutated_document_is_read_or_refused_by_name(seed: int, count: int) -> None:
    found = outcome(mutated(seed, count))
    if isinstance(found, Summary):
        assert all(item.key for items in (found.problems, found.treatments, found.findings) for item in items)
        assert all(isinstance(warning, str) for warning in found.warnings)


@settings(max_examples=150, deadline=None)
@given(at=st.integers(0, len(CONTENT) - 1), what=st.binary(max_size=6), length=st.integers(0, 200))
def test_damaged_bytes_are_read_or_refused_by_name(at: int, what: bytes, length: int) -> None:
    outcome(CONTENT[:at] + what + CONTENT[at + length :])


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_refused_by_name(content: bytes) -> None:
    assert isinstance(outcome(content), refusals.CdaRefused)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_what_is_taken_away_only_takes_itself_away(seed: int) -> None:
    """Removing one entry leaves the other entries' keys as they were."""
    chance = random.Random(seed)
    root = etree.fromstring(CONTENT)
    entries = root.findall(".//{urn:hl7-org:v3}entry")
    gone = chance.choice(entries)
    gone.getparent().remove(gone)
    before, after = vsm.read(CONTENT), vsm.read(etree.tostring(root))
    keys = {item.key for items in (before.problems, before.treatments, before.vaccinations) for item in items}
    assert {item.key for items in (after.problems, after.treatments, after.vaccinations) for item in items} <= keys
