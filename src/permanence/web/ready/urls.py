"""Routes of « Prêts pour une coupure ». None is ever switched off: they are about machines, keys and posts."""

from permanence.web.ready import exercising, page, tying
from permanence.web.routes import Tag, route

SIGNED_IN, SENSITIVE = Tag.SIGNED_IN, Tag.SENSITIVE

routes = [
    route("cabinet/prets/", page.page, tag=SIGNED_IN, name="page"),
    route("cabinet/prets/tuile/", page.tile, tag=SIGNED_IN, name="tile"),
    route("cabinet/prets/rattacher", tying.begin, tag=SENSITIVE, name="tie"),
    route("cabinet/prets/parole", tying.vouch, tag=SIGNED_IN, name="vouch"),
    route("cabinet/prets/exercice/liste", exercising.go_through, tag=SIGNED_IN, name="list"),
    route("cabinet/prets/exercice/couper", exercising.cut, tag=SENSITIVE, name="cut"),
    route("cabinet/prets/exercice/finir", exercising.uncut, tag=SIGNED_IN, name="uncut"),
    route("cabinet/prets/exercice/<uuid:exercise>/", exercising.report, tag=SIGNED_IN, name="report"),
]
