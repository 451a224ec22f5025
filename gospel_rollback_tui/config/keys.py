"""The keys of config.yaml, each declared once with what it means; `config.example.yaml` explains every one of them."""

import re
from collections.abc import Iterator

from gospel_rollback_tui.domain.estate import EVERY_NAMESPACE, Tier
from gospel_rollback_tui.domain.metric_queries import MetricKind, Unit
from gospel_rollback_tui.domain.names import PLAIN_NAMES, SECTION_NAMES
from gospel_rollback_tui.domain.schema import Key, Kind

SCENARIOS = (
    "bad-code",
    "bad-code-reversible-migration",
    "bad-code-irreversible-migration",
    "infrastructure",
    "corrupted-graph",
    "total-failure",
)
"""Ids of the matrix's six rows."""
ALLOWANCES = ("graph.reingest",)
"""Operations that happen only where an environment allows them by name."""

_WORD = re.compile(r"[A-Za-z0-9./~_][A-Za-z0-9._:/@~=+,%-]*")
_KUBERNETES_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")
_TABLE = re.compile(r"(?:[A-Za-z_][A-Za-z0-9_$]*\.)?[A-Za-z_][A-Za-z0-9_$]*")
_CLUSTER_SERVICE = re.compile(r"(?:https?:)?[a-z](?:[a-z0-9-]*[a-z0-9])?(?::[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)?")
_SELECTOR = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/=!,() -]*")


def _word(text: str) -> str:
    """Commands carry these values as they are, so they hold nothing that a shell would take apart."""
    return "" if _WORD.fullmatch(text) else f"{text!r} holds a sign that a command could not carry; use letters, digits and . _ : / @ ~ = + , % -"


def _kubernetes_name(text: str) -> str:
    return "" if _KUBERNETES_NAME.fullmatch(text) and len(text) <= 253 else f"{text!r} is no name in Kubernetes; use small letters, digits and hyphens"


def _selector(text: str) -> str:
    return "" if _SELECTOR.fullmatch(text) else f"{text!r} is no label selector; write one such as app=gospelib-gateway"


def _cluster_service(text: str) -> str:
    return (
        "" if _CLUSTER_SERVICE.fullmatch(text) else f"{text!r} is no Service; write one such as gospelib-gateway, gospelib-gateway:http or https:gateway:8443"
    )


def _table(text: str) -> str:
    return "" if _TABLE.fullmatch(text) else f"{text!r} is no table; write one such as schema_migrations or auth.schema_migrations"


def _title(text: str) -> str:
    return "" if len(text) <= 16 and text.isprintable() else f"{text!r} does not fit the header; write at most 16 characters"


def _folder(text: str) -> str:
    return "" if text.isprintable() else f"{text!r} is no path"


CHECK_KEYS = (
    Key("name", Kind.TEXT, "what operators call it", required=True),
    Key("url", Kind.URL, "absolute address, http:// or https://", required=True),
    Key("method", Kind.CHOICE, "GET (if not written) or HEAD; a check never changes anything", choices=("GET", "HEAD")),
    Key("expect_status", Kind.COUNT, "status code of a good answer; 200 if not written"),
    Key("expect_text", Kind.TEXT, "text that a good answer contains; any text if not written"),
)

SERVICE_KEYS = (
    Key("deployment", Kind.TEXT, "name of its Deployment", required=True, check=_kubernetes_name),
    Key("container", Kind.TEXT, "container whose image is its release; its short name if not written", check=_kubernetes_name),
    Key("selector", Kind.TEXT, "label selector of its pods; app=DEPLOYMENT if not written", check=_selector),
    Key("health_url", Kind.URL, "asked whether it is alive"),
    Key("ready_url", Kind.URL, "asked whether it can serve, its dependencies included"),
    Key("probe_through", Kind.CHOICE, "api-server, where no route leads there from here; tried by itself where the direct way fails", choices=("api-server",)),
    Key(
        "cluster_service",
        Kind.TEXT,
        "its Kubernetes Service for that, as NAME, NAME:PORT or https:NAME:PORT; its Deployment's name if not written",
        check=_cluster_service,
    ),
    Key("migrations", Kind.TEXT, "folder of its migrations in the repository", check=_word),
    Key("database", Kind.TEXT, "its database", check=_word),
    Key(
        "database_url_file",
        Kind.TEXT,
        "file that holds its postgres:// address; PG_URL_SERVICE, then rds and ~/.pgpass if not written",
        check=_folder,
    ),
    Key("migrations_table", Kind.TEXT, "table that migrate keeps the version in, as TABLE or SCHEMA.TABLE; schema_migrations if not written", check=_table),
    Key("migrates_at_start", Kind.FLAG, "its program migrates before it serves; if not written, told by the names and commands of its containers"),
)

