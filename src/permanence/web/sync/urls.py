"""Routes of the practice's machines and of what they wrote apart. No address names a patient or a value."""

from permanence.web.routes import Tag, route
from permanence.web.sync import carrying, machines, pairing, returns, settling

CLINICAL, SIGNED_IN, SENSITIVE = Tag.CLINICAL, Tag.SIGNED_IN, Tag.SENSITIVE

routes = [
    route("a-rapprocher/", settling.settling, tag=CLINICAL, name="settling"),
    route("machines/associer/", pairing.pair, tag=SENSITIVE, name="pair"),
    route("machines/associer/<uuid:code>/", pairing.pair_state, tag=SIGNED_IN, name="pair_state", idle=True),
    route("machines/associer/<uuid:code>/fermer/", pairing.pair_close, tag=SIGNED_IN, name="pair_close"),
    route("a-rapprocher/garder/", settling.settle, tag=CLINICAL, name="settle"),
    route("machines/", machines.machines, tag=SIGNED_IN, name="machines"),
    route("machines/cle/", carrying.carry, tag=SIGNED_IN, name="carry"),
    route("machines/cle/emporter/", carrying.carry_out, tag=SIGNED_IN, name="carry_any"),
    route("machines/cle/emporter/<uuid:machine>/", carrying.carry_out, tag=SIGNED_IN, name="carry_out"),
    route("machines/cle/emporter/<uuid:machine>/tout/", carrying.carry_out, tag=SIGNED_IN, name="carry_whole", kwargs={"whole": True}),
    route("machines/cle/lire/", carrying.carry_in, tag=SIGNED_IN, name="carry_in"),
    route("machines/cle/<uuid:carried>/", carrying.carried, tag=SIGNED_IN, name="carried"),
    route("machines/<uuid:machine>/", machines.machine, tag=SIGNED_IN, name="machine"),
    route("machines/<uuid:machine>/renommer/", machines.rename, tag=SIGNED_IN, name="rename"),
    route("machines/<uuid:machine>/revoquer/", machines.revoke, tag=SENSITIVE, name="revoke"),
    route("machines/<uuid:machine>/accepter/", machines.accept, tag=SENSITIVE, name="accept"),
    route("machines/<uuid:machine>/retablir/", machines.readmit, tag=SENSITIVE, name="readmit"),
    route("retours/", returns.returns, tag=SIGNED_IN, name="returns"),
]
