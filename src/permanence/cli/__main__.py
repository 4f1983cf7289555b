"""`python -m permanence.cli`: the same as the `permanence` command."""

import sys

from permanence.cli import main

sys.exit(main())
