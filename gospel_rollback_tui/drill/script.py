"""The words of a script: what is broken in an estate, and how the estate reacts to right and wrong moves.

Pure values, without a word on how an estate is built from them: the simulated and the real estate read the same
table. Every time is in seconds; `…_before` counts backwards from the moment the estate starts.
"""

from dataclasses import dataclass, field
from enum import Enum

from gospel_rollback_tui.drill.script_aws import AwsScene
from gospel_rollback_tui.drill.script_data import DataScene
from gospel_rollback_tui.drill.script_delivery import GitScene, SyncScene

REGISTRY = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
"""Where the images of the estate come from; never contacted."""

NAMESPACE = "gospelib-production"
APPLICATION = "gospelib-production"
ARGOCD_NAMESPACE = "argocd"
PROJECT = "gospelib"
"""The AppProject of the Application."""

OLDER_TAG = "v2.13.2"
GOOD_TAG = "v2.14.0"
BAD_TAG = "v2.15.0"

SERVICE_PORTS = {
    "gateway": 8080,
    "content": 8100,
    "auth": 8200,
    "billing": 8300,
    "ai": 8400,
    "notifications": 8500,
}
"""The services of the estate and the container port of each, in the order they are shown."""


def deployment_name(service: str) -> str:
    """Return the name of a service's Deployment, which is also its `app` label and its image's repository."""
    return f"gospelib-{service}"


def image_name(service: str, tag: str) -> str:
    """Return the full image name of a service at a tag."""
    return f"{REGISTRY}/{deployment_name(service)}:{tag}"


class PodFate(Enum):
    """What becomes of a pod that runs a given image."""

    READY = "ready"
    """Scheduled, started, and Ready after `Behaviour.ready_after`."""

    CRASH_LOOP = "crash-loop"
    """Starts, ends with exit code 2, and is restarted with a growing back-off."""

    IMAGE_PULL = "image-pull"
    """Scheduled, then ErrImagePull and ImagePullBackOff for good."""

    UNSCHEDULABLE = "unschedulable"
    """Stays Pending with PodScheduled False."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer: a status code and a body."""

    status: int
    body: str


@dataclass(frozen=True, slots=True)
class LogPattern:
    """A line that a running container writes again and again."""

    text: str
    every: float
    """Seconds between two such lines of one container; 0 writes it once, at the container's start."""

    since_onset: bool = False
    """Whether users cause it: then no such line is older than the first user's failure."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What the pods of one service do while they run one image tag."""

    service: str
    tag: str
    fate: PodFate = PodFate.READY
    ready_after: float = 0.3
    """Seconds from the pod's start to Ready, for `PodFate.READY`."""

    answers: tuple[tuple[str, Answer], ...] = ()
    """Path prefixes answered otherwise than with 200; the first that fits counts."""

    logs: tuple[LogPattern, ...] = ()
    """Lines beside the ordinary request lines."""

    message: str = ""
    """What the kubelet says about a pod that does not start; empty for the usual text of the fate."""

    at_schema: tuple[int, ...] = ()
    """Versions of the service's schema at which it behaves so; empty for every one."""


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision that a Deployment went through."""

    tag: str
    applied_before: float
    """Seconds from this revision's rollout to the start of the estate."""

    change_cause: str
    env: tuple[tuple[str, str], ...] = ()
    """Environment variables that the template of this revision adds to those every template has."""

    number: int = 0
    """The revision's number where an undo has renumbered it; 0 counts from one upwards."""


@dataclass(frozen=True, slots=True)
class History:
    """The revisions of one Deployment, oldest first; the last one is live when the estate starts."""

    service: str
    revisions: tuple[Revision, ...]
    pods_started_before: float | None = None
    """Seconds since the live pods started, where they are younger than the rollout; None for the same age."""

    recreate: bool = False
    """Whether the Deployment's strategy is Recreate: old pods end before new ones start."""


@dataclass(frozen=True, slots=True)
class ConfigEdit:
    """A ConfigMap and when somebody edited it last."""

    name: str
    edited_before: float
    manager: str
    """The field manager that the edit is recorded under."""

    content: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class NodeScene:
    """A node, and since when it is not Ready where it is not."""

    name: str
    not_ready_before: float | None = None
    message: str = ""
    """What the node's Ready condition says while it is not."""


@dataclass(frozen=True, slots=True)
class EventScene:
    """A Kubernetes event that is already there when the estate starts."""

    kind: str
    name: str
    reason: str
    message: str
    last_before: float
    count: int = 1
    type: str = "Warning"


@dataclass(frozen=True, slots=True)
class Symptom:
    """The request whose failure is the incident, and the status that says it is over."""

    path: str
    expected: int = 200


VERSES = Symptom("/v1/verses/gen.1.1")
SEARCH = Symptom("/v1/search?q=grace")

HEALTHY_NODES = tuple(NodeScene(f"ip-10-0-{zone}-{host}.ec2.internal") for zone, host in ((11, 24), (12, 87), (13, 5)))


@dataclass(frozen=True, slots=True)
class Script:
    """One night: a scene, what broke it, and how its parts behave from then on."""

    id: str
    scenario: str
    title: str
    story: str
    """Two sentences for whoever drills: what they will meet, never what to do."""

    histories: tuple[History, ...]
    """Every service of the estate has one."""

    failing_before: float
    """Seconds that users have been failing when the estate starts."""

    symptoms: tuple[Symptom, ...] = (VERSES,)
    behaviours: tuple[Behaviour, ...] = ()
    """Only what differs from a healthy service."""

    config_edits: tuple[ConfigEdit, ...] = ()
    nodes: tuple[NodeScene, ...] = HEALTHY_NODES
    events: tuple[EventScene, ...] = ()
    sync: SyncScene = field(default_factory=SyncScene)
    git: GitScene = field(default_factory=GitScene)
    faults: tuple[str, ...] = ()
    """Faults that belong to the scene itself, on from the start until the script's world is repaired."""

    data: DataScene | None = None
    """What its databases hold; None where they play no part."""

    aws: AwsScene = field(default_factory=AwsScene)
    """What the account holds of them; there is none without databases."""

    def behaviour(self, service: str, tag: str, version: int | None = None) -> Behaviour:
        """Return what a service does at a tag, on its schema at a version; one that is not listed is healthy.

        Without a version, the schema stands where it stands when the estate starts.
        """
        if version is None and self.data is not None and service in self.data.services:
            version = self.data.head(service)
        for behaviour in self.behaviours:
            if behaviour.service == service and behaviour.tag == tag and (not behaviour.at_schema or version in behaviour.at_schema):
                return behaviour
        return Behaviour(service, tag)

    def history(self, service: str) -> History:
        """Return the revisions of a service.

        Raises:
            KeyError: The estate has no such service.
        """
        for history in self.histories:
            if history.service == service:
                return history
        raise KeyError(service)
