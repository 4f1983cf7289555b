"""What Python seals, the page's WebCrypto opens: PRF to HKDF to X25519 to HPKE, run by node where there is one."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from permanence.accounts.proof import b64url
from permanence.lib import suite

SCRIPT = Path(__file__).resolve().parents[2] / "src/permanence/web/static/js/unlock.js"
PROGRAM = """
import { readFileSync } from 'node:fs';
globalThis.self = globalThis;
(0, eval)(readFileSync(process.argv[2], 'utf8'));
const { slotPair, open, fromB64url: bytes, b64url } = self.unlocking;
const given = JSON.parse(readFileSync(0, 'utf8'));
const pair = await slotPair(bytes(given.secret), bytes(given.salt), bytes(given.info));
const opened = [];
for (const box of given.boxes) {
  try { opened.push(b64url(await open(pair, bytes(box.sealed), bytes(box.info), bytes(box.aad)))); }
  catch { opened.push(null); }
}
console.log(JSON.stringify({ publicKey: b64url(pair.publicKey), opened }));
"""


def test_the_page_opens_what_the_practice_sealed(tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("no node on this machine: the browser journey covers the same code")
    secret, salt, info = os.urandom(32), os.urandom(16), b"permanence/slot/passkey/v1" + os.urandom(16)
    private = HKDF(SHA256(), 32, salt, info).derive(secret)
    public = X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()
    plain = os.urandom(32)

    def box(sealed: bytes, info: bytes = b"root", aad: bytes = b"") -> dict[str, str]:
        return {"sealed": b64url(sealed), "info": b64url(info), "aad": b64url(aad)}

    good = suite.hpke_seal(public, plain, b"root")
    boxes = [box(good), box(suite.hpke_seal(public, plain, b"root", b"more"), aad=b"more"), box(good, info=b"other"),
             box(good[:-1] + bytes([good[-1] ^ 1])), box(suite.hpke_seal(suite.x25519_pair()[0], plain, b"root"))]
    program = tmp_path / "open.mjs"
    program.write_text(PROGRAM, encoding="utf-8")
    done = subprocess.run([node, str(program), str(SCRIPT)], capture_output=True, check=True, text=True, input=json.dumps(
        {"secret": b64url(secret), "salt": b64url(salt), "info": b64url(info), "boxes": boxes}))
    answer = json.loads(done.stdout)
    assert answer["publicKey"] == b64url(public)
    assert answer["opened"] == [b64url(plain), b64url(plain), None, None, None]
