"""The relay among those this machine talks to: entered by a one-use code, and kept to the machines that are heard."""

import logging
from collections.abc import Callable
from contextlib import closing
from uuid import UUID

from permanence.accounts.queries import sheets
from permanence.journal import peers, vault
from permanence.journal.doors import Refused
from permanence.journal.folder import Folder
from permanence.journal.messages import ADMITTING, KINDS
from permanence.lib.text import NBSP
from permanence.sync import actions, deposits, queries
from permanence.sync.models import Replica

log = logging.getLogger(__name__)
FAR = f"Le relais ne répond pas à cette adresse{NBSP}: vérifiez-la auprès de qui vous l’a donnée."


def enter(here: Folder, line: peers.Peer, base: str, code: str, *, at: str = "") -> None:
    """This machine speaks at the relay from now on, then lets the others in. Raises Refused: far, code.

    `at`: host:port to connect to when the relay's name need not be resolved.
    """
    try:
        line.register(code, kind_of(here.record().replica))
        actions.remember_peer(base, at=at)
        keep_speakers(line)
        deposits.leave(here.path, line, None)
    except peers.Refused as refused:
        raise Refused(refused.sentence or FAR, code=refused.code) from refused
    except (peers.Unreachable, peers.Malformed) as error:
        raise Refused(FAR, code="far") from error


def kind_of(replica: bytes) -> str:
    """The relay's word for what a machine is."""
    kind = Replica.objects.filter(id=UUID(bytes=replica)).values_list("kind", flat=True).first() or "office"
    return kind if kind in KINDS else "office" if kind == "spare" else "laptop"


def keep_speakers(line: peers.Peer) -> None:
    """Every machine that is heard may speak there, the recovery sheet in service, and no other: who was revoked and a sheet that was
    replaced are refused. A laptop leaves that to others."""
    if kind_of(vault.current().replica) not in ADMITTING:
        return
    heard = {key: kind_of(replica.bytes) for key, replica in queries.transport_keys().items()}
    heard |= {sheet.speaks: "sheet" for sheet in sheets() if sheet.live}
    active = {key for key, _, active in line.keys() if active}
    for key in sorted(heard.keys() - active):
        line.add_key(key, heard[key])
    for key in sorted(active - heard.keys()):
        line.remove_key(key)


def tell(here: Folder, line_to: Callable[[str, Folder], peers.Peer]) -> None:
    """At once what would be told within a minute: a sheet was made. A relay that does not answer hears of it later."""
    for base in queries.relays():
        try:
            with closing(line_to(base, here)) as line:
                keep_speakers(line)
                deposits.leave(here.path, line, None)
        except (peers.Unreachable, peers.Refused, peers.Malformed, ValueError):
            log.warning("a relay will hear of the sheet later", extra={"kind": "relay.later"})
