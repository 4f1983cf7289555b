"""What stands above every page: the continuity strip, and where to go on when this machine answers no more."""

import hashlib
from dataclasses import dataclass, replace

from django.http import HttpRequest

from permanence.continuity import queries as continuity
from permanence.sync import vouching
from permanence.web import health, limited, services
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
    strip, own = _with_files(health.strip(services.held_of(request), continuity.to_catch_up())), own_place()
    between = health.exchange()
    doors = tuple(Door(name, f"{origin}/") for name, origin in (between.doors if between else ())
                  if vouching.may_send_to(origin, like=own.origin, rp_id=own.rp_id))  # fmt: skip
    return Bar(strip, doors, hashlib.sha256(repr((strip, doors)).encode()).hexdigest()[:16])


def _with_files(strip: health.Strip) -> health.Strip:
    """On a limited laptop the strip says whose files are here, first of what it says when all is well."""
    if not (said := limited.carries()):
        return strip
    return replace(strip, parts=(said, *strip.parts) if strip.state == "ok" else (*strip.parts, said))
