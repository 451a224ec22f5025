"""Asks checks directly, and those of services through the API server where no route leads there from here."""

from dataclasses import replace
from typing import Protocol

from gospel_rollback_tui.domain.estate import Environment, HttpCheck, Service
from gospel_rollback_tui.domain.health import HttpAnswer, NoAnswer

NO_WAY = frozenset({NoAnswer.REFUSED, NoAnswer.NAME_NOT_FOUND, NoAnswer.NETWORK, NoAnswer.TIMEOUT})
"""What a direct request meets where no route leads to a service."""


class _Direct(Protocol):
    def ask(self, check: HttpCheck) -> HttpAnswer:
        """Returns the answer, or why there is none."""


class _Through(Protocol):
    def ask(self, service: Service, check: HttpCheck) -> HttpAnswer:
        """Returns the answer of one of the service's pods, or why there is none."""


class RoutedProbe:
    """Takes the direct way first, unless a service is configured to be asked through the API server at once."""

    def __init__(self, direct: _Direct, through: _Through, environment: Environment) -> None:
        """Knows by its address which service a check belongs to."""
        self._direct = direct
        self._through = through
        self._services = {url: service for service in environment.services for url in (service.health_url, service.ready_url) if url}

    def ask(self, check: HttpCheck) -> HttpAnswer:
        """Returns the answer, or why there is none; never raises. Both ways together take eight seconds at most."""
        service = self._services.get(check.url)
        if service is not None and service.only_through_api_server:
            return self._through.ask(service, check)
        answer = self._direct.ask(check)
        if service is None or answer.problem not in NO_WAY:
            return answer
        inside = self._through.ask(service, check)
        if inside.problem in (None, NoAnswer.NO_PODS, NoAnswer.REFUSED):
            return replace(inside, direct=answer.problem)
        return replace(answer, direct=answer.problem, detail=inside.detail)
