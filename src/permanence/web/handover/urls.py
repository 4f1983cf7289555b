"""Routes of handovers. A return note names no patient in its address."""

from permanence.web.handover import known, listing, printing, reading, writing
from permanence.web.routes import Tag, route

CLINICAL = Tag.CLINICAL

routes = [
    route("releve/", listing.key, tag=CLINICAL, name="key"),
    route("releve/cartes/", listing.cards_only, tag=CLINICAL, name="cards"),
    route("releve/remplacements/", listing.replacements, tag=CLINICAL, name="replacements"),
    route("releve/<uuid:replacement>/dix/", known.known, tag=CLINICAL, name="known"),
    route("releve/<uuid:replacement>/dix/qui/", known.found, tag=CLINICAL, name="found"),
    route("releve/<uuid:replacement>/dix/retirer/", known.leave_out, tag=CLINICAL, name="leave_out"),
    route("releve/<uuid:replacement>/dix/remettre/", known.let_decide, tag=CLINICAL, name="let_decide"),
    route("releve/<uuid:replacement>/dix/monter/", known.move_up, tag=CLINICAL, name="move_up"),
    route("releve/<uuid:replacement>/ecrire/", writing.write, tag=CLINICAL, name="write"),
    route("releve/<uuid:replacement>/ecrire/brouillon/", writing.draft_save, tag=CLINICAL, name="draft_save"),
    route("releve/note/<uuid:handover>/", reading.note, tag=CLINICAL, name="note"),
    route("releve/note/<uuid:handover>/lue/", reading.read, tag=CLINICAL, name="read"),
    route("releve/note/<uuid:handover>/imprimer", printing.printed, tag=CLINICAL, name="print"),
    route("patients/<uuid:patient>/a-connaitre/", known.pin, tag=CLINICAL, name="pin"),
]
