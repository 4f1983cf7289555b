"""A network of our own, where nothing answers but this machine: no name resolves, as on the day the line is dead."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Sequence

INSIDE = "DRILL_INSIDE"
_ENTER = 'ip link set lo up && exec "$@"'


def enter(words: Sequence[str]) -> int | None:
    """Run this very drill again inside a network namespace and give its exit code; None where that is not permitted, or when inside."""
    if os.environ.get(INSIDE) or not shutil.which("unshare") or not shutil.which("ip"):
        return None
    probe = subprocess.run(["unshare", "-Urn", "sh", "-c", _ENTER, "sh", "true"], capture_output=True, check=False)
    if probe.returncode:
        return None
    asked = ["unshare", "-Urn", "sh", "-c", _ENTER, "sh", sys.executable, "-m", "drill", *words]
    return subprocess.run(asked, env={**os.environ, INSIDE: "1"}, check=False).returncode


def is_apart() -> bool:
    """Whether no network but the loopback is here."""
    return {name for _, name in socket.if_nameindex()} == {"lo"}


def resolves(name: str) -> bool:
    """Whether somebody answers for that name."""
    try:
        socket.getaddrinfo(name, 443)
    except OSError:
        return False
    return True
