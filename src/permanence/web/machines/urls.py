"""The routes between machines."""

from permanence.web.machines import answering
from permanence.web.routes import Tag, route

PUBLIC, BODIES, FILES = Tag.PUBLIC, answering.BODIES, answering.FILES

machines = [
    route("status", answering.status, tag=PUBLIC, name="status"),
    route("entries", answering.entries, tag=PUBLIC, name="entries", large=answering.ENTRIES),
    route("entries/wanted", answering.wanted, tag=PUBLIC, name="wanted", large=BODIES),
    route("revocation", answering.revocation, tag=PUBLIC, name="revocation"),
    route("heads", answering.heads, tag=PUBLIC, name="heads", large=BODIES),
    route("roots", answering.roots, tag=PUBLIC, name="roots"),
    route("blobs/missing", answering.missing, tag=PUBLIC, name="missing", large=BODIES),
    route("blobs/<slug:hash>", answering.blob, tag=PUBLIC, name="blob", large=FILES),
    route("access/wanted", answering.reads, tag=PUBLIC, name="reads", large=BODIES),
    route("access/<slug:replica>/<slug:span>", answering.segment, tag=PUBLIC, name="segment", large=answering.READS),
    route("pair/<slug:step>", answering.pair, tag=PUBLIC, name="pair"),
]
