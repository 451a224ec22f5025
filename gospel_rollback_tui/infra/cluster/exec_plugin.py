"""Runs a credential plugin of a kubeconfig so that it can neither ask on the terminal nor write on it.

The client library runs plugins with the terminal as their input and swallows their failures; here each has its own
session, no input, both outputs piped, and ten seconds.
"""

import json
import os
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gospel_rollback_tui.domain.errors import CredentialsExpired
from gospel_rollback_tui.domain.raw import child, moment, text
from gospel_rollback_tui.domain.text import clean, redact

PLUGIN_SECONDS = 10.0
_LOGIN = "Press L to log in, then go on."


@dataclass(frozen=True, slots=True)
class Credential:
    """What proves who asks; never shown."""

    authorization: str = ""
    """Value of the Authorization header; empty: none."""
    certificate: tuple[str, str] | None = None
    """PEM texts of a client certificate and its key."""
    expires: float | None = None
    """Wall time; None: it does not say."""

    def __repr__(self) -> str:
        """Keeps secrets out of tracebacks."""
        return "Credential(…)"


def run_plugin(section: Mapping[str, Any], cluster: Mapping[str, Any], folder: str, timeout: float = PLUGIN_SECONDS) -> Credential:
    """Runs the plugin of a kubeconfig's `exec` section and returns what it answers.

    Args:
        section: `users[].user.exec`.
        cluster: The cluster's section, handed on where `provideClusterInfo` asks for it.
        folder: What a relative command is relative to.
        timeout: Seconds.

    Raises:
        CredentialsExpired: It is not there, failed, wants a terminal, took too long, or answered something else.
    """
    command = str(section.get("command") or "")
    if section.get("interactiveMode") == "Always":
        raise CredentialsExpired(f"The credential plugin {_name(command)} insists on a terminal.", next_step=_LOGIN)
    argv = [_located(command, folder), *(str(part) for part in section.get("args") or ())]
    environment = dict(os.environ)
    environment.update({str(item["name"]): str(item["value"]) for item in section.get("env") or () if "name" in item and "value" in item})
    environment["KUBERNETES_EXEC_INFO"] = json.dumps(_question(section, cluster))
    output = _run(argv, environment, timeout)
    return _credential(output, str(section.get("apiVersion") or ""), command)


def _name(command: str) -> str:
    return clean(Path(command).name, 80)


def _located(command: str, folder: str) -> str:
    """A command with a slash is relative to the kubeconfig, as for kubectl; one without is looked up in PATH."""
    return str(Path(folder) / command) if folder and "/" in command and not command.startswith("/") else command


def _question(section: Mapping[str, Any], cluster: Mapping[str, Any]) -> dict[str, Any]:
    spec: dict[str, Any] = {"interactive": False}
    if section.get("provideClusterInfo"):
        shared = {name: value for name, value in cluster.items() if name not in {"extensions", "certificate-authority"}}
        spec["cluster"] = shared
        for extension in cluster.get("extensions") or ():
            if extension.get("name") == "client.authentication.k8s.io/exec":
                spec["cluster"]["config"] = extension.get("extension")
    return {"apiVersion": section.get("apiVersion"), "kind": "ExecCredential", "spec": spec}


def _run(argv: list[str], environment: dict[str, str], timeout: float) -> bytes:
    name = _name(argv[0])
    try:
        process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, start_new_session=True)
    except (OSError, ValueError) as error:
        reason = clean(getattr(error, "strerror", None) or str(error), 120)
        raise CredentialsExpired(f"The credential plugin {name} cannot be started: {reason}.", next_step="Install it, or log in another way.") from error
    with process:
        try:
            output, complaint = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired as error:
            # Its children may hold the pipes: end the whole session.
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            raise CredentialsExpired(f"The credential plugin {name} did not answer within {timeout:g} s.", next_step=_LOGIN) from error
    if process.returncode != 0:
        said = _last_words(complaint) or f"exit code {process.returncode}"
        raise CredentialsExpired(f"The credential plugin {name} failed: {said}", next_step=_LOGIN)
    return output


def _last_words(complaint: bytes) -> str:
    lines = [clean(line, 300).strip() for line in complaint.decode(errors="replace").splitlines()]
    return redact(" ".join([line for line in lines if line][-2:]))


def _credential(output: bytes, version: str, command: str) -> Credential:
    strange = CredentialsExpired(f"The credential plugin {_name(command)} answered no credential.", next_step=_LOGIN)
    try:
        answer = json.loads(output)
    except ValueError:
        raise strange from None
    status = child(answer, "status")
    token = text(status.get("token"), 100_000)
    certificate, key = status.get("clientCertificateData"), status.get("clientKeyData")
    given = isinstance(certificate, str) and isinstance(key, str)
    if text(child(answer).get("apiVersion")) != version or not (token or given):
        raise strange
    return Credential(
        authorization=f"Bearer {token}" if token else "",
        certificate=(certificate, key) if isinstance(certificate, str) and isinstance(key, str) else None,
        expires=moment(status.get("expirationTimestamp")),
    )
