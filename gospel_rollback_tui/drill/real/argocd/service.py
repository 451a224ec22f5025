"""Argo CD on a control plane: started with it, ready some seconds later, the same for every script."""

import base64
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from gospel_rollback_tui.drill.kubernetes.statuses import ApiError
from gospel_rollback_tui.drill.real.api import DrillApi
from gospel_rollback_tui.drill.real.argocd.accounts import API_ACCOUNTS, ON_CALL
from gospel_rollback_tui.drill.real.argocd.client import ArgoCdClient
from gospel_rollback_tui.drill.real.argocd.installation import INITIAL_SECRET, configure, define_resources
from gospel_rollback_tui.drill.real.argocd.programs import Program, Programs
from gospel_rollback_tui.drill.real.peers import Peers
from gospel_rollback_tui.drill.real.waiting import wait_until
from gospel_rollback_tui.drill.script import ARGOCD_NAMESPACE

APPLICATION_SETS = "argocd-applicationset-controller"


class Starting(Protocol):
    """Starts a program of the estate under a name."""

    def __call__(self, name: str, argv: Sequence[str | Path], environment: Mapping[str, str]) -> object:
        """Starts it."""


class RealArgoCd:
    """The programs of Argo CD and the tokens of its accounts."""

    def __init__(self, peers: Peers, programs: Programs, start: Starting, check: Callable[[], None]) -> None:
        """Prepares; `install` and `start` do it."""
        self._peers = peers
        self._programs = programs
        self._start = start
        self._check = check
        self._applies_sets = False
        self.tokens: dict[str, str] = {}
        """An API token of each account, once the API is ready."""
        self.expired_token = ""
        """A token of the on-call engineer's that was good for a second."""

    @property
    def port(self) -> int:
        """Returns the API server's port on loopback."""
        return self._programs.ports.server

    def define_resources(self, api: DrillApi, manager: str) -> None:
        """Adds the custom resources; they are served a moment later."""
        define_resources(api, self._peers.argocd_objects, manager)

    def start(self, api: DrillApi, manager: str) -> None:
        """Configures Argo CD and starts its programs, which become ready by themselves; the custom resources must be served."""
        self._programs.folder.mkdir()
        configure(api, self._peers.argocd_objects, manager)
        self._run("redis-server", self._programs.redis())
        self._run("argocd-repo-server", self._programs.repo_server())
        self._run("argocd-server", self._programs.server())
        self._run("argocd-application-controller", self._programs.application_controller())

    def await_ready(self, api: DrillApi) -> None:
        """Waits until the API answers, and gets each account a token the first time.

        Raises:
            EstateError: It did not answer in time, or one of the programs ended.
        """
        if self.tokens:
            return
        secret = f"/api/v1/namespaces/{ARGOCD_NAMESPACE}/secrets/{INITIAL_SECRET}"
        wait_until("Argo CD has its first password", lambda: _answers(lambda: api.get(secret)), alive=self._check)
        password = base64.b64decode(api.get(secret)["data"]["password"]).decode()
        wait_until("Argo CD's API answers", lambda: _answers(lambda: ArgoCdClient(self.port).call("GET", "/api/version")), alive=self._check)
        admin = ArgoCdClient(self.port).log_in("admin", password)
        self.tokens = {account.name: admin.new_api_token(account.name) for account in API_ACCOUNTS}
        self.expired_token = admin.new_api_token(ON_CALL.name, lifetime=1)

    def apply_sets(self) -> None:
        """Starts the ApplicationSet controller, which only some scripts need; one that runs goes on."""
        if not self._applies_sets:
            self._applies_sets = True
            self._run(APPLICATION_SETS, self._programs.application_set_controller())

    def _run(self, name: str, program: Program) -> None:
        arguments, environment = program
        binary = self._peers.redis_server if name == "redis-server" else self._peers.program("argocd")
        if "TMPDIR" in environment:
            Path(environment["TMPDIR"]).mkdir(exist_ok=True)
        self._start(name, [binary, *arguments], environment)


def _answers(ask: Callable[[], object]) -> bool:
    try:
        ask()
    except ApiError:
        return False
    return True
