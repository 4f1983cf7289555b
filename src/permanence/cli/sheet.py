"""The recovery sheet on paper, « feuille de secours »: a page to print, and the proof that it was printed."""

import os
import tempfile
from collections.abc import Callable
from html import escape
from pathlib import Path

import segno

from permanence.journal import keyring

TRIES = 5
_STYLE = """
@page { size: A4; margin: 20mm }
body { font: 12pt/1.5 "Inter", "Liberation Sans", sans-serif; color: #111; max-width: 170mm; margin: 0 auto }
h1 { font-size: 22pt; margin: 0 0 4mm } h2 { font-size: 13pt; margin: 8mm 0 2mm }
.code { font: 600 21pt/1.7 "DejaVu Sans Mono", monospace; letter-spacing: .06em; border: .5mm solid #111; padding: 5mm 8mm;
  display: grid; grid-template-columns: repeat(4, auto); justify-content: space-between; margin: 5mm 0 }
.row { display: flex; gap: 10mm; align-items: flex-start } svg { width: 45mm; height: 45mm; flex: none }
.box { border: .3mm dashed #555; padding: 3mm 5mm; margin-top: 8mm } small { color: #333 }
"""


def page(secret: bytes, *, host: str, made_on: str, relay: str = "") -> str:
    """The printable page (HTML, A4, all in one file). `host` is the replica's name, `made_on` a French date, `relay` an address."""
    groups = keyring.show_sheet(secret).split()
    spans = "".join(f"<span>{group}</span>" for group in groups)
    where = f"--relay {escape(relay)}" if relay else "--relay ____________________________"
    code = segno.make("".join(groups), error="q", micro=False).svg_inline(scale=4, border=2)
    return f"""<!doctype html><html lang="fr"><meta charset="utf-8"><title>Feuille de secours</title><style>{_STYLE}</style>
<h1>Feuille de secours</h1>
<p>Cette feuille ouvre le cabinet <b>{host}</b> quand aucune clé ne le peut. Qui la tient peut tout lire\u00a0: gardez-la au
coffre, sous enveloppe fermée et datée, hors du cabinet si possible.</p>
<div class="code">{spans}</div>
<div class="row">{code}<div>
<h2>Pour s’en servir</h2>
<p>Sur la machine du cabinet seulement\u00a0: <b>permanence unlock</b>, puis taper les huit groupes. Majuscules, espaces et
tirets sont indifférents\u202f; O se lit 0, I et L se lisent 1. Le dernier caractère de chaque groupe le vérifie.</p>
<h2>Si toutes les machines sont perdues</h2>
<p>Sur un ordinateur neuf\u00a0: installer Permanence, puis <b>permanence rebuild {where}</b> et taper les huit groupes. Sans relais\u00a0:
<b>permanence rebuild --copy</b> et le dossier de la dernière copie. Coupé en route, relancer la même commande.</p>
<p><small>Jamais par téléphone, par courriel ou sur un site\u00a0: personne ne vous demandera ces groupes.</small></p>
</div></div>
<div class="box">Imprimée le {made_on}. Remise à\u00a0: ____________________ &nbsp; Lieu\u00a0: ____________________<br>
<small>Une nouvelle feuille annule celle-ci\u00a0: détruisez-la alors.</small></div>
</html>
"""


def write_page(html: str, path: Path | None) -> Path:
    """Write the page for its owner only: where asked, otherwise in memory (never on the disk of the practice)."""
    if path is None:
        places = (os.environ.get("XDG_RUNTIME_DIR", ""), "/dev/shm")  # noqa: S108 -- mkdtemp below makes a private folder
        memory = next((Path(place) for place in places if place and Path(place).is_dir()), Path(tempfile.gettempdir()))
        path = Path(tempfile.mkdtemp(prefix="permanence-", dir=memory)) / "feuille-de-secours.html"
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(html)
    return path


def remove_page(path: Path) -> None:
    """Once it was printed."""
    path.unlink(missing_ok=True)
    if path.parent.name.startswith("permanence-"):
        path.parent.rmdir()


def typed_again(secret: bytes, ask: Callable[[str], str], say: Callable[[str], object]) -> bool:
    """Whether the person could type the sheet from paper. Each wrong group is named; five tries."""
    for _ in range(TRIES):
        try:
            if keyring.read_sheet(ask("Tapez les huit groupes de la feuille imprimée\u00a0: ")) == secret:
                return True
            say("C’est une autre feuille\u00a0: prenez celle qui vient d’être imprimée.")
        except keyring.Mistyped as wrong:
            say(mistyped(wrong))
        except EOFError:
            return False
    return False


def mistyped(wrong: keyring.Mistyped) -> str:
    """What to correct, in French."""
    if not wrong.groups:
        return f"Il y a {wrong.length} caractères au lieu de {keyring.GROUPS * 5}\u00a0: vérifiez les huit groupes de cinq."
    if len(wrong.groups) == 1:
        return f"Le groupe {wrong.groups[0]} ne va pas\u00a0: relisez-le."
    return f"Les groupes {', '.join(map(str, wrong.groups))} ne vont pas\u00a0: relisez-les."
