"""config.yaml to settings, and every way in which it can be wrong."""

import os
from pathlib import Path

import pytest
import yaml

from gospel_rollback_tui.config.settings import choose_environment, load_settings
from gospel_rollback_tui.domain.errors import ConfigurationError
from gospel_rollback_tui.domain.estate import Settings, Tier

MINIMAL = """\
environments:
  test:
    tier: staging
    cluster:
      context: kind-test
      namespace: test
    services:
      web:
        deployment: shop-web
"""

FULL = """\
default_environment: live
runs_dir: runs
runbooks_dir: own
terminal:
  ascii: true
  mouse: false
  diff: true
  keymap: {help: f1}
environments:
  live:
    title: LIVE
    tier: production
    cluster:
      context: arn:aws:eks:us-east-1:123456789012:cluster/live
      namespace: shop
      kind: eks
      login: [aws, sso, login]
      kubeconfig: ~/.kube/live
    services:
      web:
        deployment: shop-web
        container: app
        selector: app=shop-web,tier in (front)
        health_url: https://shop.example/health
        ready_url: https://shop.example/ready
        migrations: services/web/migrations
        database: web
      cart:
        deployment: shop-cart
    endpoints:
      - name: front
        url: https://shop.example/
        method: HEAD
    symptoms:
      - name: buy
        url: https://shop.example/v1/buy?dry=1
        expect_status: 204
        expect_text: ok
    argocd:
      application: shop
      namespace: argo
      server: argocd.shop.example
    stability:
      hold: 10m
      sample: 2s
      failures_to_flap: 2
      errors_per_minute: 0.5
    objectives: {bad-code: 5m}
    allowed: [graph.reingest]
    api: https://shop.example
    aws:
      account: "012345678901"
      region: us-east-1
    git: {branch: main}
"""

CASES: list[dict[str, str]] = yaml.safe_load((Path(__file__).parent / "refusals.yaml").read_text(encoding="utf-8"))


def load(folder: Path, text: str) -> Settings:
    """Loads a configuration of that text."""
    file = folder / "config.yaml"
    file.write_text(text, encoding="utf-8")
    return load_settings(file, {})


def complaints(folder: Path, text: str) -> list[str]:
    """Returns the complaints about a configuration as `line: text`."""
    with pytest.raises(ConfigurationError) as caught:
        load(folder, text)
    assert "Nothing was changed." in caught.value.sentences()
    return [line.removeprefix(f"{folder}/config.yaml:") for line in str(caught.value).splitlines()]


def test_a_minimal_configuration_has_sensible_defaults(tmp_path: Path) -> None:
    """One environment with one service is enough, and is the default."""
    settings = load(tmp_path, MINIMAL)
    assert settings.default_environment == "test"
    environment = choose_environment(settings, None)
    assert (environment.title, environment.tier) == ("TEST", Tier.STAGING)
    service = environment.service("web")
    assert (service.deployment, service.container, service.selector) == ("shop-web", "web", "app=shop-web")
    assert environment.stability.minutes == 15
    assert (environment.argocd.application, environment.names, environment.allowed) == ("", (), ())
    assert settings.terminal.diff
    assert settings.source == str(tmp_path / "config.yaml")


def test_every_key_reaches_its_place(tmp_path: Path) -> None:
    """A configuration that says everything."""
    settings = load(tmp_path, FULL)
    assert (settings.runs_dir, settings.runbooks_dir) == (str(tmp_path / "runs"), str(tmp_path / "own"))
    assert (settings.terminal.ascii, settings.terminal.keymap) == (True, (("help", "f1"),))
    live = choose_environment(settings, "live")
    assert live.cluster.login == ("aws", "sso", "login")
    assert live.cluster.context.startswith("arn:aws:eks")
    assert live.cluster.kubeconfig == str(Path("~/.kube/live").expanduser())
    assert live.service("web").selector == "app=shop-web,tier in (front)"
    assert live.endpoints[0].method == "HEAD"
    assert (live.symptoms[0].expect_status, live.symptoms[0].expect_text) == (204, "ok")
    assert (live.argocd.namespace, live.argocd.server) == ("argo", "argocd.shop.example")
    assert (live.stability.minutes, live.stability.sample_seconds, live.stability.failures_to_flap, live.stability.errors_per_minute) == (10, 2, 2, 0.5)
    assert live.objectives == (("bad-code", 300.0),)
    assert live.allowed == ("graph.reingest",)
    assert dict(live.names) == {"api": "https://shop.example", "aws.account": "012345678901", "aws.region": "us-east-1", "git.branch": "main"}


