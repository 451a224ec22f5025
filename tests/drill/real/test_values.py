"""The pure parts of the real estate: keys, tokens, scenes, stages and the audit record."""

import base64
import json
from pathlib import Path

import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from gospel_rollback_tui.drill.real import credentials
from gospel_rollback_tui.drill.real.audit import AuditLog
from gospel_rollback_tui.drill.real.peers import PROGRAMS, PeersMissing, find_peers
from gospel_rollback_tui.drill.real.ports import ClaimedPorts
from gospel_rollback_tui.drill.real.scene import Rollout, early_behaviours, rollouts_of, undone
from gospel_rollback_tui.drill.real.stages import has_stages, stages
from gospel_rollback_tui.drill.repository.releases import releases_of
from gospel_rollback_tui.drill.script import Script, image_name
from gospel_rollback_tui.drill.scripts import SCRIPTS, find_script

AUDITED = {
    "stage": "ResponseComplete",
    "verb": "patch",
    "requestURI": "/apis/apps/v1/namespaces/a/deployments/b?dryRun=All&fieldManager=x",
    "stageTimestamp": "2026-11-27T19:19:15.812548123Z",
    "user": {"username": "operator"},
    "userAgent": "kubectl",
    "responseStatus": {"code": 200},
    "requestObject": [{"op": "test"}],
}


def test_the_signing_key_is_a_key_on_p256() -> None:
    """A reader that knows nothing of how it was made derives the public half."""
    key = load_pem_private_key(credentials.signing_key().encode(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    assert key.curve.name == "secp256r1"


def test_tokens_are_new_each_time() -> None:
    """No two identities share a token."""
    one, other = (credentials.new_identity("a", "b", "c") for _ in range(2))
    assert one.token != other.token
    assert credentials.token_file([one]) == f'{one.token},a,a,"b,c"\n'


def test_the_kubeconfig_has_one_context_and_the_authority_inside() -> None:
    """It needs no other file and can be read as YAML."""
    identity = credentials.Identity("operator", (), "t0ken")
    document = yaml.safe_load(credentials.kubeconfig("https://127.0.0.1:1", "PEM", identity, context="c", namespace="n"))
    assert document["current-context"] == document["contexts"][0]["name"] == "c"
    assert base64.b64decode(document["clusters"][0]["cluster"]["certificate-authority-data"]) == b"PEM"


def test_the_authority_is_the_last_certificate_of_a_chain() -> None:
    """The first one is the server's own."""
    first, last = (f"-----BEGIN CERTIFICATE-----\n{name}\n-----END CERTIFICATE-----\n" for name in ("leaf", "authority"))
    assert credentials.last_certificate(first + last) == last


def test_private_files_are_private(tmp_path: Path) -> None:
    """Only the owner may read them."""
    assert credentials.write_private(tmp_path / "secret", "x").stat().st_mode & 0o777 == 0o600


def test_ports_differ_and_no_connection_can_take_them() -> None:
    """All are below the range that the kernel gives to outgoing connections, and none is chosen twice while it is claimed."""
    one, other = ClaimedPorts(), ClaimedPorts()
    try:
        ports = one.claim(300) + other.claim(300)
    finally:
        one.release()
        other.release()
    assert len(set(ports)) == 600
    assert max(ports) < 32768


def test_missing_peers_are_named_with_what_to_do(tmp_path: Path) -> None:
    """The sentence names what is missing and the command that builds it."""
    for name in PROGRAMS[1:]:
        (tmp_path / name).touch(mode=0o755)
    with pytest.raises(PeersMissing, match="needs etcd in") as caught:
        find_peers(tmp_path)
    assert "make peers" in caught.value.next_step


def rolled_out(script: Script) -> list[Rollout]:
    """Returns every rollout on the way to the scene, in order."""
    released = [rollout for number in range(len(releases_of(script))) for rollout in rollouts_of(script, number)]
    return released + [rollout for rollouts in undone(script) for rollout in rollouts]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.id)
def test_the_last_rollout_ends_at_the_live_revision(script: Script) -> None:
    """However the history went, each service ends at the revision that is live when the estate starts."""
    last = {rollout.history.service: rollout.revision for rollout in rolled_out(script)}
    assert last == {history.service: history.revisions[-1] for history in script.histories}


def test_a_renumbered_history_goes_there_and_back_again() -> None:
    """An undo and its revert are played, so that the numbers come out as the script says."""
    tags = [rollout.revision.tag for rollout in rolled_out(find_script("undone-before")) if rollout.history.service == "gateway"]
    assert tags == ["v2.13.2", "v2.14.0", "v2.15.0", "v2.14.0", "v2.15.0"]
    assert undone(find_script("self-heal")) == []


def test_pods_that_were_ready_for_a_moment_crash_late() -> None:
    """A rolling update would never have finished with pods that crash from the start; a hot fix of the past did crash."""
    assert early_behaviours(find_script("crash-loop")) == []
    assert [b.tag for b in early_behaviours(find_script("broken-target"))] == ["v2.14.0"]
    assert early_behaviours(find_script("slow-start")) == []


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.id)
def test_stages_are_whole_and_have_names_of_their_own(script: Script) -> None:
    """No token of a template is left, and no two stages share a name."""
    documents = stages(script.behaviours)
    names = [document["metadata"]["name"] for document in documents]
    assert len(set(names)) == len(names)
    text = json.dumps(documents)
    assert not [token for token in ("IMAGE", "NAME", "DELAY", "MESSAGE", "ORDINARY") if token in text.replace("IMAGE_", "")]


def test_pods_of_a_special_image_are_not_ordinary() -> None:
    """The stage that makes pods Ready passes over the images that have stages of their own."""
    script = find_script("broken-target")
    start = next(document for document in stages(script.behaviours) if document["metadata"]["name"] == "pod-start")
    special = [image_name(b.service, b.tag) for b in script.behaviours if has_stages(b)]
    assert special
    assert all(image in json.dumps(start["spec"]["selector"]) for image in special)


def test_the_audit_record_is_read_in_the_request_logs_words(tmp_path: Path) -> None:
    """Method, path, query, user and body come from the event; half a line and an unanswered request do not count."""
    log = tmp_path / "audit.log"
    started = dict(AUDITED, stage="ResponseStarted")
    log.write_text(json.dumps(started) + "\n" + json.dumps(AUDITED) + "\n" + json.dumps(AUDITED)[:40])
    (record,) = AuditLog(log).records("operator")
    assert (record.method, record.path) == ("PATCH", "/apis/apps/v1/namespaces/a/deployments/b")
    assert record.query == {"dryRun": "All", "fieldManager": "x"}
    assert record.time == "2026-11-27T19:19:15.812548Z"
    assert record.body == [{"op": "test"}]
    assert record.dry_run
    assert not record.changes_something


def test_a_record_that_begins_here_leaves_out_what_came_before(tmp_path: Path) -> None:
    """A line that is still being written counts once it is whole; beginning again leaves out more."""
    path = tmp_path / "audit.log"
    line = json.dumps(AUDITED) + "\n"
    path.write_text(line + line + line[:40])
    log = AuditLog(path)
    log.begin_here()
    assert log.records() == ()
    path.write_text(line * 3)
    assert len(log.records()) == 1
    log.begin_here()
    path.write_text(line * 5)
    assert len(log.records()) == 2


def test_a_record_that_is_not_there_yet_is_empty(tmp_path: Path) -> None:
    """Asking before the first request is no error."""
    assert AuditLog(tmp_path / "audit.log").records() == ()
