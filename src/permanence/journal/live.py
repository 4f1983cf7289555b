"""What open screens are told: « these objects of this topic were written », by id only. Who listens and how is `web.live`."""

import threading
from collections.abc import Callable, Iterable, Mapping
from uuid import UUID

from django.db import transaction

from permanence.journal import registry

Listener = Callable[[str, tuple[UUID, ...]], None]
_lock = threading.Lock()
_listeners: list[Listener] = []


def listen(listener: Listener) -> Callable[[], None]:
    """Call `listener(topic, ids)` after each COMMIT that concerns a topic. Returns how to stop.

    It runs on the writer's thread, so it must only hand over.
    """
    with _lock:
        _listeners.append(listener)

    def stop() -> None:
        with _lock:
            if listener in _listeners:
                _listeners.remove(listener)

    return stop


def tell(objects: Iterable[tuple[str, bytes]]) -> None:
    """In an act, what it wrote, by kind: after COMMIT, by id only, and only for kinds that a room declared live."""
    written: dict[str, list[UUID]] = {}
    for kind, object in objects:
        if (topic := registry.topic_of(kind)) is not None:
            written.setdefault(topic, []).append(UUID(bytes=object))
    if written:
        transaction.on_commit(lambda: publish(written), robust=True)


def publish(written: Mapping[str, Iterable[UUID]]) -> None:
    """Tell every listener. One that fails stops nobody."""
    with _lock:
        listeners = tuple(_listeners)
    for topic, ids in written.items():
        told = tuple(ids)
        for listener in listeners:
            listener(topic, told)
