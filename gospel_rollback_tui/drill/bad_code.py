"""The scripts of scenario 1, `bad-code`: a release of the gateway that has to go back, in seven kinds of trouble."""

from dataclasses import replace

from gospel_rollback_tui.drill.script import (
    BAD_TAG,
    GOOD_TAG,
    OLDER_TAG,
    SERVICE_PORTS,
    Answer,
    Behaviour,
    ConfigEdit,
    History,
    LogPattern,
    PodFate,
    Revision,
    Script,
)
from gospel_rollback_tui.drill.script_delivery import SyncScene

MINUTE = 60.0
DAY = 86_400.0

FAILING = 412.0
ROLLOUT = FAILING + 71
"""The release went out 71 s before the first user failed."""

BILLING_NOISE = Behaviour("billing", GOOD_TAG, logs=(LogPattern("ERROR card declined by issuer code=insufficient_funds", 60.0),))
"""One error a minute that has nothing to do with any incident: the estate is never wholly silent."""

OLDER = Revision(OLDER_TAG, 10 * DAY, f"release {OLDER_TAG}")
GOOD = Revision(GOOD_TAG, 3 * DAY, f"release {GOOD_TAG}")
BAD = Revision(BAD_TAG, ROLLOUT, f"release {BAD_TAG}", env=(("FEATURE_ROUTE_CACHE", "on"),))

GATEWAY_ENV = ConfigEdit(
    "gateway-env",
    FAILING + 10 * MINUTE,
    "kubectl-edit",
    (("LOG_LEVEL", "info"), ("RATE_LIMIT_PER_MINUTE", "600"), ("UPSTREAM_TIMEOUT", "5s")),
)

INTERNAL_ERROR = Answer(500, '{"error":"internal server error"}')
PANIC = LogPattern(
    'ERROR panic: nil map in route table request="GET /v1/verses/gen.1.1" status=500',
    MINUTE / 106,
    since_onset=True,
)
"""Two pods write 212 of them a minute."""

ANSWERING_500 = Behaviour(
    "gateway",
    BAD_TAG,
    answers=(("/v1/", INTERNAL_ERROR),),
    logs=(LogPattern("INFO route cache enabled entries=0", 0.0), PANIC),
)

CRASHING_LOG = (
    LogPattern("INFO gateway starting", 0.0),
    LogPattern("panic: assignment to entry in nil map", 0.0),
    LogPattern("goroutine 1 [running]: main.buildRouteTable(...) /src/gateway/routes.go:88", 0.0),
)


def histories(**changed: tuple[Revision, ...]) -> tuple[History, ...]:
    """Return the revisions of every service: two quiet releases, but for the services named."""
    return tuple(History(service, changed.get(service, (OLDER, GOOD))) for service in SERVICE_PORTS)


BAD_GATEWAY = histories(gateway=(OLDER, GOOD, BAD))

READY_BUT_FAILING = Script(
    id="ready-but-failing",
    scenario="bad-code",
    title="every pod is ready and users get 500",
    story=(f"The gateway's release {BAD_TAG} is rolled out, Ready and healthy by its own account. The verses that users ask it for answer 500."),
    histories=BAD_GATEWAY,
    failing_before=FAILING,
    behaviours=(ANSWERING_500, BILLING_NOISE),
    config_edits=(GATEWAY_ENV,),
)

CRASH_LOOP = Script(
    id="crash-loop",
    scenario="bad-code",
    title="the new pods crash as they start",
    story=(
        f"The pods of the gateway's release {BAD_TAG} were Ready for a moment and panic since, and the restarts grow further apart. "
        "No pod of the gateway is left to answer."
    ),
    histories=BAD_GATEWAY,
    failing_before=FAILING,
    behaviours=(Behaviour("gateway", BAD_TAG, PodFate.CRASH_LOOP, logs=CRASHING_LOG), BILLING_NOISE),
    config_edits=(GATEWAY_ENV,),
)

