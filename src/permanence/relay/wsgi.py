"""The applications: WSGI for all but events, and the gate in front of it, which a server serves."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "permanence.relay.settings")

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()


def make_gate() -> object:
    """What granian serves, made once in its worker."""
    from permanence.relay.gate import Gate

    return Gate(application)
