"""The control plane's identities: tokens, kubeconfigs and the key that signs service account tokens."""

import base64
import json
import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ADMINISTRATORS = "system:masters"
OPERATORS = "operators"
VIEWERS = "viewers"

_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_P256_HEAD = bytes.fromhex("30310201010420")  # RFC 5915: sequence, version 1, the private key's 32 octets follow
_P256_TAIL = bytes.fromhex("a00a06082a8648ce3d030107")  # and the name of the curve; the public key is optional


@dataclass(frozen=True, slots=True)
class Identity:
    """A user of the control plane and the bearer token that proves it."""

    user: str
    groups: tuple[str, ...]
    token: str


def new_identity(user: str, *groups: str) -> Identity:
    """Returns an identity with a fresh token of 32 hexadecimal digits."""
    return Identity(user, groups, secrets.token_hex(16))


def write_private(path: Path, text: str) -> Path:
    """Writes a file that only its owner can read from its first moment, and returns its path."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def token_file(identities: Iterable[Identity]) -> str:
    """Returns the text of kube-apiserver's --token-auth-file: token, user, uid and groups, one identity a line."""
    return "".join(f'{one.token},{one.user},{one.user},"{",".join(one.groups)}"\n' for one in identities)


def signing_key() -> str:
    """Returns a new P-256 private key as PEM, in the form of RFC 5915 without the public half, which readers derive."""
    number = secrets.randbelow(_P256_ORDER - 1) + 1
    encoded = base64.b64encode(_P256_HEAD + number.to_bytes(32, "big") + _P256_TAIL).decode()
    lines = [encoded[start : start + 64] for start in range(0, len(encoded), 64)]
    return "\n".join(["-----BEGIN EC PRIVATE KEY-----", *lines, "-----END EC PRIVATE KEY-----", ""])


def last_certificate(chain: str) -> str:
    """Returns the last certificate of a PEM file: in a chain, the authority that signed the others."""
    marker = "-----BEGIN CERTIFICATE-----"
    return marker + chain.rpartition(marker)[2]


def kubeconfig(server: str, authority: str, identity: Identity, *, context: str, namespace: str) -> str:
    """Returns a kubeconfig with one context; JSON, which every reader of YAML takes."""
    cluster = {"server": server, "certificate-authority-data": base64.b64encode(authority.encode()).decode()}
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": context, "cluster": cluster}],
        "users": [{"name": identity.user, "user": {"token": identity.token}}],
        "contexts": [{"name": context, "context": {"cluster": context, "user": identity.user, "namespace": namespace}}],
        "current-context": context,
    }
    return json.dumps(document, indent=1) + "\n"
