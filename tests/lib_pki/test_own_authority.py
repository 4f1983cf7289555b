"""The practice's authority speaks for its own names only, and its leaves outlive a month without anybody."""
import ipaddress
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from permanence.lib import pki

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
RP = "cabinet.example"
NAME = "bureau.cabinet.example"


@pytest.fixture(scope="module")
def authority() -> pki.Pair:
    return pki.make_authority(RP, now=NOW)


@pytest.fixture(scope="module")
def leaf(authority: pki.Pair) -> pki.Pair:
    return pki.make_leaf(authority, [NAME], now=NOW)


def rogue_leaf(authority: pki.Pair, name: x509.GeneralName) -> bytes:
    """What a thief of the authority's key would sign: a name outside its constraint."""
    key = serialization.load_pem_private_key(authority.key, None)
    issuer = x509.load_pem_x509_certificate(authority.certificate)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    own = ec.generate_private_key(ec.SECP256R1())
    return (x509.CertificateBuilder().issuer_name(issuer.subject)
            .subject_name(x509.Name([])).public_key(own.public_key()).serial_number(7)
            .not_valid_before(NOW).not_valid_after(NOW + timedelta(days=30))
            .add_extension(x509.SubjectAlternativeName([name]), critical=True)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
            .sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))


def openssl_verify(tmp_path: Path, authority: bytes, leaf: bytes, *, at: datetime, name: str) -> bool:
    (tmp_path / "ca.pem").write_bytes(authority)
    (tmp_path / "leaf.pem").write_bytes(leaf)
    result = subprocess.run(
        ["openssl", "verify", "-x509_strict", "-purpose", "sslserver", "-attime", str(int(at.timestamp())),
         "-verify_hostname", name, "-CAfile", "ca.pem", "leaf.pem"], cwd=tmp_path, capture_output=True, check=False)
    return result.returncode == 0


@pytest.mark.parametrize("days", [0, 40, 179])
def test_a_leaf_is_trusted_while_it_lives(authority: pki.Pair, leaf: pki.Pair, days: int) -> None:
    pki.check_leaf(leaf.certificate, authority.certificate, NAME, now=NOW + timedelta(days=days))


@pytest.mark.parametrize("days", [-1, 181])
def test_a_leaf_is_refused_outside_its_life(authority: pki.Pair, leaf: pki.Pair, days: int) -> None:
    with pytest.raises(pki.Untrusted):
        pki.check_leaf(leaf.certificate, authority.certificate, NAME, now=NOW + timedelta(days=days))


def test_a_leaf_is_refused_for_another_name(authority: pki.Pair, leaf: pki.Pair) -> None:
    with pytest.raises(pki.Untrusted):
        pki.check_leaf(leaf.certificate, authority.certificate, "portable.cabinet.example", now=NOW)


@pytest.mark.parametrize("name", ["banque.example", "fauxcabinet.example", "example", "cabinet.example.org"])
def test_no_leaf_is_made_outside_the_constraint(authority: pki.Pair, name: str) -> None:
    with pytest.raises(pki.Untrusted) as refused:
        pki.make_leaf(authority, [name], now=NOW)
    assert refused.value.code == "constraint"


@pytest.mark.parametrize("name", ["banque.example", "fauxcabinet.example"])
def test_a_leaf_signed_outside_the_constraint_is_refused(authority: pki.Pair, name: str, tmp_path: Path) -> None:
    rogue = rogue_leaf(authority, x509.DNSName(name))
    with pytest.raises(pki.Untrusted):
        pki.check_leaf(rogue, authority.certificate, name, now=NOW + timedelta(days=1))
    if shutil.which("openssl"):
        assert not openssl_verify(tmp_path, authority.certificate, rogue, at=NOW + timedelta(days=1), name=name)


def test_an_address_is_refused_too(authority: pki.Pair, tmp_path: Path) -> None:
    address = ipaddress.ip_address("192.168.1.10")
    rogue = rogue_leaf(authority, x509.IPAddress(address))
    store = x509.verification.Store([x509.load_pem_x509_certificate(authority.certificate)])
    verifier = (x509.verification.PolicyBuilder().store(store).time(NOW.replace(tzinfo=None) + timedelta(days=1))
                .build_server_verifier(x509.IPAddress(address)))
    with pytest.raises(x509.verification.VerificationError):
        verifier.verify(x509.load_pem_x509_certificate(rogue), [])


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
@pytest.mark.parametrize(("days", "trusted"), [(0, True), (40, True), (181, False)])
def test_openssl_agrees(authority: pki.Pair, leaf: pki.Pair, tmp_path: Path, days: int, trusted: bool) -> None:
    at = NOW + timedelta(days=days)
    assert openssl_verify(tmp_path, authority.certificate, leaf.certificate, at=at, name=NAME) is trusted


def test_the_constraint_is_critical_and_forbids_sub_authorities(authority: pki.Pair) -> None:
    extensions = x509.load_pem_x509_certificate(authority.certificate).extensions
    assert extensions.get_extension_for_class(x509.NameConstraints).critical
    basic = extensions.get_extension_for_class(x509.BasicConstraints)
    assert basic.critical
    assert basic.value.path_length == 0


def test_a_leaf_is_renewed_every_thirty_days_and_keeps_its_key(authority: pki.Pair, leaf: pki.Pair) -> None:
    assert not pki.needs_renewal(leaf.certificate, now=NOW + timedelta(days=29))
    later = NOW + timedelta(days=30)
    assert pki.needs_renewal(leaf.certificate, now=later)
    renewed = pki.make_leaf(authority, pki.names_of(leaf.certificate), now=later, key=leaf.key)
    assert renewed.key == leaf.key
    assert pki.remaining(renewed.certificate, now=later) == pki.LEAF_LIFE
    pki.check_leaf(renewed.certificate, authority.certificate, NAME, now=later + timedelta(days=40))


def test_forty_days_without_anybody_leave_a_leaf_that_is_ready(leaf: pki.Pair) -> None:
    assert pki.ready(leaf.certificate, now=NOW + timedelta(days=30 + 40))
    assert not pki.ready(leaf.certificate, now=NOW + timedelta(days=136))


def test_a_pair_never_shows_its_key(authority: pki.Pair) -> None:
    assert b"PRIVATE" in authority.key
    assert "PRIVATE" not in repr(authority)
