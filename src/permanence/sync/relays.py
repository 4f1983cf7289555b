"""The relay among those this machine talks to: entered by a one-use code, and kept to the machines that are heard."""

from uuid import UUID

from permanence.journal import peers, vault
from permanence.journal.doors import Refused
from permanence.journal.folder import Folder
from permanence.journal.messages import ADMITTING, KINDS
from permanence.lib.text import NBSP
from permanence.sync import actions, queries
from permanence.sync.models import Replica

FAR = f"Le relais ne répond pas à cette adresse{NBSP}: vérifiez-la auprès de qui vous l’a donnée."


def enter(here: Folder, line: peers.Peer, base: str, code: str, *, at: str = "") -> None:
    """This machine speaks at the relay from now on, then lets the others in. Raises Refused: far, code.

    `at`: host:port to connect to when the relay's name need not be resolved.
    """
    try:
        line.register(code, kind_of(here.record().replica))
        actions.remember_peer(base, at=at)
        keep_speakers(line)
    except peers.Refused as refused:
        raise Refused(refused.sentence or FAR, code=refused.code) from refused
    except (peers.Unreachable, peers.Malformed) as error:
        raise Refused(FAR, code="far") from error


def kind_of(replica: bytes) -> str:
    """The relay's word for what a machine is."""
    kind = Replica.objects.filter(id=UUID(bytes=replica)).values_list("kind", flat=True).first() or "office"
    return kind if kind in KINDS else "office" if kind == "spare" else "laptop"


def keep_speakers(line: peers.Peer) -> None:
    """Every machine that is heard may speak there, and no other: who was revoked is refused. A laptop leaves that to others."""
    if kind_of(vault.current().replica) not in ADMITTING:
        return
    heard, known = queries.transport_keys(), {key: active for key, kind, active in line.keys() if kind != "sheet"}
    for key, replica in heard.items():
        if not known.get(key, False):
            line.add_key(key, kind_of(replica.bytes))
    for key in [key for key, active in known.items() if active and key not in heard]:
        line.remove_key(key)
