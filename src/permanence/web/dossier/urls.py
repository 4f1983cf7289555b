"""Routes of what stands around writing a note: snippets, calculators, drafts to merge; their tags beside them."""

from permanence.web.dossier import calculators, curves, drafts_merge, facts, references, signed, snippets, vaccinations
from permanence.web.routes import Tag, route

shared = [
    route("", snippets.snippets, tag=Tag.SIGNED_IN, name="list"),
    route("nouveau/", snippets.snippet, tag=Tag.SIGNED_IN, name="new"),
    route("<uuid:snippet>/", snippets.snippet, tag=Tag.SIGNED_IN, name="edit"),
    route("<uuid:snippet>/retirer/", snippets.remove, tag=Tag.SIGNED_IN, name="remove"),
]

growth = [
    route("", references.references, tag=Tag.SIGNED_IN, name="list"),
    route("nouvelle/", references.reference, tag=Tag.SIGNED_IN, name="new"),
    route("<uuid:reference>/remplacer/", references.reference, tag=Tag.SIGNED_IN, name="replace"),
    route("<uuid:reference>/retirer/", references.retire, tag=Tag.SIGNED_IN, name="retire"),
    route("<uuid:reference>/remettre/", references.restore, tag=Tag.SIGNED_IN, name="restore"),
]

dossier = [
    route("<uuid:patient>/note/brouillons/", drafts_merge.merge, tag=Tag.CLINICAL, name="drafts_merge"),
    route("<uuid:patient>/note/<uuid:note>/contresigner/", signed.countersign, tag=Tag.CLINICAL, name="countersign"),
    route("<uuid:patient>/vaccin/", vaccinations.add, tag=Tag.CLINICAL, name="vaccination_new"),
    route("<uuid:patient>/courbes/", curves.curves, tag=Tag.CLINICAL, name="curves"),
    route("<uuid:patient>/calculs/", calculators.calculators, tag=Tag.CLINICAL, name="calculators"),
    route("<uuid:patient>/calculs/<slug:rule>/", calculators.calculator, tag=Tag.CLINICAL, name="calculator"),
]

patients = [route("<uuid:patient>/souhaits/", facts.facts, tag=Tag.CLINICAL, name="facts")]
