"""How far the machines are from saying the same: each is asked, by the key of one of the others, what it holds."""

import ssl
import time
from collections.abc import Sequence

from drill.machines import PATIENCE_S, Failed, Machine
from permanence.journal.exchange import Asked, Vector
from permanence.journal.peers import Peer, Refused, Unreachable
from permanence.journal.seal import Transport

NOTHING_AFTER = 1 << 60


class Watch:
    """A line to each machine, signed by a neighbour's transport key."""

    def __init__(self, machines: Sequence[Machine]) -> None:
        self.lines = []
        for at, machine in enumerate(machines):
            neighbour = machines[at - 1]
            secret = Transport.load(neighbour.folder / "seal").signing
            context = ssl.create_default_context(cafile=machine.site.authority_file)
            self.lines.append(Peer(f"{machine.origin}/entre-machines/", secret, context, at=("127.0.0.1", machine.port)))

    def held(self) -> list[Vector]:
        return [line.pull(Asked({}, NOTHING_AFTER, 1)).held for line in self.lines]

    def alike(self) -> bool:
        """Whether every machine holds the same entries now."""
        try:
            found = self.held()
        except (Unreachable, Refused):
            return False
        return all(one == found[0] for one in found)

    def wait(self, *, patience: float = PATIENCE_S) -> float:
        """Until they hold the same; the seconds it took."""
        began = time.monotonic()
        while not self.alike():
            if time.monotonic() - began > patience:
                raise Failed(f"after {patience:.0f} s the machines hold: {[sum(one.values()) for one in self.held()]}")
            time.sleep(0.05)
        return time.monotonic() - began

    def close(self) -> None:
        for line in self.lines:
            line.close()
