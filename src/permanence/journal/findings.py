"""What a verification says of one thing that is not as it was written, and how it names it. Nothing is verified here."""

from dataclasses import dataclass

from permanence.journal.categories import Stream


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it was written: `where` names it with ids and places only, `what` says what is wrong."""

    where: str
    what: str


def short(id: object) -> str:
    """Enough of an id to find it; whatever a damaged table holds in its place is said as it is."""
    return id.hex()[:16] if isinstance(id, bytes) else repr(id)


def place(replica: bytes, stream: int) -> str:
    """The name of a chain."""
    name = Stream(stream).name.lower() if stream in list(Stream) else str(stream)
    return f"chain {short(replica)[:8]}/{name}"