def test_a_service_may_name_its_databases_address_and_its_table(tmp_path: Path) -> None:
    """The file beside the configuration, and the table with its schema; neither is needed."""
    written = "database: web\n        database_url_file: web.url\n        migrations_table: shop.versions\n        migrates_at_start: true"
    web = load(tmp_path, FULL.replace("database: web", written)).environments[0].service("web")
    assert (web.database_url_file, web.migrations_table, web.migrates_at_start) == (str(tmp_path / "web.url"), "shop.versions", True)
    assert (load(tmp_path, FULL).environments[0].service("web").database_url_file, web.database) == ("", "web")


def test_a_service_may_be_asked_through_the_api_server(tmp_path: Path) -> None:
    """At the Service that is named; an authority and a place to compare with are the environment's."""
    written = "database: web\n        probe_through: api-server\n        cluster_service: https:web:8443"
    environment = load(
        tmp_path, FULL.replace("database: web", written).replace("    api: ", "    ca_file: ca.pem\n    vantage: https://else.example\n    api: ")
    ).environments[0]
    web = environment.service("web")
    assert (web.only_through_api_server, web.cluster_service) == (True, "https:web:8443")
    assert (environment.ca_file, environment.vantage) == (str(tmp_path / "ca.pem"), "https://else.example")
    plain = load(tmp_path, FULL).environments[0]
    assert (plain.service("web").only_through_api_server, plain.service("web").cluster_service, plain.ca_file, plain.vantage) == (False, "", "", "")
    assert "is no Service" in complaints(tmp_path, FULL.replace("database: web", "database: web\n        cluster_service: web/8080"))[0]


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["told"])[:60])
def test_what_cannot_be_is_told_with_line_key_and_remedy(case: dict[str, str], tmp_path: Path) -> None:
    """One wrong thing, one sentence at its place."""
    assert case["instead of"] in FULL
    assert case["told"] in complaints(tmp_path, FULL.replace(case["instead of"], case["write"], 1))


def test_an_objective_of_a_scenario_that_does_not_exist_is_told(tmp_path: Path) -> None:
    """It would be passed over in silence otherwise."""
    text = FULL.replace("runbooks_dir: own\n", "").replace("{bad-code: 5m}", "{bad-cod: 5m}")
    assert complaints(tmp_path, text) == ["47: environments.live.objectives.bad-cod: unknown scenario; write 'bad-code'"]


def test_a_team_with_runbooks_of_its_own_may_have_other_scenarios(tmp_path: Path) -> None:
    """Their objectives are not the packaged six."""
    settings = load(tmp_path, FULL.replace("{bad-code: 5m}", "{full-disk: 5m}"))
    assert settings.environments[0].objectives == (("full-disk", 300.0),)


