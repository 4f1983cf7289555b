"""Routes of the practice's machines and of what they wrote apart. No address names a patient or a value."""

from permanence.web.routes import Tag, route
from permanence.web.sync import pairing, settling

CLINICAL, SIGNED_IN, SENSITIVE = Tag.CLINICAL, Tag.SIGNED_IN, Tag.SENSITIVE

routes = [
    route("a-rapprocher/", settling.settling, tag=CLINICAL, name="settling"),
    route("machines/associer/", pairing.pair, tag=SENSITIVE, name="pair"),
    route("machines/associer/<uuid:code>/", pairing.pair_state, tag=SIGNED_IN, name="pair_state", idle=True),
    route("machines/associer/<uuid:code>/fermer/", pairing.pair_close, tag=SIGNED_IN, name="pair_close"),
    route("a-rapprocher/garder/", settling.settle, tag=CLINICAL, name="settle"),
]