CLUSTER_KEYS = (
    Key("context", Kind.TEXT, "kubeconfig context; pinned at start", required=True, check=_word),
    Key("namespace", Kind.TEXT, "namespace of every service", required=True, check=_kubernetes_name),
    Key("watch", Kind.TEXTS, "further namespaces whose pods are shown and never judged, or the word all", check=_kubernetes_name, whole=EVERY_NAMESPACE),
    Key("kind", Kind.TEXT, "word for the header"),
    Key("login", Kind.TEXTS, "command that L runs to log in again, as a list of its words"),
    Key("kubeconfig", Kind.TEXT, "another kubeconfig than KUBECONFIG or ~/.kube/config", check=_folder),
    Key("nonce", Kind.TEXT, "written by a drill only: what every answer of its estate carries"),
)

ARGOCD_KEYS = (
    Key("application", Kind.TEXT, "Application that owns the environment", required=True, check=_kubernetes_name),
    Key("namespace", Kind.TEXT, "namespace of the Application object; argocd if not written", check=_kubernetes_name),
    Key("server", Kind.TEXT, "host of Argo CD's API, without https://", check=_word),
    Key("project", Kind.TEXT, "its project; without it a mistyped application looks like a missing right", check=_kubernetes_name),
    Key("token_file", Kind.TEXT, "file that holds an API token; ARGOCD_AUTH_TOKEN, then the argocd command's own login if not written", check=_folder),
    Key("ca_file", Kind.TEXT, "certificate authority of its server; the system's own if not written", check=_folder),
)

CI_KEYS = (Key("running", Kind.TEXTS, "command that prints a deployment under way, one a line, and nothing if there is none"),)

STABILITY_KEYS = (
    Key("hold", Kind.DURATION, "time without a flap until a rollback is stable; 15m if not written"),
    Key("sample", Kind.DURATION, "time between two looks at each signal; 5s if not written"),
    Key("failures_to_flap", Kind.COUNT, "bad looks in a row that make a flap; 3 if not written"),
    Key("errors_per_minute", Kind.NUMBER, "error lines a minute that still count as quiet; 1 if not written"),
)

METRIC_KEYS = (
    Key("name", Kind.TEXT, "what operators call the metric", required=True),
    Key("kind", Kind.CHOICE, "error rate, latency or saturation", required=True, choices=tuple(kind.value for kind in MetricKind)),
    Key("query", Kind.TEXT, "PromQL whose answer is one series; {namespace}, {service} and {deployment} stand for the estate's names", required=True),
    Key("unit", Kind.CHOICE, "ratio, percent, seconds, milliseconds, per second or count", choices=tuple(unit.value for unit in Unit)),
    Key("service", Kind.TEXT, "the service it speaks of; if not written, a query with {service} is asked for every one"),
    Key("worse_above", Kind.NUMBER, "up to here it is never worse, in its own unit; 0.5 % errors, 50 ms or 80 % of a limit if not written"),
    Key("signal", Kind.FLAG, "the stability watch waits for it; true if not written"),
    Key("tolerance", Kind.NUMBER, "times its usual value before the incident from which it is worse; 1.2, of latency 1.3 if not written"),
)

