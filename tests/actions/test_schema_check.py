"""Code never meets a schema unlooked at: what every way back asks of the gate, says in its prompt and asks again before it is sent."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from gospel_rollback_tui.actions.deployment import RollBackDeployments
from gospel_rollback_tui.actions.schema_check import check_again, check_schema, with_changes
from gospel_rollback_tui.actions.targets import RevisionTargets
from gospel_rollback_tui.domain.migrations.gate import Gate, Order
from gospel_rollback_tui.domain.release_change import ReleaseChange, rendered_changes
from tests.actions.cluster import Answers, MemoryCluster, bad_release, request, verification
from tests.diagnosis import scenes
from tests.ui.builders import preview

CHOSEN = request(services="gateway", revision_gateway="2")
CRASHES = Gate(
    "gateway",
    "gateway",
    "bad-code-reversible-migration",
    Order.SCHEMA_FIRST,
    refuses="old code on the new schema would crash: ALTER TABLE sessions DROP COLUMN id",
    words="gateway 41 → 42: drops a column",
)
UNREAD = Gate("gateway", "gateway", "", Order.UNKNOWN, words="gateway: not known", unknown="the database gateway does not answer")
FITS = Gate("gateway", "gateway", "bad-code", Order.CODE_ONLY, words="gateway: no migration between")


class Gates:
    """Judges every change alike, and keeps what it was asked."""

    def __init__(self, gate: Gate | None) -> None:
        """Answers with that gate."""
        self.gate = gate
        self.asked: list[tuple[ReleaseChange, ...]] = []

    def between(self, changes: Sequence[ReleaseChange]) -> Gate | None:
        """Returns the gate."""
        self.asked.append(tuple(changes))
        return self.gate


def action(cluster: MemoryCluster, gates: Gates) -> RollBackDeployments:
    """Returns the rollback of Deployments with that gate."""
    seen = Answers()
    return RollBackDeployments(cluster, cluster, cluster, seen, verification(cluster, seen), cluster, RevisionTargets(), gates=gates)


def test_the_gate_is_asked_about_the_images_that_change() -> None:
    """From what runs to what the chosen revision has."""
    gates = Gates(FITS)
    action(bad_release(), gates).plan(CHOSEN)
    ((change,),) = gates.asked
    assert (change.service.name, change.running.rpartition(":")[2], change.target.rpartition(":")[2]) == ("gateway", "v2.15.0", "v2.14.0")


@pytest.mark.parametrize(
    ("gate", "reason"),
    [
        (CRASHES, "Old code on the new schema would crash: ALTER TABLE sessions DROP COLUMN id."),
        (UNREAD, "Nobody could prove that the code fits the schema: the database gateway does not answer."),
        (FITS, ""),
        (None, ""),
    ],
)
def test_code_that_would_crash_or_may_needs_a_written_reason(gate: Gate | None, reason: str) -> None:
    """A rollback that fits, or that meets no database, needs none."""
    assert action(bad_release(), Gates(gate)).plan(CHOSEN).needs_reason == reason


def test_what_would_crash_stands_out_in_the_prompt() -> None:
    """The judgement and the statement that decides it."""
    said = [(n.text, n.warning) for n in action(bad_release(), Gates(CRASHES)).plan(CHOSEN).notices if n.label == "Schema"]
    assert said == [(CRASHES.words, True), (CRASHES.refuses, True)]


def test_a_schema_that_moves_under_the_prompt_arms_it_again() -> None:
    """Somebody migrates while the prompt stands: what it rests on is no longer so."""
    gates = Gates(FITS)
    doing = action(bad_release(), gates)
    shown = doing.plan(CHOSEN)
    assert shown.fingerprint.moved(doing.facts(CHOSEN, shown)) == ()
    gates.gate = CRASHES
    assert shown.fingerprint.moved(doing.facts(CHOSEN, shown)) == (("Schema", FITS.words, CRASHES.words),)


def test_what_was_looked_at_is_remembered_by_the_last_call() -> None:
    """So that any action can look again, after any restart, without planning anew."""
    check = check_schema(Gates(FITS), (scenes.RELEASE,))
    planned = preview()
    again = Gates(CRASHES)
    looked = check_again(again, scenes.ENVIRONMENT, replace(planned, calls=with_changes(planned.calls, check)))
    assert again.asked == [(scenes.RELEASE,)]
    assert looked.gate is CRASHES
    assert not check_again(again, scenes.ENVIRONMENT, planned).looked


def test_rendered_manifests_tell_which_services_change_their_image() -> None:
    """Configuration alone changes no release, and other objects are none."""
    was = [{"kind": "Deployment", **scenes.deployment(name, "v2.15.0", 3)} for name in ("gateway", "auth")]
    now = [{"kind": "Deployment", **scenes.deployment("gateway", "v2.14.0", 3)}, {"kind": "Deployment", **scenes.deployment("auth", "v2.15.0", 3)}]
    changes = rendered_changes(scenes.ENVIRONMENT, [*was, {"kind": "Service", "metadata": {"name": "gospelib-gateway"}}], now)
    assert [(change.service.name, change.target.rpartition(":")[2], change.migrates_at_start) for change in changes] == [("gateway", "v2.14.0", False)]


def test_a_hook_that_migrates_counts_where_a_sync_runs_it() -> None:
    """Going back by git runs the old release's hooks, which may not know the schema."""
    was, now = ({"kind": "Deployment", **scenes.deployment("gateway", tag, 3)} for tag in ("v2.15.0", "v2.14.0"))
    job = {"kind": "Job", "metadata": {"name": "schema", "annotations": {"argocd.argoproj.io/hook": "PreSync"}}}
    hook = {
        **job,
        "spec": {"template": {"spec": {"containers": [{"name": "run", "image": "registry.test/gospelib-gateway:v2.14.0", "args": ["migrate", "up"]}]}}},
    }
    (change,) = rendered_changes(scenes.ENVIRONMENT, [was], [now, hook])
    assert change.migrates_at_start
