"""A process that makes a practice.

    python -m tests.faults.make FOLDER
"""

import sys
from pathlib import Path

import django

django.setup()

from tests.faults import cabinet  # noqa: E402

if __name__ == "__main__":
    cabinet.small_reserve()
    cabinet.make(Path(sys.argv[1]))
