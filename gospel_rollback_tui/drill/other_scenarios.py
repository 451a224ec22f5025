"""One script for each of the scenarios 4 to 6: a scene in Kubernetes terms for the diagnosis to weigh."""

from gospel_rollback_tui.drill.bad_code import BILLING_NOISE, FAILING, GOOD, MINUTE, OLDER, histories
from gospel_rollback_tui.drill.script import (
    GOOD_TAG,
    SEARCH,
    SERVICE_PORTS,
    VERSES,
    Answer,
    Behaviour,
    ConfigEdit,
    EventScene,
    History,
    LogPattern,
    NodeScene,
    PodFate,
    Script,
)

LOST_NODE = "ip-10-0-12-87.ec2.internal"

INFRASTRUCTURE = Script(
    id="node-lost",
    scenario="infrastructure",
    title="a node is gone and its pods cannot start elsewhere",
    story=("A node stopped reporting, and the pods of content were made anew on the others. The registry refuses them their image: its pull quota is used up."),
    histories=tuple(History(service, (OLDER, GOOD), pods_started_before=FAILING if service == "content" else None) for service in SERVICE_PORTS),
    failing_before=FAILING,
    symptoms=(VERSES, SEARCH),
    behaviours=(
        Behaviour(
            "content",
            GOOD_TAG,
            PodFate.IMAGE_PULL,
            message="toomanyrequests: Rate exceeded: the pull quota of the account is used up",
        ),
        BILLING_NOISE,
    ),
    nodes=(
        NodeScene("ip-10-0-11-24.ec2.internal"),
        NodeScene(LOST_NODE, not_ready_before=FAILING + MINUTE, message="Kubelet stopped posting node status."),
        NodeScene("ip-10-0-13-5.ec2.internal"),
    ),
    events=(EventScene("Node", LOST_NODE, "NodeNotReady", f"Node {LOST_NODE} status is now: NodeNotReady", FAILING + MINUTE),),
)

CORRUPTED_GRAPH = Script(
    id="empty-graph",
    scenario="corrupted-graph",
    title="search finds nothing in the graph",
    story=("No release for three days, every pod Ready. Search answers 503: the graph has no passages."),
    histories=histories(),
    failing_before=FAILING,
    symptoms=(SEARCH,),
    behaviours=(
        Behaviour(
            "content",
            GOOD_TAG,
            answers=(("/v1/search", Answer(503, '{"error":"graph query returned no rows"}')),),
            logs=(LogPattern("ERROR graph gospelib: MATCH (p:Passage) RETURN count(p) is 0, expected 41995", 1.5, since_onset=True),),
        ),
        BILLING_NOISE,
    ),
    config_edits=(ConfigEdit("ingest-report", FAILING + 4 * MINUTE, "ingest", (("stage", "reset"), ("result", "interrupted"))),),
)

TOTAL_FAILURE = Script(
    id="cluster-gone",
    scenario="total-failure",
    title="the control plane does not answer and nothing serves",
    story=("The Kubernetes API refuses every connection, and so does everything behind it. The public address answers 503."),
    histories=histories(),
    failing_before=FAILING,
    symptoms=(VERSES, SEARCH),
    behaviours=tuple(Behaviour(service, GOOD_TAG, answers=(("/", Answer(503, '{"error":"service unavailable"}')),)) for service in SERVICE_PORTS),
    nodes=tuple(
        NodeScene(name, not_ready_before=FAILING, message="Kubelet stopped posting node status.")
        for name in ("ip-10-0-11-24.ec2.internal", LOST_NODE, "ip-10-0-13-5.ec2.internal")
    ),
    faults=("api-gone",),
)

OTHER_SCRIPTS = (INFRASTRUCTURE, CORRUPTED_GRAPH, TOTAL_FAILURE)
"""One a scenario, in the matrix's order."""
