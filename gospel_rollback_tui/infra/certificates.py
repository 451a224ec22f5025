"""Reads the certificate a server shows: of a connection that stands, or, where it was not accepted, by a handshake of its own."""

import socket
import ssl
from dataclasses import replace

from gospel_rollback_tui.domain.certificates import Certificate, fault_of_code

PEEK_SECONDS = 1.5
"""For a connection and handshake that only look at a certificate."""


def accepted(connection: object) -> Certificate | None:
    """Returns the certificate that a verified connection's socket was shown; None: no TLS."""
    if not isinstance(connection, ssl.SSLSocket):
        return None
    shown = connection.getpeercert()
    if not shown:
        return None
    begins, ends = shown.get("notBefore"), shown.get("notAfter")
    return Certificate(
        begins=float(ssl.cert_time_to_seconds(begins)) if isinstance(begins, str) else None,
        ends=float(ssl.cert_time_to_seconds(ends)) if isinstance(ends, str) else None,
    )


def refused(error: ssl.SSLError) -> Certificate | None:
    """Returns the certificate that a verification refused, without its times; None: TLS failed before there was one."""
    return Certificate(fault=fault_of_code(error.verify_code)) if isinstance(error, ssl.SSLCertVerificationError) else None


def with_times(certificate: Certificate, host: str, port: int, seconds: float = PEEK_SECONDS) -> Certificate:
    """Returns a refused certificate with its times, which the library does not tell of one that it refuses.

    They are read by a handshake that verifies nothing and after which nothing is sent. What keeps them away is no
    news: the certificate comes back as it was.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with (
            socket.create_connection((host, port), timeout=seconds) as plain,
            context.wrap_socket(plain, server_hostname=host) as spoken,
        ):
            encoded = spoken.getpeercert(binary_form=True)
        if not encoded:
            return certificate
        from cryptography import x509  # only a refused certificate needs it

        shown = x509.load_der_x509_certificate(encoded)
        return replace(certificate, begins=shown.not_valid_before_utc.timestamp(), ends=shown.not_valid_after_utc.timestamp())
    except (OSError, ValueError):
        return certificate
