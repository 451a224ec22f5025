"""The simulated Argo CD answers as the real one does: the same calls in the same order, compared."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest

from gospel_rollback_tui.drill.endpoints import EstateEndpoints
from gospel_rollback_tui.drill.launch import launch_simulated
from gospel_rollback_tui.drill.real.control_plane import RealControlPlane
from gospel_rollback_tui.drill.real.estate import load_estate
from gospel_rollback_tui.drill.script import APPLICATION, PROJECT
from tests.real.conftest import eventually

SCRIPT = "ready-but-failing"
APP = f"/api/v1/applications/{APPLICATION}"
NOWHERE = "f" * 40


@dataclass(frozen=True, slots=True)
class Call:
    """One call; `{target}` and `{head}` in it become the shas of the release before and of the newest."""

    name: str
    method: str
    path: str
    body: object = None
    account: str = "operator"
    content_type: str = "application/json"
    then: str = ""
    """Phase in which the operation that it starts must have ended before the next call."""


def patch(operations: object, kind: str = "json") -> dict[str, object]:
    """Return the body of a PATCH of the Application."""
    return {"name": APPLICATION, "patchType": kind, "patch": json.dumps(operations)}


def can_i(action: str, account: str = "operator") -> Call:
    """Return the question whether an account may do something to the Application."""
    return Call(f"{account} can-i {action}", "GET", f"/api/v1/account/can-i/applications/{action}/{PROJECT}/{APPLICATION}", account=account)


FREEZE = [{"op": "add", "path": "/spec/syncPolicy/automated/enabled", "value": False}]
STALE = [{"op": "test", "path": "/metadata/uid", "value": "another"}, *FREEZE]
SYNC = {
    "name": APPLICATION,
    "revision": "{head}",
    "strategy": {"hook": {}},
    "infos": [{"name": "gospel-rollback", "value": "r/s/1"}],
    "retryStrategy": {"limit": 0},
}

CALLS = (
    Call("who", "GET", "/api/v1/session/userinfo"),
    Call("who, without a token", "GET", "/api/v1/session/userinfo", account=""),
    Call("read without a token", "GET", APP, account=""),
    *(can_i(action, account) for account in ("operator", "syncer", "readonly", "nobody") for action in ("get", "sync", "update")),
    can_i("rollback"),
    Call("read", "GET", APP),
    Call("read with its project", "GET", f"{APP}?appNamespace=argocd&project={PROJECT}"),
    Call("refresh", "GET", f"{APP}?refresh=normal"),
    Call("read, account without rights", "GET", APP, account="nobody"),
    Call("read what is not there", "GET", "/api/v1/applications/nope"),
    Call("read what is not there, with a project", "GET", f"/api/v1/applications/nope?project={PROJECT}"),
    Call("read with another project", "GET", f"{APP}?project=other"),
    Call("windows", "GET", f"{APP}/syncwindows"),
    Call("managed resources", "GET", f"{APP}/managed-resources"),
    Call("manifests of a release", "GET", f"{APP}/manifests?revision={{target}}"),
    Call("manifests of a branch that is not there", "GET", f"{APP}/manifests?revision=nobranch"),
    Call("commit of a release", "GET", f"{APP}/revisions/{{target}}/metadata"),
    Call("commit of a branch", "GET", f"{APP}/revisions/main/metadata"),
    Call("no such path", "GET", "/api/v1/nope"),
    Call("rollback under auto-sync", "POST", f"{APP}/rollback", {"id": 1}),
    Call("rollback of no entry under auto-sync", "POST", f"{APP}/rollback", {"id": 99}),
    Call("sync of another commit under auto-sync", "POST", f"{APP}/sync", {"revision": "{target}"}),
    Call("terminate nothing", "DELETE", f"{APP}/operation"),
    Call("patch by who may only sync", "PATCH", APP, patch(FREEZE), account="syncer"),
    Call("patch by who may only read", "PATCH", APP, patch(FREEZE), account="readonly"),
    Call("patch without its type", "PATCH", APP, {"patch": "[]"}),
    Call("patch of a bogus type", "PATCH", APP, patch(FREEZE, "bogus")),
    Call("patch whose test fails", "PATCH", APP, patch(STALE)),
    Call("body of another type", "PATCH", APP, patch(FREEZE), content_type="text/plain"),
    Call("freeze", "PATCH", APP, patch(FREEZE)),
    Call("rollback by who may only read", "POST", f"{APP}/rollback", {"id": 1}, account="readonly"),
    Call("rollback of no entry", "POST", f"{APP}/rollback", {"id": 99}),
    Call("rollback of an entry that is a text", "POST", f"{APP}/rollback", {"id": "1"}),
    Call("rollback of nothing", "POST", f"{APP}/rollback", {}),
    Call("dry rollback", "POST", f"{APP}/rollback", {"id": 1, "dryRun": True}, then="Succeeded"),
    Call("read after a dry rollback", "GET", f"{APP}?refresh=normal"),
    Call("rollback", "POST", f"{APP}/rollback", {"id": 1, "prune": False}, then="Succeeded"),
    Call("read after the rollback", "GET", f"{APP}?refresh=normal"),
    Call("managed resources after the rollback", "GET", f"{APP}/managed-resources"),
    Call("sync of a branch that is not there", "POST", f"{APP}/sync", {"revision": "nobranch"}),
    Call("sync", "POST", f"{APP}/sync", SYNC, then="Succeeded"),
    Call("read after the sync", "GET", f"{APP}?refresh=normal"),
    Call("sync of a commit that is not there", "POST", f"{APP}/sync", {"revision": NOWHERE}, then="Error"),
    Call("read after a sync that failed", "GET", APP),
)

READ = ("operation", "status.operationState", "status.history", "status.sync", "status.conditions", "canSync", "spec.")
"""Paths below which the program reads what Argo CD says."""


@dataclass(slots=True)
class Estate:
    """One estate's Argo CD and what the calls were answered."""

    endpoints: EstateEndpoints
    shas: dict[str, str] = field(default_factory=dict)
    answers: dict[str, tuple[int, Any]] = field(default_factory=dict)

    def learn(self) -> None:
        """Learn the shas of the release before the newest and of the newest."""
        history = self._send("GET", APP)[1]["status"]["history"]
        self.shas = {"target": history[-2]["revision"], "head": history[-1]["revision"]}

    def play(self, call: Call) -> None:
        """Send a call, keep what it is answered, and wait for the end of what it starts."""
        self.answers[call.name] = self._send(call.method, self._filled(call.path), call.body, call.account, call.content_type)
        if call.then:
            eventually(f"{call.name} has {call.then}", lambda: self._phase() == call.then)

    def _phase(self) -> str:
        application = self._send("GET", APP)[1]
        return "" if "operation" in application else str(application["status"].get("operationState", {}).get("phase", ""))

    def _filled(self, text: str) -> str:
        for name, sha in self.shas.items():
            text = text.replace(f"{{{name}}}", sha)
        return text

    def _send(self, method: str, path: str, body: object = None, account: str = "operator", content_type: str = "application/json") -> tuple[int, Any]:
        headers = {"Content-Type": content_type}
        if account:
            token = self.endpoints.argocd_token_file.with_name(f"{account}.token").read_text(encoding="utf-8")
            headers["Authorization"] = f"Bearer {token}"
        connection = HTTPConnection(urlsplit(self.endpoints.argocd_url).netloc, timeout=120)
        try:
            connection.request(method, path, None if body is None else self._filled(json.dumps(body)), headers)
            response = connection.getresponse()
            text = response.read().decode()
        finally:
            connection.close()
        try:
            return response.status, json.loads(text)
        except ValueError:
            return response.status, text


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    """The simulated estate, with every call played."""
    with launch_simulated(tmp_path_factory.mktemp("simulated"), SCRIPT) as process:
        yield played(process.endpoints)


