"""What one environment is made of, as the configuration names it."""

from dataclasses import dataclass, field
from enum import Enum

from gospel_rollback_tui.domain.metric_queries import MetricQuery


class Tier(Enum):
    """How an environment is told apart from the others, in words and colour."""

    PRODUCTION = "production"
    STAGING = "staging"
    DRILL = "drill"


@dataclass(frozen=True, slots=True)
class HttpCheck:
    """A request and the answer that counts as good."""

    name: str
    """What operators call it, e.g. `verses`."""
    url: str
    """Absolute URL."""
    method: str = "GET"
    """Only GET and HEAD: a check never changes anything."""
    expect_status: int = 200
    """The status code of a good answer."""
    expect_text: str = ""
    """Text that a good answer's body contains; empty: any body."""

    def label(self) -> str:
        """Returns the request as an operator would say it, without the scheme: `GET api.example.com/v1/x`."""
        return f"{self.method} {self.url.partition('://')[2] or self.url}"


@dataclass(frozen=True, slots=True)
class Service:
    """One service: a Deployment and how its health is asked."""

    name: str
    """Short name, e.g. `gateway`."""
    deployment: str
    """Deployment name, e.g. `gospelib-gateway`."""
    container: str
    """The container whose image is the service's release."""
    selector: str
    """Label selector of its pods, e.g. `app=gospelib-gateway`."""
    health_url: str = ""
    """Asked for `alive`; empty: not asked."""
    ready_url: str = ""
    """Asked for `can serve`; empty: not asked."""
    migrations: str = ""
    """Folder of its migrations in the repository; empty: none."""
    database: str = ""
    """Name of its database; empty: none."""
    database_url_file: str = ""
    """File that holds the database's address (`postgres://…`); empty: PG_URL_SERVICE, then the instance's names and ~/.pgpass."""
    migrations_table: str = ""
    """Table that golang-migrate keeps the version in, with its schema where it is not the role's own; empty: `schema_migrations`."""
    cluster_service: str = ""
    """Its Kubernetes Service as the API server's proxy names one: NAME, NAME:PORT or SCHEME:NAME:PORT; empty: its Deployment's name."""
    only_through_api_server: bool = False
    """Whether health and ready are asked through the API server's proxy at once, because no route leads there from here."""
    migrates_at_start: bool | None = None
    """Whether its program migrates before it serves; None: it is told by what its pods start with."""


EVERY_NAMESPACE = "all"
"""What the configuration writes for every namespace there is; no namespace that is watched by name can be called so."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where the environment's Kubernetes API is, in kubeconfig's words."""

    context: str
    """kubeconfig context; pinned at start."""
    namespace: str
    """Namespace of every service."""
    kubeconfig: str = ""
    """Path of a kubeconfig; empty: KUBECONFIG, then ~/.kube/config."""
    login: tuple[str, ...] = ()
    """The command `L` runs to log in again, as an argument list; empty: none configured."""
    kind: str = ""
    """Words for the header, e.g. `eks`."""
    nonce: str = ""
    """For drills: every answer must carry it, otherwise the address is not the drill's own."""
    watch: tuple[str, ...] = ()
    """Further namespaces whose pods are shown, never judged; `EVERY_NAMESPACE` alone: all others."""


@dataclass(frozen=True, slots=True)
class ArgoCd:
    """The Argo CD Application that owns the environment; empty `application`: none."""

    application: str = ""
    namespace: str = "argocd"
    """Namespace of the Application object."""
    server: str = ""
    """`host[:port]`, reached over TLS, or a whole URL; empty: its API is not asked."""
    project: str = ""
    """Its AppProject; empty: not known, and then a missing Application reads as a missing right."""
    token_file: str = ""
    """File that holds the API token; empty: ARGOCD_AUTH_TOKEN, then the argocd command's own configuration."""
    ca_file: str = ""
    """Certificate authority of the server; empty: the system's."""


@dataclass(frozen=True, slots=True)
class Metrics:
    """The Prometheus of the environment and what it is asked; empty `url`: none, and no metric is a signal."""

    url: str = ""
    """Its address, with the path it is served under, without a trailing slash."""
    queries: tuple[MetricQuery, ...] = ()
    """Placeholders filled, in the order they are shown."""
    token_file: str = ""
    """File that holds a bearer token; empty: PROMETHEUS_TOKEN, then none is sent."""
    ca_file: str = ""
    """Certificate authority of the server; empty: the system's."""
    dashboard: str = ""
    """Address of the Grafana dashboard; empty: none."""


@dataclass(frozen=True, slots=True)
class StabilityRule:
    """How long what must hold before a rollback counts as stable."""

    minutes: float = 15.0
    """Time without a flap."""
    sample_seconds: float = 5.0
    """Time between two samples of each signal."""
    failures_to_flap: int = 3
    """Consecutive bad samples that make a flap; one lost answer on a bad link is none."""
    errors_per_minute: float = 1.0
    """Error lines a minute that still count as quiet."""


@dataclass(frozen=True, slots=True)
class Environment:
    """Everything one environment is made of."""

    name: str
    """e.g. `production`."""
    title: str
    """The word in the header's block, e.g. `PRODUCTION`."""
    tier: Tier
    cluster: Cluster
    services: tuple[Service, ...]
    endpoints: tuple[HttpCheck, ...] = ()
    """Public endpoints shown in the health pane."""
    symptoms: tuple[HttpCheck, ...] = ()
    """The usual symptoms, most usual first: requests whose failure is an incident."""
    ca_file: str = ""
    """Certificate authority of endpoints, symptoms and services, trusted beside the system's own; empty: none."""
    vantage: str = ""
    """URL of a well-known place that has nothing to do with the estate: whether it answers tells this host's network from the estate's; empty: none."""
    argocd: ArgoCd = ArgoCd()
    ci_running: tuple[str, ...] = ()
    """The command that prints deployments under way, as an argument list; empty: nobody asks."""
    stability: StabilityRule = StabilityRule()
    metrics: Metrics = Metrics()
    objectives: tuple[tuple[str, float], ...] = ()
    """(scenario id, seconds) where the environment's objective differs from the matrix."""
    names: tuple[tuple[str, str], ...] = ()
    """Flat `section.key` → value of every other name the runbooks need, e.g. `aws.region`, `git.branch`, `rds.identifier`."""
    allowed: tuple[str, ...] = field(default=())
    """Operations that are allowed only where named, e.g. `graph.reingest`."""

    def service(self, name: str) -> Service:
        """Returns the service of that short name; raises KeyError if there is none."""
        for service in self.services:
            if service.name == name:
                return service
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class TerminalSettings:
    """How the terminal is used; keys of `terminal:` in the configuration."""

    ascii: bool = False
    """Signs and bars in ASCII."""
    mouse: bool = False
    """Mouse reporting; off: the terminal's own selection works."""
    diff: bool = True
    """Send only what changed on screen."""
    pace: bool = True
    """Hold live panes back while the terminal does not keep up, and slow them down on a slow link."""
    keymap: tuple[tuple[str, str], ...] = ()
    """(binding id, keys) of the operator's own."""


@dataclass(frozen=True, slots=True)
class Settings:
    """A whole configuration file."""

    environments: tuple[Environment, ...]
    default_environment: str
    runs_dir: str
    """Folder of the runs, absolute."""
    runbooks_dir: str = ""
    """A team's own runbooks, overriding or adding; empty: the packaged ones only."""
    terminal: TerminalSettings = TerminalSettings()
    source: str = ""
    """The file it came from."""
