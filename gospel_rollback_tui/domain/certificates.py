"""What a server's TLS certificate says about now: how long it still holds, or why it was not accepted."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum

from gospel_rollback_tui.domain.spans import span

ENDING_SOON = 14 * 86_400.0
"""Seconds before a certificate's end from which it is said: most are renewed thirty days before, so a renewal has failed."""


class CertificateFault(Enum):
    """Why a certificate was not accepted; the value is the word shown where its times are not known."""

    EXPIRED = "certificate expired"
    NOT_YET_VALID = "certificate not yet valid"
    NAME = "certificate of another name"
    AUTHORITY = "certificate of an unknown authority"
    OTHER = "certificate not accepted"


NEXT_STEP = {
    CertificateFault.EXPIRED: "Renew the certificate; users are refused as this host is.",
    CertificateFault.NOT_YET_VALID: "Compare this host's clock with another one; if it is right, a certificate was put in place too early.",
    CertificateFault.NAME: "Look which server answers there: DNS, or a proxy on the way, leads to another one.",
    CertificateFault.AUTHORITY: "Check the certificate authority this host trusts; a proxy on the way may have put its own certificate in.",
    CertificateFault.OTHER: "Check TLS between this host and the server.",
}
"""What an operator does about each, in a sentence."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """The certificate that a server showed."""

    begins: float | None = None
    """Wall time from which it holds; None: not read."""
    ends: float | None = None
    """Wall time until which it holds; None: not read."""
    fault: CertificateFault | None = None
    """Why it was not accepted; None: it was."""


def refused_words(certificate: Certificate, now: float) -> str:
    """Returns why a certificate was not accepted, with how long ago or how soon: `certificate expired 3 h ago`."""
    fault = certificate.fault or CertificateFault.OTHER
    if fault is CertificateFault.EXPIRED and certificate.ends is not None and certificate.ends <= now:
        return f"{fault.value} {span(now - certificate.ends)} ago"
    if fault is CertificateFault.NOT_YET_VALID and certificate.begins is not None and certificate.begins > now:
        return f"{fault.value}: it begins in {_left(certificate.begins - now)}"
    return fault.value


def ending_words(certificate: Certificate, now: float) -> str:
    """Returns `certificate ends in 9 d` for an accepted certificate that ends soon; empty: nothing to say."""
    if certificate.fault is not None or certificate.ends is None or certificate.ends - now > ENDING_SOON:
        return ""
    return f"certificate ends in {_left(certificate.ends - now)}" if certificate.ends > now else f"certificate expired {span(now - certificate.ends)} ago"


def fault_of_code(code: int) -> CertificateFault:
    """Returns the fault that a code of OpenSSL's verification stands for (`X509_V_ERR_…` of openssl/x509_vfy.h)."""
    return _FAULTS.get(code, CertificateFault.OTHER)


_FAULTS = {
    10: CertificateFault.EXPIRED,
    9: CertificateFault.NOT_YET_VALID,
    62: CertificateFault.NAME,
    64: CertificateFault.NAME,
    2: CertificateFault.AUTHORITY,
    18: CertificateFault.AUTHORITY,
    19: CertificateFault.AUTHORITY,
    20: CertificateFault.AUTHORITY,
    21: CertificateFault.AUTHORITY,
}


def utc(wall: float) -> str:
    """Returns a wall time to the minute, for a sentence: `2026-03-01 02:40 UTC`."""
    return datetime.fromtimestamp(math.floor(wall), UTC).strftime("%Y-%m-%d %H:%M UTC")


def _left(seconds: float) -> str:
    return span(max(0.0, seconds))
