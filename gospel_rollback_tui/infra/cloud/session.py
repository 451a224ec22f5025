"""One login to AWS: clients made when they are needed, each change sent once, and in a drill the drill's own answers only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any

from gospel_rollback_tui.domain.errors import OutcomeUnknown, Refused
from gospel_rollback_tui.infra.cloud.refusals import LOOK_FIRST, judge
from gospel_rollback_tui.infra.loopback import is_loopback

CONNECT_SECONDS = 3.05
READ_SECONDS = 10.0
CHANGE_SECONDS = 30.0
_HEADER = "gospel-rollback-drill"
_NEXT = "Start the drill again; nothing was sent to change anything."


@dataclass(slots=True)
class AwsSession:
    """Sends requests as the configured profile."""

    region: str
    profile: str = ""
    """Profile of the AWS tools; empty: their default."""
    endpoint: str = ""
    """Where a drill's own account listens; empty: Amazon."""
    nonce: str = ""
    """For drills: every answer must carry it."""
    _clients: dict[tuple[str, bool], Any] = field(default_factory=dict, repr=False)
    _session: list[Any] = field(default_factory=list, repr=False)
    """One at most, made with the first request."""
    _making: Lock = field(default_factory=Lock, repr=False)

    def __post_init__(self) -> None:
        """Refuses an address that is not this machine's own, and a drill without one: that would be Amazon."""
        if (self.nonce or self.endpoint) and not (self.nonce and is_loopback(self.endpoint)):
            raise Refused(f"A drill talks to this machine only, and {self.endpoint or 'Amazon'} is elsewhere.", next_step=_NEXT)

    def renew(self) -> None:
        """Reads credentials again at the next request: a login may have written them."""
        with self._making:
            self._clients.clear()
            self._session.clear()

    def ask(self, service: str, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Returns the answer to a read; it is tried twice.

        Raises:
            RollbackError: As `refusals.judge` maps it.
        """
        return self._call(service, operation, parameters, changing=False)

    def change(self, service: str, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Sends a change once and returns the answer.

        Raises:
            RollbackError: As `refusals.judge` maps it.
        """
        return self._call(service, operation, parameters, changing=True)

    def pages(self, service: str, operation: str, key: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Returns the entries of every page of a list."""
        found: list[dict[str, Any]] = []
        marker: dict[str, str] = {}
        while True:
            page = self.ask(service, operation, {**parameters, **marker})
            found += page.get(key, [])
            if not page.get("Marker"):
                return found
            marker = {"Marker": page["Marker"]}

    def _call(self, service: str, operation: str, parameters: Mapping[str, Any], *, changing: bool) -> dict[str, Any]:
        from botocore.exceptions import BotoCoreError, ClientError

        words = f"{service}:{''.join(part.title() for part in operation.split('_')).replace('Db', 'DB')}"
        try:
            answer = getattr(self._client(service, changing=changing), operation)(**parameters)
        except (BotoCoreError, ClientError) as error:
            if isinstance(error, ClientError):
                self._belongs(error.response, changing=changing)
            raise judge(error, words, changing=changing) from error
        self._belongs(answer, changing=changing)
        answer.pop("ResponseMetadata", None)
        plain: dict[str, Any] = as_json(answer)
        return plain

    def _belongs(self, answer: Any, *, changing: bool) -> None:  # noqa: ANN401 - botocore's
        """Refuses an answer that is not the drill's own."""
        if not self.nonce or answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get(_HEADER) == self.nonce:
            return
        if changing:
            raise OutcomeUnknown("A change was answered by something else than this drill's own account.", next_step=LOOK_FIRST)
        raise Refused("What answers at the address of the drill's account is not this drill's own.", next_step=_NEXT)

    def _client(self, service: str, *, changing: bool) -> Any:  # noqa: ANN401  (boto3 makes its classes at run time)
        """Making one is not safe in several threads; using one is."""
        from botocore.config import Config

        with self._making:
            if (service, changing) not in self._clients:
                retries: Any = {"mode": "standard", "total_max_attempts": 1 if changing else 2}
                seconds = CHANGE_SECONDS if changing else READ_SECONDS
                config = Config(connect_timeout=CONNECT_SECONDS, read_timeout=seconds, retries=retries, proxies={} if self.nonce else None)
                self._clients[service, changing] = self._login().client(service, endpoint_url=self.endpoint or None, config=config)
            return self._clients[service, changing]

    def _login(self) -> Any:  # noqa: ANN401  (boto3 makes its classes at run time)
        """Returns the one session of every client; a drill's never looks at this machine's own credentials."""
        import boto3

        if not self._session:
            own: Any = {"aws_access_key_id": "DRILL", "aws_secret_access_key": "DRILL", "aws_session_token": "DRILL"}
            named: Any = {"profile_name": self.profile or None}
            self._session.append(boto3.Session(region_name=self.region, **(own if self.nonce else named)))
        return self._session[0]


def as_json(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Returns an answer as JSON: times as RFC 3339 texts."""
    if isinstance(value, dict):
        return {name: as_json(held) for name, held in value.items()}
    if isinstance(value, list):
        return [as_json(held) for held in value]
    return value.isoformat() if isinstance(value, datetime) else value
