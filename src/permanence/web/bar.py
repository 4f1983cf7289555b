"""What stands above every page: the continuity strip, and where to go on when this machine answers no more."""

import hashlib
from dataclasses import dataclass

from django.http import HttpRequest

from permanence.continuity import queries as continuity
from permanence.sync import vouching
from permanence.web import health, services
from permanence.web.proof.places import own_place


@dataclass(frozen=True, slots=True)
class Door:
    """Another machine of the practice, as a browser finds it."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Bar:
    """`mark`: changes when the strip or a door does; an open page asks with it."""

    strip: health.Strip
    doors: tuple[Door, ...]
    mark: str


def bar_of(request: HttpRequest) -> Bar:
    """For who asks. Raises Refused without a session."""
    strip, own = health.strip(services.held_of(request), continuity.to_catch_up()), own_place()
    between = health.exchange()
    doors = tuple(Door(name, f"{origin}/") for name, origin in (between.doors if between else ())
                  if vouching.may_send_to(origin, like=own.origin, rp_id=own.rp_id))  # fmt: skip
    return Bar(strip, doors, hashlib.sha256(repr((strip, doors)).encode()).hexdigest()[:16])
