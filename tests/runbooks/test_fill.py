"""Names in texts: filled, refused, or left to the shell."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gospel_rollback_tui.domain.errors import UsageError
from gospel_rollback_tui.domain.runbook import Ask
from gospel_rollback_tui.runbooks.fill import answer_complaint, fill, fill_for_shell, names_in
from tests.runbooks.library import LIBRARY, PRODUCTION, STAGING


def test_names_of_the_estate_are_filled() -> None:
    """Cluster, Argo CD and the flat names alike."""
    text = fill("{environment} {cluster.namespace} {argocd.application} {rds.identifier} {api}", STAGING, {})
    assert text == "staging gospelib-staging gospelib-staging gospelib-staging https://api.staging.gospelib.com"


def test_the_chosen_service_gives_its_parts() -> None:
    """One answer, `service`, gives Deployment, selector, database and the rest."""
    text = fill("{service} {service.deployment} {service.selector} {service.database}", PRODUCTION, {"service": "auth"})
    assert text == "auth gospelib-auth app=gospelib-auth auth"


@pytest.mark.parametrize(
    "text",
    [
        "${home}",
        "%{http_code}",
        "{{.Name}}",
        "{{end}}",
        '{"spec":{"suspend":true}}',
        "{.spec.template}",
        "{range .items[*]}{end}",
        "{}",
        "{A}",
        "{a b}",
        "stash@{0}",
    ],
)
def test_other_braces_are_text(text: str) -> None:
    """Shell, curl, JSON, Go templates and kubectl's own braces stay as they are."""
    assert names_in(text) == ()
    assert fill(text, PRODUCTION, {}) == text


def test_a_missing_answer_is_an_error() -> None:
    """Nothing is ever rendered with a name still in it."""
    with pytest.raises(UsageError, match="No value was given for 'snapshot_id'"):
        fill("restore {snapshot_id}", PRODUCTION, {})
    with pytest.raises(UsageError, match="snapshot_id"):
        fill("restore {snapshot_id}", PRODUCTION, {"snapshot_id": ""})


def test_a_name_that_the_configuration_lacks_says_where_to_write_it() -> None:
    """Which environment, which key, and what it means."""
    bare = replace(PRODUCTION, names=())
    with pytest.raises(UsageError) as caught:
        fill("{rds.identifier}", bare, {})
    assert caught.value.text == "The configuration of production does not say rds.identifier (DB instance identifier)."
    assert caught.value.next_step == "Write `rds: {identifier: …}` under production in the configuration."
    with pytest.raises(UsageError) as plain:
        fill("{api}", bare, {})
    assert "`api: …`" in plain.value.next_step


def test_a_service_that_is_not_there_is_named_with_those_that_are() -> None:
    """A mistyped service, none at all, and one without a database are three sentences."""
    with pytest.raises(UsageError, match=r"no service 'atuh'; it has gateway, content, auth"):
        fill("{service.database}", PRODUCTION, {"service": "atuh"})
    with pytest.raises(UsageError, match="No service was chosen"):
        fill("{service.database}", PRODUCTION, {})
    with pytest.raises(UsageError, match="does not say 'database' of the service gateway"):
        fill("{service.database}", PRODUCTION, {"service": "gateway"})


def test_an_answer_never_overrides_the_estate() -> None:
    """The namespace is the configuration's, whatever was answered."""
    assert fill("{cluster.namespace}", PRODUCTION, {"cluster.namespace": "default"}) == "gospelib-production"


def test_unanswered_names_become_variables_that_a_shell_insists_on() -> None:
    """For reading offline, and for taking a command away before its answer is known."""
    assert fill_for_shell("restore {snapshot_id} in {rds.identifier}", PRODUCTION) == "restore ${SNAPSHOT_ID:?} in gospelib-production"
    assert fill_for_shell("{service.database}", PRODUCTION) == "${SERVICE_DATABASE:?}"
    assert fill_for_shell("{snapshot_id}", PRODUCTION, {"snapshot_id": "s-1"}) == "s-1"


def test_an_answer_is_held_against_its_pattern() -> None:
    """The whole of it, and the complaint shows what one looks like."""
    ask = Ask("revision", "Which revision?", "[1-9][0-9]*", "41")
    assert answer_complaint(ask, "7") == ""
    assert answer_complaint(ask, "7; rm -rf ~") == "'7; rm -rf ~' does not look like '41': it must match [1-9][0-9]*"
    assert answer_complaint(ask, "7\n") != ""
    assert answer_complaint(ask, "") == "it takes an answer such as '41'"


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text())
def test_no_answer_to_a_packaged_ask_can_leave_its_command(answer: str) -> None:
    """Whatever passes the patterns holds no sign that a shell takes apart."""
    asks = {ask.name: ask for runbook in LIBRARY.runbooks for path in runbook.paths for step in path.steps for ask in step.asks}
    for ask in asks.values():
        for candidate in (answer, ask.example + answer, answer + ask.example):
            if not answer_complaint(ask, candidate):
                assert not set(candidate) & set(" ;&|$`'\"<>\n\\*(){}#")