@pytest.fixture(scope="module")
def real(control_plane: RealControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    """The real estate, with every call played."""
    with load_estate(control_plane, SCRIPT) as scene:
        yield played(scene.describe(tmp_path_factory.mktemp("real")))


def played(endpoints: EstateEndpoints) -> Estate:
    """Return an estate after every call."""
    estate = Estate(endpoints)
    estate.learn()
    for call in CALLS:
        estate.play(call)
    return estate


_VARYING: tuple[tuple[str, str], ...] = (
    (r"\b[0-9a-f]{40}\b", "SHA"),
    (r"file://\S+?\.git", "REPO"),
    (r"iat: [0-9T:Z-]+", "iat: TIME"),
    (r"/\S*_argocd-repo/\S+", "FOLDER"),
)


def words(text: str) -> str:
    """Return a message without what differs from estate to estate."""
    for pattern, name in _VARYING:
        text = re.sub(pattern, name, text)
    return text


def shape(value: object, path: str = "") -> set[tuple[str, str]]:
    """Return each path of a JSON value and the kind of what is there; items of a list are one."""
    if isinstance(value, dict):
        found = {(path, "object")}
        return found.union(*(shape(item, f"{path}.{key}" if path else key) for key, item in value.items()))
    if isinstance(value, list):
        return {(path, "list")}.union(*(shape(item, f"{path}[]") for item in value))
    return {(path, type(value).__name__)}


@pytest.mark.parametrize("call", CALLS, ids=lambda call: str(call.name))
def test_the_simulated_one_answers_as_the_real_one(simulated: Estate, real: Estate, call: Call) -> None:
    """The same status; refusals in the same words; and nothing in a good answer that the real one does not have."""
    (simulated_status, simulated_body), (real_status, real_body) = simulated.answers[call.name], real.answers[call.name]
    assert simulated_status == real_status, (simulated_body, real_body)
    if real_status >= 400:
        assert _refusal(simulated_body) == _refusal(real_body)
        return
    invented = {(path, kind) for path, kind in shape(simulated_body) - shape(real_body) if not _is_free(path)}
    assert not invented


@pytest.mark.parametrize("name", [call.name for call in CALLS if call.name.startswith("read after")] + ["rollback", "sync", "dry rollback", "windows"])
def test_what_the_program_reads_is_there_on_both(simulated: Estate, real: Estate, name: str) -> None:
    """Every path of the Application's operation, history and sync that the real one has, the simulated one has too."""
    assert not {path for path, _ in shape(real.answers[name][1]) - shape(simulated.answers[name][1]) if path.startswith(READ)}


def _refusal(body: object) -> object:
    if isinstance(body, dict) and "message" in body:
        return body["code"], words(str(body["message"]))
    return words(str(body)).strip()


def _is_free(path: str) -> bool:
    """Whether a path lies in what each estate fills as it likes: labels, annotations and managed fields."""
    return any(part in path for part in (".managedFields", "metadata.annotations.", "metadata.labels."))
