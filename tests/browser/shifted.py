"""`permanence` with a clock that a test moves: at each question the offset, in seconds, is read from a file. Tests only."""

import os
import sys
from contextlib import suppress
from pathlib import Path

from permanence.cli import main
from permanence.lib import clock

OFFSET = "PERMANENCE_TEST_OFFSET"


def shift() -> None:
    """Every process forked from here counts from the machine's time and what the file says."""
    place, real = Path(os.environ[OFFSET]), clock._ns

    def moved() -> int:
        with suppress(OSError, ValueError):
            return real() + int(place.read_text()) * 1_000_000_000
        return real()

    clock._ns = moved


if __name__ == "__main__":
    shift()
    sys.exit(main())
