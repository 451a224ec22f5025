"""Frozen values of one incident."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from gospel_rollback_tui.domain.danger import Danger
from gospel_rollback_tui.domain.estate import Cluster, Environment, HttpCheck, Service, Tier
from gospel_rollback_tui.domain.evidence import Reading, Truth, weigh
from gospel_rollback_tui.domain.feed import FeedState, FeedStatus, Moment
from gospel_rollback_tui.domain.health import HealthResult, HealthStanding, Verdict
from gospel_rollback_tui.domain.log_lines import LogLine
from gospel_rollback_tui.domain.preview import DebtSpec, DiffLine, Fingerprint, Notice, PlannedCall, Preview, Tone
from gospel_rollback_tui.domain.snapshots import (
    EstateSnapshot,
    EventsSnapshot,
    HealthRow,
    HealthSnapshot,
    LogsSnapshot,
    PodRow,
    PodsSnapshot,
    RolloutRow,
    RolloutSnapshot,
    ServiceErrors,
    SignatureCount,
)
from gospel_rollback_tui.domain.triage import Change, FailingService, Point, Suggestion, SymptomPicture, TriagePicture, Way
from gospel_rollback_tui.engine.ports import Option
from tests.ui.procedures import matrix

NOW = Moment(10_000.0, 1_785_726_780.0)
"""03:13:00 UTC on a Monday."""
ONSET = NOW.wall - 412
T = TypeVar("T")
NAMES = ("gateway", "content", "auth", "billing", "ai", "notifications")
VERSES = HttpCheck("verses", "https://api.gospelib.com/v1/verses")
SEARCH = HttpCheck("search", "https://api.gospelib.com/v1/search?q=grace")


def varied(made: T, changes: Mapping[str, object]) -> T:
    """The value with the named fields changed."""
    return replace(made, **changes)  # type: ignore[type-var] # the caller names fields of a dataclass


def environment(**changes: object) -> Environment:
    """Production, as the configuration names it."""
    made = Environment(
        name="production",
        title="PRODUCTION",
        tier=Tier.PRODUCTION,
        cluster=Cluster("gospelib-production", "gospelib-production", kind="eks"),
        services=tuple(Service(name, f"gospelib-{name}", name, f"app=gospelib-{name}", health_url="x", ready_url="x") for name in NAMES),
        symptoms=(VERSES, SEARCH),
    )
    return varied(made, changes)


def ago(seconds: float) -> Moment:
    """The moment so many seconds before now."""
    return Moment(NOW.monotonic - seconds, NOW.wall - seconds)


def live(age: float = 1.0) -> FeedStatus:
    """A feed that was heard so many seconds ago."""
    return FeedStatus(FeedState.LIVE, ago(600), ago(age))


def pod(service: str, short: str, state: str = "Ready", verdict: Verdict = Verdict.GOOD, **changes: object) -> PodRow:
    """A pod; ready and of the newest template unless told otherwise."""
    made = PodRow(
        uid=f"{service}-{short}",
        name=f"gospelib-{service}-7c9f-{short}",
        short=short,
        service=service,
        state=state,
        verdict=verdict,
        ready=verdict is Verdict.GOOD,
        leaving=False,
        restarts=0,
        last_restart=None,
        restart_reason="",
        created=NOW.wall - 420,
        image=f"gospelib-{service}:v2.15.0",
        node="ip-10-0-1-12",
        revision=42,
        template_hash="7c9f",
        newest=True,
    )
    return varied(made, changes)


def rollout(service: str, **changes: object) -> RolloutRow:
    """A Deployment that is rolled out."""
    made = RolloutRow(
        service=service,
        deployment=f"gospelib-{service}",
        revision=42,
        image="v2.15.0",
        desired=2,
        updated=2,
        ready=2,
        available=2,
        old=0,
        paused=False,
        progress=Verdict.GOOD,
        words="rolled out",
        template_hash="7c9f",
    )
    return varied(made, changes)


def check(name: str, kind: str, service: str, label: str, status: int | None, latency: float, verdict: Verdict, words: str = "") -> HealthRow:
    """A health check with a settled answer."""
    result = HealthResult(verdict, status, latency, words or str(status), ago(1))
    standing = HealthStanding(verdict, ago(400), result, 80, ago(400), ago(413) if verdict is not Verdict.GOOD else ago(1), 90)
    return HealthRow(name=name, kind=kind, service=service, label=label, standing=standing)


def health_rows() -> tuple[HealthRow, ...]:
    """The symptom fails; every service answers well: users suffer and every light is green."""
    rows = [check("verses", "symptom", "", VERSES.label(), 500, 0.041, Verdict.BAD, "500, expected 200")]
    rows += [check(f"{name} /ready", "ready", name, f"GET {name}/ready", 200, 0.009 + i * 0.003, Verdict.GOOD) for i, name in enumerate(NAMES)]
    return tuple(rows)


def log_lines() -> tuple[LogLine, ...]:
    """The last lines of the gateway."""
    start = NOW.wall - 5
    return (
        LogLine(
            start, "gateway", "gospelib-gateway-7c9f-9d2ls", "panic: nil map in route table", "panic", error=True, signature="panic: nil map in route table"
        ),
        LogLine(start + 1, "gateway", "gospelib-gateway-7c9f-9d2ls", "GET /v1/verses 500"),
        LogLine(start + 2, "gateway", "gospelib-gateway-5d77-w5kqd", "GET /v1/verses 200"),
        LogLine(start + 2, "gateway", "gospelib-gateway-5d77-w5kqd", "GET /v1/books 200"),
        LogLine(
            start + 3, "gateway", "gospelib-gateway-7c9f-9d2ls", "panic: nil map in route table", "panic", error=True, signature="panic: nil map in route table"
        ),
    )


def snapshot(**changes: object) -> EstateSnapshot:
    """Everything live, all pods ready, the gateway full of errors."""
    errors = (
        ServiceErrors(service="gateway", per_minute=212, history=(0, 0, 0, 0, 30, 190, 200, 212, 205, 212), streams=2, known=True),
        *(
            ServiceErrors(service=name, per_minute=1 if name == "billing" else 0, history=(0,) * 9 + (1 if name == "billing" else 0,), streams=2, known=True)
            for name in NAMES[1:]
        ),
    )
    made = EstateSnapshot(
        environment="production",
        taken=NOW,
        pods=PodsSnapshot(source="Kubernetes", taken=NOW, status=live(), rows=tuple(pod(name, short) for name in NAMES for short in ("w5kqd", "9d2ls"))),
        rollout=RolloutSnapshot(source="Kubernetes", taken=NOW, status=live(), rows=tuple(rollout(name) for name in NAMES)),
        events=EventsSnapshot(source="Kubernetes", taken=NOW, status=live()),
        health=HealthSnapshot(source="probes", taken=NOW, status=live(), rows=health_rows()),
        logs=LogsSnapshot(
            source="Kubernetes",
            taken=NOW,
            status=live(0),
            chosen=("gateway",),
            lines=log_lines(),
            errors=errors,
            signatures=(
                SignatureCount(service="gateway", signature="panic", sample="panic: nil map in route table", count=1480, first_seen=ONSET, last_seen=NOW.wall),
            ),
        ),
    )
    return varied(made, changes)


def readings() -> dict[str, Reading]:
    """What the probes have read."""
    found = [
        ("schema.same", Truth.TRUE, "schema head 23 in the database, 23 in both releases", "PostgreSQL", 4),
        ("pods.only_new_fail", Truth.TRUE, "errors only from pods of the new ReplicaSet", "Kubernetes", 1),
        ("errors.after_release", Truth.TRUE, "errors began 03:06:11, 71 s after the new ReplicaSet", "Kubernetes", 2),
        ("locks.held", Truth.UNKNOWN, "PostgreSQL locks: no right to read pg_stat_activity", "PostgreSQL", 4),
        ("config.edited", Truth.TRUE, "ConfigMap gateway-env was edited", "Kubernetes", 3),
        ("graph.answers", Truth.TRUE, "the graph answers", "FalkorDB", 3),
        ("api.ready", Truth.TRUE, "the API server is ready", "Kubernetes", 3),
    ]
    return {fact: Reading(fact, truth, words, source, NOW.wall - age) for fact, truth, words, source, age in found}


def preview(danger: Danger = Danger.REVERSIBLE, **changes: object) -> Preview:
    """Freeze auto-sync, then patch the gateway back."""
    calls = (
        PlannedCall(
            "freeze",
            "auto-sync off",
            "PATCH Application gospelib-production",
            "auto-sync off",
            {},
            {},
            "kubectl -n argocd patch application gospelib-production …",
            debt=DebtSpec("auto-sync", "auto-sync off", "git would put v2.15.0 back", 86_400),
        ),
        PlannedCall(
            "patch:gospelib-gateway",
            "Deployment patched",
            "PATCH Deployment gospelib-gateway",
            "v2.15.0 → v2.14.0, - FEATURE_X=on",
            {},
            {},
            "kubectl -n gospelib-production rollout undo deployment/gospelib-gateway --to-revision=41",
            diff=(
                DiffLine(Tone.SAME, "containers.gateway"),
                DiffLine(Tone.OLD, "image: gospelib-gateway:v2.15.0"),
                DiffLine(Tone.NEW, "image: gospelib-gateway:v2.14.0"),
                DiffLine(Tone.OLD, "env FEATURE_X=on"),
            ),
        ),
    )
    made = Preview(
        step="roll-back",
        title="Roll gateway back to v2.14.0",
        target="gospelib-gateway",
        where="eks gospelib-production · as oncall@gospelib (OIDC)",
        danger=danger,
        calls=calls,
        fingerprint=Fingerprint((("Deployment uid", "7aa1"), ("template", "9f2c"), ("sync policy", "automated"))),
        notices=(
            Notice("Stays", "ConfigMap gateway-env, edited 02:56, does not come back", warning=True),
            Notice("Reaches", "2 pods, replaced one by one; usual 25 s"),
            Notice("Schema", "gateway: no migrations in git"),
            Notice("Rests on", "template of 03:05:00 · sync policy"),
        ),
        checks=(
            "nothing reverted it",
            "2 pods of 7c9f ready, none older",
            "no restart since",
            "/ready 200 for 30 s",
            "GET /v1/verses answers 200",
            "errors back under 1/min",
        ),
        undo="back to v2.15.0, auto-sync as it was",
        by_hand=(
            "kubectl -n argocd patch application gospelib-production --type merge -p '{…}'",
            "kubectl -n gospelib-production rollout undo deployment/gospelib-gateway --to-revision=41",
        ),
        yes="roll back",
    )
    return varied(made, changes)


def suggestion(**changes: object) -> Suggestion:
    """Roll the gateway back, nothing lacking."""
    made = Suggestion(
        scenario="bad-code",
        path="patch",
        step="roll-back",
        title="Roll gateway back to v2.14.0",
        detail="revision 41, ran 3 days, ready",
        inputs={"services": "gateway", "revision:gateway": "41"},
        points=(
            Point(Truth.TRUE, "clear: 3 facts for, none against"),
            Point(Truth.TRUE, "no migration between"),
            Point(Truth.TRUE, "you may do it"),
            Point(Truth.FALSE, "Argo CD would revert it: freeze goes with it"),
        ),
        preview=preview(),
    )
    return varied(made, changes)


def ways() -> tuple[Way, ...]:
    """Four ways back, the last one refused."""
    return (
        Way("patch", "Freeze auto-sync, patch back, git after", "2 calls now, git and auto-sync as debts", 29.0, automated=True),
        Way("argocd", "Freeze auto-sync, Argo CD rollback, git after", "puts back all six services, not only the gateway", 44.0),
        Way("git", "Revert in git, let Argo CD sync", "no debt", 109.0),
        Way("undo", "Patch back without freezing", "", 0.0, reverted_by="self-heal in 5 s", refused="Argo CD self-heal puts v2.15.0 back in 5 s"),
    )


def picture(**changes: object) -> TriagePicture:
    """03:13, everything known, row 1 clear."""
    found = readings()
    made = TriagePicture(
        at=NOW.wall,
        complete=True,
        server="https://eks.example",
        identity="oncall@gospelib",
        symptom=SymptomPicture(VERSES, Truth.TRUE, "answers 500", ONSET, "errors in the gateway's log"),
        failing=(FailingService("gateway", "212 errors/min"),),
        says="panic: nil map in route table",
        changes=(
            Change(ONSET - 71, "gateway", "image v2.14.0 → v2.15.0, FEATURE_X=on", suspicious=True),
            Change(ONSET - 600, "gateway", "ConfigMap gateway-env edited"),
            Change(ONSET - 3 * 86_400, "nodes", "ip-10-0-1-12 joined"),
        ),
        readings=found,
        weighing=weigh(matrix(), found),
        suggestion=suggestion(),
        ways=ways(),
    )
    return varied(made, changes)


def options(*values: str) -> tuple[Option, ...]:
    """Options of a live list, the first suggested."""
    return tuple(Option(value, f"{value} label", "detail", suggested=index == 0) for index, value in enumerate(values))
