"""The line between two machines on this one, as a cable that a hand pulls out: for the fictional practice and the drill."""

import socket
import threading
from contextlib import suppress

PIECE = 64 * 1024


class Wire:
    """Listens on 127.0.0.1 and passes every connection on to another port, until it is cut; opens nothing of what it carries.

    Cut, it hangs up on everybody at once, as a switch without current does. `dies_after`: bytes, in both directions together,
    after which it cuts itself in the middle of whatever is said.
    """

    def __init__(self, to: int, *, port: int = 0) -> None:
        self.to, self.carried = to, 0
        self.dies_after: int | None = None
        self._whole, self._lock = True, threading.Lock()
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, name="wire", daemon=True).start()

    @property
    def whole(self) -> bool:
        return self._whole

    def cut(self) -> None:
        """Nobody hears anybody through it any more."""
        with self._lock:
            self._whole = False
            for one in self._open:
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
            self._open.clear()

    def mend(self) -> None:
        """As before."""
        with self._lock:
            self._whole, self.dies_after = True, None

    def close(self) -> None:
        """For good."""
        self.cut()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                near = self._listener.accept()[0]
            except OSError:
                return
            threading.Thread(target=self._join, args=(near,), name="wire-call", daemon=True).start()

    def _join(self, near: socket.socket) -> None:
        try:
            far = socket.create_connection(("127.0.0.1", self.to), timeout=5) if self._whole else None
        except OSError:
            far = None
        if far is None:
            near.close()
            return
        far.settimeout(None)
        with self._lock:
            if self._whole:
                self._open |= {near, far}
        back = threading.Thread(target=self._carry, args=(far, near), name="wire-back", daemon=True)
        back.start()
        self._carry(near, far)
        back.join()
        with self._lock:
            self._open -= {near, far}
        near.close()
        far.close()

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(PIECE):
                if not self._passes(data):
                    break
                target.sendall(data)
        for one in (source, target):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _passes(self, data: bytes) -> bool:
        """Whether these bytes go on. The last piece before the end is lost whole."""
        with self._lock:
            self.carried += len(data)
            ends = self.dies_after is not None and self.carried > self.dies_after
            if not ends:
                return self._whole
        self.cut()
        return False
