"""What `init` chose for this machine and `serve` repeats: `run/config.json`. No secret, no name of a person."""

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from permanence.lib import host


@dataclass(frozen=True, slots=True)
class Config:
    """How this machine serves the practice. `copies` empty: no nightly copy, and the screens say so."""

    tls: str = "own-ca"
    port: int = 443
    copies: str = ""
    kits: str = ""  # where each evening's kit is written; empty: nowhere, and the screens say so
    cert: str = ""
    key: str = ""
    relay: str = ""  # whose address the recovery sheet carries
    nearby: bool = True  # announce this machine on the local network to its sisters, and look for them there
    live_port: int = 0  # where live screens listen; 0: the next port after the pages' own

    @property
    def live(self) -> int:
        """The port of live screens."""
        return self.live_port or self.port + 1

    def with_given(self, **given: Any) -> "Config":
        """The same, with what the command line says."""
        said: dict[str, Any] = {name: value if isinstance(value, int) else str(value)
                                for name, value in given.items() if value is not None}
        return replace(self, **said)


def load(folder: Path) -> Config:
    """The folder's choices; the defaults where there are none."""
    try:
        return Config(**json.loads((folder / "run" / "config.json").read_bytes()))
    except (OSError, ValueError, TypeError):
        return Config()


def save(folder: Path, config: Config) -> None:
    """Keep the choices."""
    host.atomic_write(folder / "run" / "config.json", json.dumps(asdict(config)).encode())
