"""What is said aloud and heard on the local network: multicast DNS (RFC 6762, 6763). What a token means is not known here.

Of what others announce only the token is looked at: addresses in clear are anybody's to write.
"""

import ipaddress
import logging
import secrets
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from permanence.lib import clock

log = logging.getLogger(__name__)
SERVICE = "_permanence._tcp.local."
TOKEN = b"t"  # the one key of the TXT record
LONGEST = 253  # bytes of a token: a TXT string has 255, two are the key and its sign
ASK_MS, MOST_ASKED, PER_S = 500, 20, 60.0  # one who announces a name and says nothing more is asked, but a flood is not


class Radio(Protocol):
    """One place on the network from which to announce and to hear."""

    def announce(self, port: int, addresses: Sequence[str], token: bytes) -> None:
        """From now on, under a name of no meaning. Raises OSError."""

    def close(self) -> None:
        """Silent again."""


Heard = Callable[[bytes], None]


class Multicast:
    """The real one. `heard` gets each token, from another thread. `interfaces`: own addresses. Raises OSError without a network."""

    def __init__(self, heard: Heard, interfaces: Sequence[str]) -> None:
        import zeroconf  # 5 MB: not before somebody listens

        self._lib, self._heard, self._asked = zeroconf, heard, deque[float]()
        self._zeroconf = zeroconf.Zeroconf(interfaces=list(interfaces), ip_version=zeroconf.IPVersion.V4Only)
        self._browser = zeroconf.ServiceBrowser(self._zeroconf, SERVICE, handlers=[self._changed])

    def announce(self, port: int, addresses: Sequence[str], token: bytes) -> None:
        if len(token) > LONGEST:
            raise ValueError("a token is longer than a TXT string")
        name = secrets.token_hex(8)
        packed = [ipaddress.ip_address(one).packed for one in addresses]
        said = self._lib.ServiceInfo(SERVICE, f"{name}.{SERVICE}", port=port, addresses=packed, properties={TOKEN: token},
                                     server=f"{name}.local.")  # fmt: skip
        try:
            self._zeroconf.register_service(said)
        except self._lib.Error as error:
            raise OSError(str(error)) from error

    def close(self) -> None:
        self._zeroconf.close()

    def _changed(self, zeroconf: Any, service_type: str, name: str, state_change: Any) -> None:
        if state_change is self._lib.ServiceStateChange.Removed:
            return  # anybody can say good-bye in another's name
        try:
            said = self._lib.ServiceInfo(service_type, name)
            if said.load_from_cache(zeroconf) or (self._may_ask() and said.request(zeroconf, ASK_MS)):
                token = said.properties.get(TOKEN)
                if isinstance(token, bytes) and token:
                    self._heard(token)
        except Exception:  # what strangers announce stops nothing
            log.warning("an announcement could not be read")

    def _may_ask(self) -> bool:
        now = clock.monotonic()
        while self._asked and now - self._asked[0] > PER_S:
            self._asked.popleft()
        if len(self._asked) >= MOST_ASKED:
            return False
        self._asked.append(now)
        return True


def addresses() -> list[str]:
    """This machine's own IPv4 addresses on local networks, in order."""
    import ifaddr

    found = [str(ip.ip) for adapter in ifaddr.get_adapters() for ip in adapter.ips if ip.is_IPv4]
    return sorted(one for one in found if is_local(one) and not ipaddress.ip_address(one).is_loopback)


def is_local(address: str) -> bool:
    """Whether it is an address of a private network (RFC 1918, 3927, 4193): no other is announced or believed."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    return ip.is_private and not (ip.is_unspecified or ip.is_multicast or ip.is_reserved)
