"""Routes of the practice's machines and of what they wrote apart. No address names a patient or a value."""

from permanence.web.routes import Tag, route
from permanence.web.sync import machines, returns, settling

CLINICAL, SIGNED_IN, SENSITIVE = Tag.CLINICAL, Tag.SIGNED_IN, Tag.SENSITIVE

routes = [
    route("a-rapprocher/", settling.settling, tag=CLINICAL, name="settling"),
    route("a-rapprocher/garder/", settling.settle, tag=CLINICAL, name="settle"),
    route("machines/", machines.machines, tag=SIGNED_IN, name="machines"),
    route("machines/<uuid:machine>/", machines.machine, tag=SIGNED_IN, name="machine"),
    route("machines/<uuid:machine>/renommer/", machines.rename, tag=SIGNED_IN, name="rename"),
    route("machines/<uuid:machine>/revoquer/", machines.revoke, tag=SENSITIVE, name="revoke"),
    route("machines/<uuid:machine>/accepter/", machines.accept, tag=SENSITIVE, name="accept"),
    route("retours/", returns.returns, tag=SIGNED_IN, name="returns"),
]
