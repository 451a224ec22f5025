"""Which way a check is asked: directly, and through the API server where no route leads there from here."""

import pytest

from gospel_rollback_tui.domain.estate import Cluster, Environment, HttpCheck, Service, Tier
from gospel_rollback_tui.domain.health import HttpAnswer, NoAnswer
from gospel_rollback_tui.infra.routed_probe import RoutedProbe

URL = "http://web.example/ready"
GOOD = HttpAnswer(200, "", 0.1)
INSIDE = HttpAnswer(200, "inside", 0.1, through=True)


class Direct:
    """Answers every direct request alike."""

    def __init__(self, answer: HttpAnswer) -> None:
        self.answer = answer
        self.asked: list[str] = []

    def ask(self, check: HttpCheck) -> HttpAnswer:
        """Notes the address and answers."""
        self.asked.append(check.url)
        return self.answer


class Through:
    """Answers every request through the API server alike."""

    def __init__(self, answer: HttpAnswer) -> None:
        self.answer = answer
        self.asked: list[tuple[str, str]] = []

    def ask(self, service: Service, check: HttpCheck) -> HttpAnswer:
        """Notes service and address and answers."""
        self.asked.append((service.name, check.url))
        return self.answer


def asked(direct: Direct, through: Through, url: str = URL, *, only: bool = False) -> HttpAnswer:
    """Returns the answer of a probe that knows one service."""
    service = Service("web", "web", "web", "app=web", ready_url=URL, only_through_api_server=only)
    environment = Environment("x", "X", Tier.STAGING, Cluster("c", "n"), (service,))
    return RoutedProbe(direct, through, environment).ask(HttpCheck("x", url))


def test_an_answer_from_here_needs_no_other_way() -> None:
    """Also a bad one: it is the service's own."""
    for answer in (GOOD, HttpAnswer(500, "", 0.1), HttpAnswer(None, "", 0.1, NoAnswer.TLS)):
        through = Through(INSIDE)
        assert asked(Direct(answer), through) == answer
        assert through.asked == []


@pytest.mark.parametrize("problem", [NoAnswer.REFUSED, NoAnswer.NAME_NOT_FOUND, NoAnswer.NETWORK, NoAnswer.TIMEOUT])
def test_where_no_route_leads_there_the_api_server_is_asked(problem: NoAnswer) -> None:
    """The answer says what the direct way met."""
    answer = asked(Direct(HttpAnswer(None, "", 0.1, problem)), Through(INSIDE))
    assert (answer.status, answer.through, answer.direct) == (200, True, problem)


def test_an_address_of_no_service_has_one_way_only() -> None:
    """The API server knows no public endpoint."""
    through = Through(INSIDE)
    assert asked(Direct(HttpAnswer(None, "", 0.1, NoAnswer.TIMEOUT)), through, "http://api.example/").problem is NoAnswer.TIMEOUT
    assert through.asked == []


def test_a_configured_service_is_asked_through_the_api_server_at_once() -> None:
    """No time is lost on a way that is known not to be there."""
    direct = Direct(GOOD)
    answer = asked(direct, Through(INSIDE), only=True)
    assert (answer.body, answer.direct, direct.asked) == ("inside", None, [])


def test_both_ways_in_vain_keep_the_first_reason_and_add_the_second() -> None:
    """Unless the API server knows that nobody is there to answer."""
    silent = HttpAnswer(None, "", 0.1, NoAnswer.TIMEOUT, "no whole answer within 4 s")
    vain = asked(Direct(silent), Through(HttpAnswer(None, "", 0.1, NoAnswer.PROXY, "no right to ask it", through=True)))
    assert (vain.problem, vain.direct, vain.through, vain.detail) == (NoAnswer.TIMEOUT, NoAnswer.TIMEOUT, False, "no right to ask it")
    nobody = asked(Direct(silent), Through(HttpAnswer(None, "", 0.1, NoAnswer.NO_PODS, through=True)))
    assert (nobody.problem, nobody.direct) == (NoAnswer.NO_PODS, NoAnswer.TIMEOUT)
