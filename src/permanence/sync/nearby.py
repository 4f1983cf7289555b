"""What a machine says of itself on the local network, which only its sisters can read; and where each was found, for this process.

A token names the machine, its port and its addresses, sealed under the control key with a random nonce: to a stranger two tokens of
one machine have nothing in common. It proves nothing of who sends it: an address counts once the certificate there has been checked.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from uuid import UUID

from nacl.exceptions import CryptoError

from permanence.journal import vault
from permanence.lib import cbor, suite
from permanence.lib.discovery import is_local

VERSION, PART = 1, "nearby"
MOST_ADDRESSES = 4  # of one machine; the sealed token then always has the same length
UNDER = "entre-machines/"  # the path under which a machine answers the others
Place = tuple[str, int]  # address and port


@dataclass(frozen=True, slots=True)
class Seen:
    """What a token said."""

    replica: UUID
    places: tuple[Place, ...]


def token(replica: UUID, port: int, addresses: Sequence[str]) -> bytes:
    """What this machine announces. Never the same twice. Raises Sealed."""
    v, packed = vault.current(), [ipaddress.ip_address(one).packed for one in addresses[:MOST_ADDRESSES]]
    plain = suite.pad(cbor.dumps({1: VERSION, 2: replica.bytes, 3: port, 4: packed}))
    return suite.seal(plain, v.control, practice=v.practice, part=PART)


def recognise(token: bytes) -> Seen | None:
    """Which machine of this practice says so, and where it is; None for everything else. Addresses of local networks only."""
    v = vault.current()
    try:
        said = cbor.loads(suite.unpad(suite.unseal(token, v.control, practice=v.practice, part=PART)))
        replica, port, packed = UUID(bytes=said[2]), said[3], said[4][:MOST_ADDRESSES]
        addresses = [str(ipaddress.ip_address(one)) for one in packed if type(one) is bytes]
    except (CryptoError, ValueError, TypeError, LookupError):
        return None
    if type(port) is not int or not 0 < port < 65_536 or said.get(1) != VERSION:
        return None
    return Seen(replica, tuple((one, port) for one in addresses if is_local(one)))


def base_of(hosts: Sequence[str], port: int) -> str:
    """Under which address a machine with these names answers. Its name, never an address: the certificate is checked against it."""
    return f"https://{hosts[0]}{'' if port == 443 else f':{port}'}/{UNDER}" if hosts else ""


def written(place: Place) -> str:
    """host:port, as it is kept."""
    return f"{place[0]}:{place[1]}"


class Places:
    """Where machines of the practice answer just now on the local network, each proved by its certificate. In memory only."""

    def __init__(self) -> None:
        self._places: dict[UUID, Place] = {}
        self._lock = Lock()

    def of(self, replica: UUID | None) -> Place | None:
        """None: by its name, or where it was said to be."""
        with self._lock:
            return self._places.get(replica) if replica else None

    def keep(self, replica: UUID, place: Place) -> None:
        """One that was proved; a place that works is not replaced."""
        with self._lock:
            self._places.setdefault(replica, place)

    def drop(self, replica: UUID | None, place: Place) -> None:
        """Nobody answers there any more."""
        with self._lock:
            if replica and self._places.get(replica) == place:
                del self._places[replica]
