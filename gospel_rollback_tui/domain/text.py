"""Makes text from outside harmless, and takes secrets out of text that is kept or shown."""

import re
from collections.abc import Iterable

_CONTROL = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[PX^_][^\x1b]*(?:\x1b\\)?|[ -/]*[0-~])"
    r"|[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069]"
)
_REDACTED = "«redacted»"
_SECRETS = re.compile(
    r"(?P<keep>\b\w+://[^\s:/@]+:)[^\s@]+(?=@)"
    r"|(?P<bearer>\bBearer\s+)[A-Za-z0-9._~+/=-]+"
    r"|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"
    r"|\bk8s-aws-v1\.[\w-]+"
    r"|\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*"
    r"|(?P<named>(?:password|passwd|secret|token|api[_-]?key|aws_secret_access_key|X-TYPESENSE-API-KEY)[\"']?\s*[=:]\s*[\"']?)"
    r"[^\s\"',;&]+"
    r"|-----BEGIN [A-Z ]+-----.*?(?:-----END [A-Z ]+-----|$)",
    re.IGNORECASE | re.DOTALL,
)


def clean(line: str, limit: int = 4000) -> str:
    """Returns one line with every control, escape and bidirectional character made visible or dropped.

    Lines longer than `limit` characters are cut and marked. Split on newlines first.
    """
    if len(line) > limit:
        line = line[:limit] + "…"
    line = line.replace("\t", "    ").replace("\n", " ")
    if line.isprintable():
        return line
    return _CONTROL.sub(lambda m: "" if len(m[0]) > 1 else "\ufffd", line)


def redact(text: str, known: Iterable[str] = ()) -> str:
    """Returns the text without credentials: the `known` secret values, and whatever has the shape of one."""
    for secret in known:
        if len(secret) >= 4:
            text = text.replace(secret, _REDACTED)

    def _replace(match: re.Match[str]) -> str:
        kept = match["keep"] or match["bearer"] or match["named"] or ""
        return kept + _REDACTED

    return _SECRETS.sub(_replace, text)


def shorten(text: str, width: int) -> str:
    """Returns the text cut in the middle to at most `width` characters, so that both ends stay readable."""
    if len(text) <= width:
        return text
    if width < 3:
        return text[: max(width, 0)]
    head = (width - 1 + 1) // 2
    tail = width - 1 - head
    return text[:head] + "…" + (text[-tail:] if tail else "")
