"""What a certificate's times and faults come to in words."""

import pytest

from gospel_rollback_tui.domain.certificates import ENDING_SOON, NEXT_STEP, Certificate, CertificateFault, ending_words, fault_of_code, refused_words, utc

NOW = 1_700_000_000.0
DAY = 86_400.0
EXPIRED, EARLY, NAME, AUTHORITY, OTHER = CertificateFault


@pytest.mark.parametrize(
    ("certificate", "words"),
    [
        (Certificate(NOW - DAY, NOW - 3 * 3600.0, EXPIRED), "certificate expired 3 h ago"),
        (Certificate(NOW - DAY, NOW - 40 * DAY, EXPIRED), "certificate expired 40 d ago"),
        (Certificate(fault=EXPIRED), "certificate expired"),
        (Certificate(NOW - DAY, NOW + DAY, EXPIRED), "certificate expired"),
        (Certificate(NOW + 1800.0, NOW + DAY, EARLY), "certificate not yet valid: it begins in 30 min"),
        (Certificate(fault=EARLY), "certificate not yet valid"),
        (Certificate(NOW - DAY, NOW + DAY, NAME), "certificate of another name"),
        (Certificate(NOW - DAY, NOW + DAY, AUTHORITY), "certificate of an unknown authority"),
        (Certificate(fault=OTHER), "certificate not accepted"),
        (Certificate(), "certificate not accepted"),
    ],
)
def test_a_refused_certificate_says_why(certificate: Certificate, words: str) -> None:
    """With its times where they were read, and where they do not contradict the fault: this host's clock may be what is wrong."""
    assert refused_words(certificate, NOW) == words


@pytest.mark.parametrize(
    ("certificate", "words"),
    [
        (Certificate(NOW - DAY, NOW + 9.5 * DAY), "certificate ends in 9 d"),
        (Certificate(NOW - DAY, NOW + ENDING_SOON), "certificate ends in 14 d"),
        (Certificate(NOW - DAY, NOW + ENDING_SOON + 1), ""),
        (Certificate(NOW - DAY, NOW + 60.0), "certificate ends in 60 s"),
        (Certificate(NOW - DAY, NOW - 7200.0), "certificate expired 2 h ago"),
        (Certificate(NOW - DAY), ""),
        (Certificate(NOW - DAY, NOW + DAY, NAME), ""),
    ],
)
def test_an_accepted_certificate_says_when_it_ends_soon(certificate: Certificate, words: str) -> None:
    """From fourteen days before; one that ended under an answer is said to have."""
    assert ending_words(certificate, NOW) == words


@pytest.mark.parametrize(("code", "fault"), [(10, EXPIRED), (9, EARLY), (62, NAME), (64, NAME), (18, AUTHORITY), (19, AUTHORITY), (20, AUTHORITY), (1, OTHER)])
def test_openssls_codes_are_faults(code: int, fault: CertificateFault) -> None:
    """A code that nobody knows is still a refusal."""
    assert fault_of_code(code) is fault


def test_every_fault_has_something_to_do() -> None:
    """A reason without a next step is half a reason."""
    assert set(NEXT_STEP) == set(CertificateFault)


def test_a_moment_is_written_in_utc() -> None:
    """To the minute, whatever the machine's zone."""
    assert utc(1_700_000_000.9) == "2023-11-14 22:13 UTC"
