"""config.example.yaml is GospeLib's estate, loads as it is, and explains every key."""

import re
from pathlib import Path

import pytest

from gospel_rollback_tui.config.keys import every_key
from gospel_rollback_tui.config.settings import load_settings
from gospel_rollback_tui.domain.estate import Tier
from gospel_rollback_tui.domain.names import ESTATE_NAMES, names_of

EXAMPLE = Path(__file__).parents[2] / "config.example.yaml"
TEXT = EXAMPLE.read_text(encoding="utf-8")
SETTINGS = load_settings(EXAMPLE, {})
_NOT_IN_THE_FILE = {"services.deployments", "allowed.reingest"}


@pytest.mark.parametrize("path", [path for path, _ in every_key()])
def test_every_key_stands_under_its_explanation(path: str) -> None:
    """The words of the table are the comment, and the key follows on the next line, written out or commented out."""
    key = dict(every_key())[path]
    name = re.escape(key.name)
    assert re.search(rf"^ *(- )?# {re.escape(key.words)}\n *(# |- )?{name}:", TEXT, re.MULTILINE), f"{path}: # {key.words}"


def test_no_comment_explains_a_key_that_is_none() -> None:
    """A commented-out key that no longer exists would mislead."""
    names = {key.name for _, key in every_key()}
    commented = re.findall(r"^ *# ([a-z_]+): ", TEXT, re.MULTILINE)
    assert set(commented) <= names


def test_it_is_the_estate_of_production_and_staging() -> None:
    """Names, tiers, services and objectives as the estate has them."""
    assert [environment.name for environment in SETTINGS.environments] == ["production", "staging"]
    assert SETTINGS.default_environment == "production"
    production, staging = SETTINGS.environments
    assert (production.tier, staging.tier) == (Tier.PRODUCTION, Tier.STAGING)
    for environment in SETTINGS.environments:
        assert [service.name for service in environment.services] == ["gateway", "content", "auth", "billing", "ai", "notifications"]
        assert all(service.deployment == f"gospelib-{service.name}" for service in environment.services)
        assert all(service.selector == f"app={service.deployment}" for service in environment.services)
        assert [check.name for check in environment.symptoms] == ["verses", "search"]
        assert environment.cluster.namespace == f"gospelib-{environment.name}" == environment.argocd.application
    assert production.symptoms[0].url == "https://api.gospelib.com/v1/verses/gen.1.1"


def test_only_staging_allows_a_full_re_ingest() -> None:
    """In production it would destroy the graph that users read."""
    production, staging = SETTINGS.environments
    assert (production.allowed, staging.allowed) == ((), ("graph.reingest",))


def test_production_gives_every_name_that_runbooks_may_use() -> None:
    """Only the allowance is missing, on purpose, and what a drill writes for itself."""
    production = SETTINGS.environments[0]
    assert set(ESTATE_NAMES) - set(names_of(production)) == {"allowed.reingest", "aws.endpoint"}
    assert set(names_of(production)) <= set(ESTATE_NAMES)


def test_it_holds_no_secret() -> None:
    """Not even an invented one: people copy what they see."""
    assert not re.search(r"password:|token:|secret:|AKIA|BEGIN ", TEXT)
