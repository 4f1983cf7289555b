"""Pictures of the main screens, taken in Debian's Chromium on a small fictional practice, into docs/screens."""

import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, cast

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).parent.parent
FOLDER, INTO, PORT = ROOT / "build" / "screenshots-practice", ROOT / "docs" / "screens", 8737
HOME, LAPTOP = f"http://bureau.tilleuls.localhost:{PORT}", f"http://portable.tilleuls.localhost:{PORT + 2}"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
             "--no-first-run"]
SETTLED_MS, A_CUT_MS = 1_500, 12_000
NOTE = "Toux sèche depuis 4 jours, pas de fièvre. Auscultation libre. Conseils, revoir si fièvre ou essoufflement."
ORDONNANCE = "Amlodipine 5 mg, 1 comprimé le matin, pendant 3 mois.\nParacétamol 1 g, 1 comprimé si douleur, 3 par jour au plus."


def wait_for_server(process: subprocess.Popen[bytes], port: int) -> None:
    """Until somebody listens. Raises RuntimeError when the server ended or stayed silent for a minute."""
    for _ in range(240):
        if process.poll() is not None:
            raise RuntimeError("the server ended")
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=2):
            return
        time.sleep(0.25)
    raise RuntimeError("the server does not answer")


def take(page: Page, name: str) -> None:
    """One picture, once nothing moves."""
    page.wait_for_load_state("load")
    page.wait_for_timeout(SETTLED_MS)  # a live screen keeps one connection open: the network is never idle
    page.screenshot(path=INTO / f"{name}.png")
    print(f"{name}.png")


def find(page: Page, name: str) -> None:
    """By the keyboard, once the page listens."""
    page.locator("html[data-listens]").wait_for(state="attached")
    page.keyboard.press("Control+k")
    page.keyboard.type(name)
    page.get_by_role("option").first.wait_for()


def pictures(page: Page) -> None:
    """From the door to the list of who read the file."""
    page.goto(f"{HOME}/")
    page.get_by_role("button", name="MOREAU").wait_for()
    take(page, "sign-in")
    page.get_by_role("button", name="MOREAU").click()
    page.wait_for_url(f"{HOME}/")
    find(page, "mar")
    take(page, "search")
    page.keyboard.press("Enter")
    page.wait_for_url("**/patients/*/")
    take(page, "patient-file")
    file = page.url
    page.goto(f"{file}note/", referer=HOME)
    page.get_by_label("Motif").fill("Toux")
    page.get_by_label("Note", exact=True).fill(NOTE)
    take(page, "note")
    page.goto(f"{file}lectures/", referer=HOME)
    take(page, "access-list")
    page.goto(f"{HOME}/", referer=HOME)
    take(page, "home")
    page.goto(f"{HOME}/agenda/", referer=HOME)
    take(page, "agenda")
    page.goto(f"{HOME}/agenda/salle/", referer=HOME)
    take(page, "waiting-room")
    page.goto(f"{HOME}/agenda/tournee/", referer=HOME)
    take(page, "round")
    page.goto(f"{HOME}/", referer=HOME)
    note = page.locator("a[href*='/releve/note/']").first  # the card comes after the page
    note.wait_for()
    page.goto(f"{HOME}{note.get_attribute('href')}", referer=HOME)
    take(page, "return-note")
    page.goto(f"{file}ordonnance/", referer=HOME)
    page.get_by_label("Texte").fill(ORDONNANCE)
    take(page, "ordonnance")
    page.goto(f"{file}acte/", referer=HOME)
    take(page, "act")
    page.goto(f"{HOME}/fermer/", referer=HOME)
    take(page, "closing")
    page.goto(f"{HOME}/cabinet/kit/", referer=HOME)
    take(page, "evening-kit")
    page.goto(f"{HOME}/cabinet/reprise/", referer=HOME)
    take(page, "moving-in")
    for path, name in (("etat", "crisis"), ("a-rapprocher", "settling"), ("machines", "machines"), ("machines/cle", "usb-stick"),
                       ("prets", "ready")):  # fmt: skip
        page.goto(f"{HOME}/cabinet/{path}/", referer=HOME)
        take(page, name)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{HOME}/agenda/", referer=HOME)
    take(page, "agenda-phone")
    page.goto(file, referer=HOME)
    take(page, "patient-file-phone")


def cut(page: Page, line: IO[bytes]) -> None:
    """The laptop alone, then back: `line` is the terminal of `demo --replicas`."""
    page.goto(f"{LAPTOP}/")
    page.get_by_role("button", name="MOREAU").click()
    page.wait_for_url(f"{LAPTOP}/")
    type_letter(line, "c")
    page.goto(f"{LAPTOP}/cabinet/etat/", referer=LAPTOP)
    page.get_by_text("Coupé des autres machines").first.wait_for()
    page.wait_for_timeout(A_CUT_MS)
    find(page, "mar")
    page.keyboard.press("Enter")
    page.wait_for_url("**/patients/*/")
    take(page, "cut")
    type_letter(line, "r")
    page.goto(f"{LAPTOP}/cabinet/retours/", referer=LAPTOP)
    while not page.get_by_text("0 perdu, prouvé").count():
        page.wait_for_timeout(SETTLED_MS)
        page.reload()
    take(page, "return")


def type_letter(line: IO[bytes], letter: str) -> None:
    """As a person types it."""
    line.write(f"{letter}\n".encode())
    line.flush()


def main() -> int:
    """Make the practice on two machines, serve it, take the pictures, stop."""
    INTO.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "permanence.cli", "demo", "--replicas", "--patients", "120", "--folder", str(FOLDER),
               "--port", str(PORT)]  # fmt: skip
    subprocess.run([*command, "--fresh", "--no-serve"], check=True)  # noqa: S603  # our own command
    server = subprocess.Popen(command, stdin=subprocess.PIPE)  # noqa: S603  # our own command
    try:
        for port in (PORT, PORT + 2):
            wait_for_server(server, port)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
            pictures(browser.new_page(viewport={"width": 1440, "height": 900}, locale="fr-FR"))
            cut(browser.new_page(viewport={"width": 1440, "height": 900}, locale="fr-FR"), cast("IO[bytes]", server.stdin))
            browser.close()
    finally:
        server.terminate()
        server.wait(60)
    return 0


if __name__ == "__main__":
    sys.exit(main())
