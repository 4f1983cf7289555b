"""A line to another machine or a relay: whose certificate is believed, with which key is asked, where it leads."""

import ssl
from functools import lru_cache
from pathlib import Path

from permanence.journal import folder, peers
from permanence.journal.seal import Transport


def context_of(seal: Path) -> ssl.SSLContext:
    """Who is believed: public certificates, and the practice's own authority, whose certificate ends the chain of our leaf."""
    chain = seal / "tls" / "cert.pem"
    return _context(chain.read_text() if chain.exists() else "")


@lru_cache(maxsize=2)  # 1.2 MB each, and every line and every place that is tried would have its own
def _context(chain: str) -> ssl.SSLContext:
    made = ssl.create_default_context()
    if chain:
        made.load_verify_locations(cadata=chain)
    return made


def line_to(base: str, here: folder.Folder, *, at: tuple[str, int] | None = None) -> peers.Peer:
    """A line to a replica or a relay, signed by this machine's transport key."""
    secret = Transport.load(here.seal_path).signing
    return peers.Peer(base, secret, context_of(here.seal_path) if base.startswith("https:") else None, at=at)


def place_of(at: str) -> tuple[str, int] | None:
    """host:port in its parts; None for none."""
    name, _, port = at.rpartition(":")
    return (name, int(port)) if name and port.isdecimal() else None
