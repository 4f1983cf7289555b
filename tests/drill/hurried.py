"""`permanence` by a clock that a test moves (`tests.browser.shifted`), whose machines wait seconds where they wait a minute. Tests only."""

import sys

from permanence.cli import main, prepare
from tests.browser.shifted import shift

SOON_S = 1.0


def hurry() -> None:
    """As soon as its modules can be had: what the machine does by itself of panels, and of files."""
    django_for = prepare.django_for

    def hurried(place: prepare.Place) -> None:
        django_for(place)
        from permanence.sync import entrusting, forgetting

        entrusting.EVERY_S = forgetting.EVERY_S = forgetting.LATER_S = SOON_S

    prepare.django_for = hurried


if __name__ == "__main__":
    shift()
    hurry()
    sys.exit(main())
