"""Routes of the practice's machines and of what they wrote apart. No address names a patient or a value."""

from permanence.web.routes import Tag, route
from permanence.web.sync import settling

CLINICAL, SIGNED_IN, SENSITIVE = Tag.CLINICAL, Tag.SIGNED_IN, Tag.SENSITIVE

routes = [
    route("a-rapprocher/", settling.settling, tag=CLINICAL, name="settling"),
    route("a-rapprocher/garder/", settling.settle, tag=CLINICAL, name="settle"),
]
