"""Ports for what tests serve and start again: below those that the system lends to outgoing connections, and no two workers' the same.

A port that the system chose (0) and that is let go may be lent to anybody before it is taken again.
"""

import itertools
import os
import secrets
import socket
from contextlib import ExitStack, suppress

FIRST, EACH, WORKERS = 10_000, 1_200, 8
_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) % WORKERS
_next = itertools.count(secrets.randbelow(EACH))  # another run beside this one begins elsewhere


def free_port(many: int = 1) -> int:
    """One that nobody has now, or the first of several in a row; not given twice by this process before a thousand others."""
    while True:
        places = [FIRST + _worker * EACH + next(_next) % EACH for _ in range(many)]
        with ExitStack() as held, suppress(OSError):
            for port in places:
                held.enter_context(socket.socket()).bind(("127.0.0.1", port))
            if places[-1] - places[0] == many - 1:
                return places[0]