def test_everything_wrong_is_told_at_once_in_order(tmp_path: Path) -> None:
    """Nobody fixes one line, starts again, and is told the next."""
    told = complaints(tmp_path, FULL.replace("tier: production", "tier: x").replace("hold: 10m", "hold: 10").replace("ascii", "asci"))
    numbers = [int(line.split(":")[0]) for line in told]
    assert len(told) == 3
    assert numbers == sorted(numbers)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "is empty"),
        (b"# only a comment\n", "is empty"),
        (b"- production\n", "the file is a list; it must be a mapping of keys to values"),
        (b"production\n", "the file is the text 'production'; it must be a mapping of keys to values"),
        (b"environments: {\n", "is not YAML"),
        (b"environments:\n\ttest: 1\n", "indent with blanks, not tabs"),
        (b"environments: \xff\n", "is not UTF-8 text here"),
        (b"a: 1\n---\nb: 2\n", "is not YAML"),
        (b"environments: {}\n", "environments: names none; write at least one"),
        (b"environments: []\n", "environments is a list and must be a mapping of names to mappings"),
        (b"terminal: {}\n", "the file lacks 'environments'"),
        (b"? [a]\n: b\n", "a key must be a plain word"),
        (b"environments: &a {x: *a}\n", "environments.x"),
        (b"x: " + b"y" * 1_000_001, "at most 1000000 are read"),
    ],
)  # fmt: skip
def test_what_is_no_configuration_is_told_without_a_traceback(content: bytes, complaint: str, tmp_path: Path) -> None:
    """Empty, another shape, broken, not text, two documents, circular, far too long."""
    file = tmp_path / "config.yaml"
    file.write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"config\.yaml") as caught:
        load_settings(file, {})
    assert complaint in str(caught.value)


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    """Some editors put one in front."""
    file = tmp_path / "config.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + MINIMAL.encode())
    assert load_settings(file, {}).default_environment == "test"


def test_a_file_that_is_missing_or_a_folder_is_told(tmp_path: Path) -> None:
    """Which file, and what to do."""
    with pytest.raises(ConfigurationError, match=r"nowhere\.yaml: there is no such file") as missing:
        load_settings(tmp_path / "nowhere.yaml", {})
    assert "--config" in missing.value.next_step
    with pytest.raises(ConfigurationError, match="is a folder"):
        load_settings(tmp_path, {})


def test_a_file_under_a_file_cannot_be_read(tmp_path: Path) -> None:
    """Whatever else the system says is passed on in words."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="cannot be read: Not a directory"):
        load_settings(tmp_path / "file" / "config.yaml", {})


def test_several_environments_need_a_default(tmp_path: Path) -> None:
    """Guessing which is meant could guess production."""
    told = complaints(tmp_path, FULL.replace("default_environment: live\n", "") + MINIMAL.removeprefix("environments:\n"))
    assert told == ["1: default_environment is missing: say which is meant without --environment; known: live, test"]


def test_an_unknown_environment_is_told_with_the_nearest(tmp_path: Path) -> None:
    """`--environment` mistyped."""
    settings = load(tmp_path, FULL)
    with pytest.raises(ConfigurationError, match="there is no environment 'life'; write 'live'"):
        choose_environment(settings, "life")


def test_secrets_are_never_read(tmp_path: Path) -> None:
    """Nothing in the environment reaches the settings but the places where files lie."""
    file = tmp_path / "config.yaml"
    file.write_text(MINIMAL, encoding="utf-8")
    asked: list[str] = []

    class Watched(dict[str, str]):
        def get(self, key: str, default: str = "") -> str:  # type: ignore[override]  # the settings ask for texts only
            asked.append(key)
            return default

        def __getitem__(self, key: str) -> str:
            asked.append(key)
            return super().__getitem__(key)

    load_settings(file, Watched(os.environ))
    assert all(key.startswith("XDG_") for key in asked)


@pytest.mark.parametrize(("written", "meant"), [("all", ("all",)), ("[cart, stock]", ("cart", "stock")), ("[]", ())])
def test_further_namespaces_are_named_or_all(tmp_path: Path, written: str, meant: tuple[str, ...]) -> None:
    """A list of names, or one word for every namespace there is."""
    file = tmp_path / "config.yaml"
    file.write_text(MINIMAL.replace("namespace: test", f"namespace: test\n      watch: {written}"))
    assert load_settings(file, {}).environments[0].cluster.watch == meant
