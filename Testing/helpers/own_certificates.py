"""A certificate authority as a company has it, and a server certificate of it."""

from __future__ import annotations

import datetime as dt
import hashlib
import ipaddress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def make_certificates(folder: Path, *names: str) -> tuple[Path, Path]:
    """(file of the authority to trust, file with key and certificate of a server of these names and of 127.0.0.1)."""
    authority_key, server_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test authority")])
    authority = (
        _builder(authority_name, authority_name, authority_key)
        .add_extension(x509.BasicConstraints(True, None), True)
        .sign(authority_key, hashes.SHA256())
    )
    alternatives = [*(x509.DNSName(name) for name in names), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    server = (
        _builder(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test server")]), authority_name, server_key)
        .add_extension(x509.SubjectAlternativeName(alternatives), False)
        .sign(authority_key, hashes.SHA256())
    )
    trusted, served = folder / "authority.pem", folder / "server.pem"
    trusted.write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    key = server_key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    served.write_bytes(key + server.public_bytes(serialization.Encoding.PEM))
    return trusted, served


def put_by_hash(authority: Path, folder: Path) -> Path:
    """A folder of trusted certificates as OpenSSL looks them up: by the hash of their subject (X509_NAME_hash; "openssl rehash" makes such names)."""
    [attribute] = x509.load_pem_x509_certificate(authority.read_bytes()).subject
    # Of one attribute: in lower case, without the sequence around it.
    text = str(attribute.value).lower().encode()
    value = b"\x06\x03\x55\x04\x03\x0c" + bytes([len(text)]) + text
    pair = b"\x30" + bytes([len(value)]) + value
    digest = hashlib.sha1(b"\x31" + bytes([len(pair)]) + pair, usedforsecurity=False).digest()
    folder.mkdir()
    (folder / f"{int.from_bytes(digest[:4], 'little'):08x}.0").write_bytes(authority.read_bytes())
    return folder


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.timezone.utc)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
    )
