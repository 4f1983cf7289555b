"""The pace of this process, and what turns a lasting slowness into a switch of this machine's own."""

import logging
from collections.abc import Callable

from django.db import connections

from permanence.capabilities import actions
from permanence.capabilities.models import Switch
from permanence.capabilities.pace import Pace, Watch
from permanence.capabilities.rules import Capability
from permanence.journal import vault
from permanence.journal.doors import Actor, Refused
from permanence.journal.outcomes import DiskFull
from permanence.lib import clock

log = logging.getLogger(__name__)
pace = Pace()


def note(capability: Capability, seconds: float) -> None:
    """An answer was given: called after each view."""
    pace.note(capability, seconds, at=clock.ms() / 1000)


def degrade(capability: Capability) -> None:
    """Five slow minutes: said to everybody, and what its table says is limited."""
    _try(lambda: actions.degrade(by=Actor.machine("services"), capability=capability, replica=vault.current().replica.hex()))


def restore(capability: Capability) -> None:
    """Five good minutes, or a new process: what this machine had limited is lifted."""
    replica = vault.current().replica.hex()
    for id in Switch.objects.filter(capability=capability, by_id=None, replica=replica, lifted_at=None).values_list("id", flat=True):
        _try(lambda id=id: actions.lift(id, by=Actor.machine("services"), reason="répond de nouveau"))  # type: ignore[misc]


def _try(call: Callable[[], object]) -> None:
    try:
        call()
    except (Refused, DiskFull):
        log.exception("the slowness of a service could not be written")
    except Exception:
        if not vault.is_sealed():
            log.exception("the watch on slowness failed")


class Watching(Watch):
    """The one of this process; what an earlier one had limited is lifted first."""

    def __init__(self) -> None:
        super().__init__(pace, lambda: clock.ms() / 1000, degrade, restore)

    def run(self) -> None:
        try:
            for capability in Capability:
                if not vault.is_sealed():
                    restore(capability)
            super().run()
        except Exception:
            if not vault.is_sealed():
                log.exception("the watch on slowness stopped")
        finally:
            connections.close_all()
