"""A throwaway certificate authority and the server certificates it signs: one that holds, and one whose time is over."""

import datetime
import ipaddress
import os
import ssl
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_VALIDITY = datetime.timedelta(days=30)
_CLOCK_SKEW = datetime.timedelta(hours=1)
EXPIRED_FOR = datetime.timedelta(hours=3)
"""How long ago the expired certificate ended."""


@dataclass(frozen=True, slots=True)
class Certificates:
    """Files that a TLS server on loopback needs, and the one its clients need."""

    ca_file: Path
    """Certificate of the authority, PEM: what clients trust."""
    certificate_file: Path
    """Server certificate and its key, PEM, mode 0600."""
    expired_file: Path
    """The same server's certificate that ended three hours ago, and its key."""

    def server_context(self, *, expired: bool = False) -> ssl.SSLContext:
        """Return the TLS settings of the server; `expired`: with the certificate whose time is over."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(self.expired_file if expired else self.certificate_file)
        context.set_alpn_protocols(["http/1.1"])
        return context


def create_certificates(directory: Path) -> Certificates:
    """Make an authority and two certificates for 127.0.0.1 and localhost in a folder: one that holds, one that has expired.

    The authority's key is forgotten at once: nothing else can ever be signed with it.
    """
    now = datetime.datetime.now(datetime.UTC)
    ca_key = ec.generate_private_key(ec.SECP256R1())
    ca_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "gospel-rollback drill authority")])
    ca = (
        _builder(ca_name, ca_name, ca_key.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(signs=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(ca_key.public_key()), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    files = Certificates(directory / "ca.crt", directory / "server.pem", directory / "expired.pem")
    files.ca_file.write_bytes(ca.public_bytes(serialization.Encoding.PEM))
    _write_server(files.certificate_file, ca_name, ca_key, now)
    _write_server(files.expired_file, ca_name, ca_key, now - _VALIDITY - EXPIRED_FOR)
    return files


def _write_server(file: Path, ca_name: x509.Name, ca_key: ec.EllipticCurvePrivateKey, begins: datetime.datetime) -> None:
    """Write a server certificate that holds from about then on, and its key, to a file that only its owner can read."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kube-apiserver of a drill")])
    loopback = [x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.DNSName("localhost")]
    certificate = (
        _builder(name, ca_name, key.public_key(), begins)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signs=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(loopback), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as written:
        written.write(certificate.public_bytes(serialization.Encoding.PEM) + secret)


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime.datetime) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCK_SKEW)
        .not_valid_after(now + _VALIDITY)
    )


def _key_usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs,
        crl_sign=signs,
        encipher_only=False,
        decipher_only=False,
    )
