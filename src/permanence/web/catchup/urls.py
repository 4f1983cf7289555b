"""Routes of the catch-up. No number and no name stands in an address: a form and a page are known by an id."""

from permanence.web.catchup import filing, listing
from permanence.web.routes import Tag, route

CLINICAL = Tag.CLINICAL

routes = [
    route("cabinet/fiches/", listing.forms, tag=CLINICAL, name="list"),
    route("cabinet/fiches/trouver/", listing.find, tag=CLINICAL, name="find"),
    route("cabinet/fiches/<uuid:sheet>/", filing.choose, tag=CLINICAL, name="form"),
    route("cabinet/fiches/<uuid:sheet>/rendre/", listing.settle, tag=CLINICAL, name="settle"),
    route("cabinet/fiches/kit/<uuid:copy>/reste/", listing.rest, tag=CLINICAL, name="rest"),
    route("cabinet/fiches/page/<uuid:scan>/", listing.scan, tag=CLINICAL, name="scan"),
    route("cabinet/fiches/page/<uuid:scan>/numero/", listing.number, tag=CLINICAL, name="number"),
    route("cabinet/fiches/page/<uuid:scan>/retirer/", listing.drop, tag=CLINICAL, name="drop"),
    route("patients/<uuid:patient>/fiche/<uuid:sheet>/", filing.file, tag=CLINICAL, name="file"),
]
