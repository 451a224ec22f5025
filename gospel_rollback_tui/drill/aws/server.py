"""The door of the simulated account: who asks, whether he may, and who answers."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import RLock
from urllib.parse import urlencode

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.rds.models import rds_backends
from werkzeug.test import Client

from gospel_rollback_tui.drill.aws.account import IdentityAnswers, RdsAnswers
from gospel_rollback_tui.drill.aws.answers import AwsRefusal, credential, parameters
from gospel_rollback_tui.drill.aws.backing import Backing, Unbacked
from gospel_rollback_tui.drill.aws.changes import RdsChanges
from gospel_rollback_tui.drill.aws.pace import Pace
from gospel_rollback_tui.drill.aws.troubles import AwsTroubles
from gospel_rollback_tui.drill.loopback_http import LoopbackServer, Request, Response

ACCOUNT = "123456789012"
_READS = ("Describe", "List", "Get", "Simulate")


@dataclass(frozen=True, slots=True)
class AwsRequest:
    """One request that was answered."""

    action: str
    members: dict[str, str]
    code: str
    """Of the refusal; empty: it was carried out."""

    @property
    def changing(self) -> bool:
        """Whether it would change something."""
        return not self.action.startswith(_READS)


@dataclass(slots=True)
class SimulatedAws:
    """One account in one region; a process serves one at a time, since moto's account is the process's own."""

    nonce: str
    region: str = "us-east-1"
    pace: Pace = field(default_factory=Pace)
    now: Callable[[], float] = time.time
    backing: Backing = field(default_factory=Unbacked)
    troubles: AwsTroubles = field(default_factory=AwsTroubles)
    door: LoopbackServer | None = None
    """A port that is open already, and passes every request to `answer`; None: one of its own is opened."""
    requests: list[AwsRequest] = field(default_factory=list)
    changes: RdsChanges = field(init=False)
    _door: LoopbackServer = field(init=False)
    _rds: RdsAnswers = field(init=False)
    _moto: Client = field(init=False)
    _guard: RLock = field(default_factory=RLock)

    def __post_init__(self) -> None:
        """Empties moto's account and opens the port."""
        backend = rds_backends[ACCOUNT][self.region]
        backend.reset()
        self.changes = RdsChanges(backend, self.now, self.pace, self.troubles, self.backing)
        self._rds = RdsAnswers(self.changes, self.troubles, self.now)
        self._moto = Client(DomainDispatcherApplication(create_backend_app))
        self._door = self.door or LoopbackServer(self.nonce, self.answer)

    @property
    def url(self) -> str:
        """Base URL of every service of the account."""
        return self._door.url

    def start(self) -> None:
        """Begins to answer."""
        self._door.start()

    def close(self) -> None:
        """Stops answering and forgets everything."""
        self._door.close()
        self.changes.backend.reset()

    def changed(self) -> list[str]:
        """Returns the changes that were asked for, oldest first, whatever became of them: `ModifyDBInstance prod → prod-old`."""
        found = []
        for one in self.requests:
            if one.changing:
                names = [value for name, value in one.members.items() if name.endswith("DBInstanceIdentifier") and value]
                found.append(f"{one.action} {' → '.join(names)}")
        return found

    def answer(self, request: Request) -> Response:
        """Answers one request, after the one before."""
        with self._guard:
            flat = parameters(request) if request.body[:1] != b"{" else {}
            action = flat.get("Action") or request.headers.get("x-amz-target", "").rpartition(".")[2]
            try:
                self._may(action, credential(request)[2])
                answered = self._answered(action, flat, request)
            except AwsRefusal as refusal:
                self.requests.append(AwsRequest(action, flat, refusal.code))
                return refusal.response(in_json=request.body[:1] == b"{")
            self.requests.append(AwsRequest(action, flat, ""))
            if self.troubles.expires_after in (action, "Rename" if flat.get("NewDBInstanceIdentifier") else action):
                self.troubles.expires_after, self.troubles.expired = "", True
            if action and action == self.troubles.answer_lost:
                self.troubles.answer_lost = ""
                return AwsRefusal("InternalFailure", "The request processing has failed because of an unknown error.", 500).response()
            return answered

    def _may(self, action: str, service: str) -> None:
        """Refuses what the identity lacks, and everything once its credentials have expired."""
        if self.troubles.expires_at == action:
            self.troubles.expires_at, self.troubles.expired = "", True
        if self.troubles.expired:
            raise AwsRefusal("ExpiredToken", "The security token included in the request is expired", 403)
        if f"{service}:{action}" in self.troubles.denied:
            raise AwsRefusal("AccessDenied", f"User: arn:aws:sts::{ACCOUNT}:assumed-role/on-call/ann is not authorized to perform: {service}:{action}", 403)

    def _answered(self, action: str, flat: dict[str, str], request: Request) -> Response:
        identity = IdentityAnswers(self.troubles)
        if action == "GetCallerIdentity":
            return identity.caller()
        if action == "SimulatePrincipalPolicy":
            return identity.simulate(flat)
        if action == "DescribeKey":
            return identity.key(request.body)
        return self._rds.answer(action, flat, lambda **more: self._by_moto(request, more))

    def _by_moto(self, request: Request, more: Mapping[str, str]) -> Response:
        body = request.body + (b"&" + urlencode(more).encode() if more else b"")
        headers = {"Authorization": request.headers.get("authorization", ""), "Host": f"rds.{self.region}.amazonaws.com"}
        answered = self._moto.post("/", data=body, content_type=request.headers.get("content-type", ""), headers=headers)
        return Response(answered.status_code, answered.get_data(), answered.content_type or "text/xml")
