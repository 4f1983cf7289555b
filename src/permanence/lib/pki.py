"""The practice's own certificate authority and its leaves: made and checked here, stored and served elsewhere."""

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY_LIFE = timedelta(days=3652)
LEAF_LIFE = timedelta(days=180)
RENEW_BELOW = timedelta(days=150)  # a leaf is renewed every 30 days, so that 150 days of it survive any outage
READY_ABOVE = timedelta(days=45)  # what the readiness tile asks of the leaf a post will meet
_BACKDATE = timedelta(hours=1)  # a post's clock may be a little late
_NO_ADDRESS = (ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0"))


class Untrusted(Exception):
    """A certificate that a post would refuse. `sentence` is French and says what to do instead."""

    def __init__(self, sentence: str, *, code: str) -> None:
        super().__init__(sentence)
        self.sentence, self.code = sentence, code


@dataclass(frozen=True, slots=True)
class Pair:
    """A private key and its certificate, both PEM. Authority and leaf alike; the key is never shown by repr."""

    key: bytes
    certificate: bytes

    def __repr__(self) -> str:
        return f"Pair(certificate={fingerprint(self.certificate)[:16]}…)"


def make_authority(rp_id: str, *, now: datetime) -> Pair:
    """An authority that can only speak for `rp_id` and names below it: P-256, 10 years, no sub-authority.

    Addresses are excluded too: a constraint on DNS names alone leaves IP addresses free (RFC 5280, 4.2.1.10).
    """
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Permanence – autorité de {rp_id}"[:64])])
    constraints = x509.NameConstraints(
        permitted_subtrees=[x509.DNSName(rp_id)], excluded_subtrees=[x509.IPAddress(net) for net in _NO_ADDRESS])
    builder = (
        _builder(name, name, key.public_key(), now, AUTHORITY_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(constraints, critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    return Pair(_pem(key), builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))


def make_leaf(authority: Pair, names: list[str], *, now: datetime, key: bytes | None = None) -> Pair:
    """A server certificate for `names`, 180 days; `key` (PEM) keeps the same key at a renewal.

    Raises Untrusted("constraint") for a name the authority may not speak for: every post would refuse it.
    """
    issuer = x509.load_pem_x509_certificate(authority.certificate)
    for name in names:
        if not permits(authority.certificate, name):
            raise Untrusted(f"Le nom {name} n’est pas sous le nom du cabinet : choisissez un nom qui en dépend.",
                            code="constraint")
    signer = _private(authority.key)
    leaf_key = _private(key) if key else ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0][:64])])
    builder = (
        _builder(issuer.subject, subject, leaf_key.public_key(), now, LEAF_LIFE)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(leaf_key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
    )
    return Pair(_pem(leaf_key), builder.sign(signer, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))


def permits(authority: bytes, name: str) -> bool:
    """Whether this authority's constraints admit a DNS name."""
    constraints = x509.load_pem_x509_certificate(authority).extensions.get_extension_for_class(x509.NameConstraints)
    permitted = [tree.value for tree in constraints.value.permitted_subtrees or () if isinstance(tree, x509.DNSName)]
    folded = name.lower().rstrip(".")
    return any(folded == tree or folded.endswith("." + tree) for tree in permitted)


def check_leaf(certificate: bytes, authority: bytes, name: str, *, now: datetime) -> None:
    """Verify a leaf as a post would, at an instant. Raises Untrusted with the reason."""
    store = x509.verification.Store([x509.load_pem_x509_certificate(authority)])
    verifier = (x509.verification.PolicyBuilder().store(store).time(now.replace(tzinfo=None))
                .build_server_verifier(x509.DNSName(name)))
    try:
        verifier.verify(x509.load_pem_x509_certificate(certificate), [])
    except x509.verification.VerificationError as error:
        raise Untrusted(f"Le certificat de {name} serait refusé par les postes : refaites-le depuis le poste maître.",
                        code="chain") from error
    if not permits(authority, name):
        raise Untrusted(f"Le nom {name} n’est pas sous le nom du cabinet.", code="constraint")


def remaining(certificate: bytes, *, now: datetime) -> timedelta:
    """How long a certificate still lives; negative once expired."""
    return x509.load_pem_x509_certificate(certificate).not_valid_after_utc - now


def names_of(certificate: bytes) -> list[str]:
    """The DNS names a certificate speaks for."""
    found = x509.load_pem_x509_certificate(certificate).extensions.get_extension_for_class(x509.SubjectAlternativeName)
    return found.value.get_values_for_type(x509.DNSName)


def needs_renewal(certificate: bytes, *, now: datetime) -> bool:
    """Whether a leaf of ours has 150 days or less left, that is 30 days after it was made."""
    return remaining(certificate, now=now) <= RENEW_BELOW


def ready(certificate: bytes, *, now: datetime) -> bool:
    """Whether a leaf outlives a long outage: 45 days or more."""
    return remaining(certificate, now=now) >= READY_ABOVE


def fingerprint(certificate: bytes) -> str:
    """SHA-256 of a PEM certificate, hexadecimal: what a person compares when installing the authority."""
    return x509.load_pem_x509_certificate(certificate).fingerprint(hashes.SHA256()).hex()


def _builder(issuer: x509.Name, subject: x509.Name, public: ec.EllipticCurvePublicKey, now: datetime,
             life: timedelta) -> x509.CertificateBuilder:
    start = now.replace(microsecond=0)
    return (x509.CertificateBuilder().issuer_name(issuer).subject_name(subject).public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(start - _BACKDATE).not_valid_after(start + life))


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates, key_cert_sign=signs_certificates, crl_sign=signs_certificates,
        content_commitment=False, key_encipherment=False, data_encipherment=False, key_agreement=False,
        encipher_only=False, decipher_only=False)


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                             serialization.NoEncryption())


def _private(pem: bytes) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(pem, password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError("the practice's keys are elliptic-curve keys")
    return key
