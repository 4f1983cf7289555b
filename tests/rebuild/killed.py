"""The command, which dies at once when it comes to its n-th step: `python -m tests.rebuild.killed N rebuild …`; 0: it lives."""

import os
import signal
import sys
from collections.abc import Callable
from typing import Any


def main() -> int:
    left = int(sys.argv[1])

    def counted(real: Callable[..., Any]) -> Callable[..., Any]:
        def step(*values: Any, **more: Any) -> Any:
            nonlocal left
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            found = real(*values, **more)
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return found

        return step

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "permanence.settings.base")
    from permanence import cli
    from permanence.cli import prepare, rebuilding

    real = rebuilding._from_relay

    def patched(*values: Any) -> Any:
        from permanence.journal import arrival, blobs, folder, peers
        from permanence.sync import oneself
        from permanence.sync import rebuilding as steps

        for module, name in ((folder, "create"), (steps, "_put_in_place"), (arrival, "take"), (blobs, "keep"), (oneself, "by_sheet"),
                             (peers.Peer, "push"), (peers.Peer, "add_key")):  # fmt: skip
            setattr(module, name, counted(getattr(module, name)))
        return real(*values)

    rebuilding._from_relay = patched
    del prepare
    return cli.main(sys.argv[2:])


if __name__ == "__main__":
    sys.exit(main())