METRICS_KEYS = (
    Key("token_file", Kind.TEXT, "file that holds a bearer token for Prometheus; PROMETHEUS_TOKEN if not written", check=_folder),
    Key("ca_file", Kind.TEXT, "certificate authority of Prometheus; the system's own if not written", check=_folder),
    Key("queries", Kind.SECTIONS, "what it is asked; ingress-nginx, http_requests_total, cAdvisor and kube-state-metrics if not written", keys=METRIC_KEYS),
)

TERMINAL_KEYS = (
    Key("ascii", Kind.FLAG, "signs and bars in ASCII, for terminals without Unicode"),
    Key("mouse", Kind.FLAG, "mouse reporting; off, the terminal's own selection works"),
    Key("diff", Kind.FLAG, "send only what changed on the screen"),
    Key("pace", Kind.FLAG, "paint panes less often while the terminal does not keep up; asks it where its cursor is"),
    Key("keymap", Kind.PAIRS, "keys of your own: id of a binding, as the help names it, and its keys"),
)

ENVIRONMENT_KEYS = (
    Key("title", Kind.TEXT, "word in the header's block; the name in capitals if not written", check=_title),
    Key("tier", Kind.CHOICE, "production, staging or drill: its colour, and how careful to be", required=True, choices=tuple(t.value for t in Tier)),
    Key("cluster", Kind.SECTION, "where its Kubernetes API is, in kubeconfig's words", required=True, keys=CLUSTER_KEYS),
    Key("services", Kind.TABLE, "its services by short name", required=True, keys=SERVICE_KEYS),
    Key("endpoints", Kind.SECTIONS, "public addresses shown in the health pane", keys=CHECK_KEYS),
    Key("symptoms", Kind.SECTIONS, "requests whose failure is an incident, the most usual first", keys=CHECK_KEYS),
    Key("ca_file", Kind.TEXT, "certificate authority of these addresses, trusted beside the system's own", check=_folder),
    Key("vantage", Kind.URL, "independent address that answers while this host's network works"),
    Key("argocd", Kind.SECTION, "the Argo CD Application, if one owns the environment", keys=ARGOCD_KEYS),
    Key("ci", Kind.SECTION, "how to see whether a deployment is under way that would change git again", keys=CI_KEYS),
    Key("stability", Kind.SECTION, "how long what must hold before a rollback counts as stable", keys=STABILITY_KEYS),
    Key("metrics", Kind.SECTION, "how Prometheus, whose address is `prometheus` below, is asked; its metrics are signals of stability", keys=METRICS_KEYS),
    Key("objectives", Kind.DURATIONS, "recovery objectives that differ from the matrix, by scenario"),
    Key("allowed", Kind.TEXTS, "operations that happen only where allowed by name", choices=ALLOWANCES),
    *(Key(name, Kind.URL, words, check=_word) for name, words in PLAIN_NAMES.items()),
    *(
        Key(section, Kind.SECTION, f"names for runbooks: {section}", keys=tuple(Key(name, Kind.TEXT, words, check=_word) for name, words in names.items()))
        for section, names in SECTION_NAMES.items()
    ),
)

SETTINGS_KEYS = (
    Key("default_environment", Kind.TEXT, "environment that is meant without --environment; not needed where there is one only"),
    Key("runs_dir", Kind.TEXT, "folder of the runs; your state folder if not written", check=_folder),
    Key("runbooks_dir", Kind.TEXT, "folder of your team's own runbooks, which override or add", check=_folder),
    Key("terminal", Kind.SECTION, "how the terminal is used", keys=TERMINAL_KEYS),
    Key("environments", Kind.TABLE, "everything each environment is made of, by name", required=True, keys=ENVIRONMENT_KEYS),
)


def every_key(keys: tuple[Key, ...] = SETTINGS_KEYS, path: str = "") -> Iterator[tuple[str, Key]]:
    """Yields every key with its dotted path; `*` stands for a name of your own."""
    for key in keys:
        where = f"{path}.{key.name}" if path else key.name
        yield where, key
        yield from every_key(key.keys, f"{where}.*" if key.kind in (Kind.TABLE, Kind.SECTIONS) else where)