IMAGE_PULL = Script(
    id="image-pull",
    scenario="bad-code",
    title="the new image cannot be pulled",
    story=(
        f"The gateway was moved to an image {BAD_TAG} that the registry does not have. "
        "It replaces its pods by Recreate: the old ones are gone, the new ones wait for the image."
    ),
    histories=tuple(replace(history, recreate=history.service == "gateway") for history in BAD_GATEWAY),
    failing_before=FAILING,
    behaviours=(Behaviour("gateway", BAD_TAG, PodFate.IMAGE_PULL), BILLING_NOISE),
    config_edits=(GATEWAY_ENV,),
    sync=SyncScene(self_heal=False),
)

SLOW_START = Script(
    id="slow-start",
    scenario="bad-code",
    title="the release to go back to starts slowly",
    story=(f"The gateway's release {BAD_TAG} answers 500. The pods of {GOOD_TAG} fill a cache before they are Ready, and take their time over it."),
    histories=BAD_GATEWAY,
    failing_before=FAILING,
    behaviours=(
        ANSWERING_500,
        Behaviour("gateway", GOOD_TAG, ready_after=8.0, logs=(LogPattern("INFO warming the passage cache", 2.0),)),
        BILLING_NOISE,
    ),
    config_edits=(GATEWAY_ENV,),
    sync=SyncScene(automated=False),
)

BROKEN_TARGET = Script(
    id="broken-target",
    scenario="bad-code",
    title="the previous revision is broken too",
    story=(
        f"{GOOD_TAG} was a hot fix that crashed, {BAD_TAG} the hot fix of the hot fix, which answers 500. The last release that served anybody is {OLDER_TAG}."
    ),
    histories=histories(
        gateway=(
            OLDER,
            Revision(GOOD_TAG, ROLLOUT + 25 * MINUTE, f"hot fix {GOOD_TAG}"),
            Revision(BAD_TAG, ROLLOUT, f"hot fix {BAD_TAG}", env=BAD.env),
        )
    ),
    failing_before=FAILING,
    behaviours=(
        ANSWERING_500,
        Behaviour("gateway", GOOD_TAG, PodFate.CRASH_LOOP, logs=CRASHING_LOG),
        BILLING_NOISE,
    ),
    config_edits=(GATEWAY_ENV,),
    sync=SyncScene(automated=False),
)

SELF_HEAL = Script(
    id="self-heal",
    scenario="bad-code",
    title="Argo CD would bring the bad release back",
    story=(f"The gateway's release {BAD_TAG} answers 500. Argo CD syncs the estate from git and heals what does not come from there, within a second."),
    histories=BAD_GATEWAY,
    failing_before=FAILING,
    behaviours=(ANSWERING_500, BILLING_NOISE),
    config_edits=(GATEWAY_ENV,),
)

UNDONE_BEFORE = Script(
    id="undone-before",
    scenario="bad-code",
    title="somebody has undone it, and Argo CD has brought it back",
    story=(
        f"The gateway's release {BAD_TAG} answers 500. Three minutes ago somebody undid it by hand; within a second it was there again, as a newer revision."
    ),
    histories=histories(
        gateway=(
            OLDER,
            Revision(GOOD_TAG, GOOD.applied_before, GOOD.change_cause, number=4),
            Revision(BAD_TAG, ROLLOUT, BAD.change_cause, env=BAD.env, number=5),
        )
    ),
    failing_before=FAILING,
    behaviours=(ANSWERING_500, BILLING_NOISE),
    config_edits=(GATEWAY_ENV,),
    sync=SyncScene(healed_before=180.0),
)

BAD_CODE_SCRIPTS = (READY_BUT_FAILING, CRASH_LOOP, IMAGE_PULL, SLOW_START, BROKEN_TARGET, SELF_HEAL, UNDONE_BEFORE)
"""In the order they are listed; the first is the drill's default."""
