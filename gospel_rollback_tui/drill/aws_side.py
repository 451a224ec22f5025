"""The AWS account beside a simulated estate with databases."""

import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from gospel_rollback_tui.drill.aws.dumped import DumpedDatabases
from gospel_rollback_tui.drill.aws.troubles import AwsTroubles
from gospel_rollback_tui.drill.databases import Databases
from gospel_rollback_tui.drill.loopback_http import LoopbackServer, Request, Response
from gospel_rollback_tui.drill.script import BAD_TAG, Script

if TYPE_CHECKING:  # moto takes a second to load
    from gospel_rollback_tui.drill.aws.server import SimulatedAws

AWS_CONFIG = "aws-config"
"""Name of the file by which the AWS tools know the drill's profile; its credentials are good nowhere else."""
IDENTIFIER = PROFILE = "gospelib-drill"
"""Of the database instance, and of the tools' profile."""
_REGION = "us-east-1"
_FASTER = 60.0
"""What takes Amazon a quarter of an hour takes a quarter of a minute here."""


class AwsSide:
    """An account with the production instance, its snapshot and its restore window, from `start` to `close`.

    What can be restored is kept with the start; the account's own parts take a second to load, and are loaded for the first
    who asks.
    """

    def __init__(self, directory: Path, nonce: str, script: Script, databases: Databases, speed: float = 1.0) -> None:
        """Prepare nothing yet."""
        self._directory = directory
        self._nonce, self._script, self._databases, self._speed = nonce, script, databases, speed
        scene = script.aws
        self.troubles = AwsTroubles(expires_after=scene.expires_after, rename_refused=scene.rename_refused, renames_first=1, storage_fails=scene.storage_fails)
        """What goes wrong in the account; may be changed at any time."""
        self.url = ""
        """Where the account answers; empty: the script has no databases, or the machine no PostgreSQL."""
        self._door = LoopbackServer(nonce, self._answer)
        self._kept: Future[DumpedDatabases] | None = None
        self._account: SimulatedAws | None = None
        self._making = Lock()

    def start(self) -> None:
        """Open the port, once the databases are served, and keep what they held before the release and hold now."""
        if self._databases.server is None:
            return
        self._door.start()
        self.url = self._door.url
        keys = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
        lines = [f"[profile {PROFILE}]", f"region = {_REGION}", f"endpoint_url = {self.url}", *(f"{key} = DRILL" for key in keys)]
        (self._directory / AWS_CONFIG).write_text("\n".join(lines) + "\n", encoding="utf-8")
        self._kept = ThreadPoolExecutor(1, "aws-history").submit(self._keep, time.time())

    def _keep(self, started: float) -> DumpedDatabases:
        assert self._script.data is not None
        backing = DumpedDatabases(self._databases, self._script.data, IDENTIFIER)
        backing.keep_history(started - self.released_before, self._snapshot)
        return backing

    @property
    def released_before(self) -> float:
        """How many seconds before the start the release went live that the script is about."""
        return max(history.revisions[-1].applied_before for history in self._script.histories if history.revisions[-1].tag == BAD_TAG)

    @property
    def _snapshot(self) -> str:
        return f"rds:{IDENTIFIER}-nightly" if self._script.aws.retention_days else f"{IDENTIFIER}-by-hand"

    def made(self) -> tuple["SimulatedAws", DumpedDatabases]:
        """Return the account and what stands behind it, once they are there.

        Raises:
            LookupError: There is no account.
        """
        if self._kept is None:
            raise LookupError("this estate has no AWS account")
        backing = self._kept.result()
        with self._making:
            if self._account is None:
                self._account = self._make(backing)
            return self._account, backing

    def _answer(self, request: Request) -> Response:
        return self.made()[0].answer(request)

    def _make(self, backing: DumpedDatabases) -> "SimulatedAws":
        from gospel_rollback_tui.drill.aws.estate import create_instance, keep_snapshot
        from gospel_rollback_tui.drill.aws.pace import Pace
        from gospel_rollback_tui.drill.aws.server import SimulatedAws

        scene = self._script.aws
        account = SimulatedAws(self._nonce, _REGION, Pace().faster(_FASTER * self._speed), backing=backing, troubles=self.troubles, door=self._door)
        instance = create_instance(account, IDENTIFIER, retention=scene.retention_days)
        instance.place = backing.serve(instance.dbi_resource_id)
        keep_snapshot(account, self._snapshot, hours=scene.snapshot_hours, identifier=IDENTIFIER, kind="automated" if scene.retention_days else "manual")
        return account

    def requests(self) -> list[dict[str, str]]:
        """Return {change, code} of the changes that were asked for, oldest first; the code is that of a refusal."""
        account = self.made()[0]
        codes = [one.code for one in account.requests if one.changing]
        return [{"change": change, "code": code} for change, code in zip(account.changed(), codes, strict=True)]

    def close(self) -> None:
        """End the account and every server that it restored."""
        self._door.close()
        if self._kept is not None:
            self._kept.result().close()
        if self._account is not None:
            self._account.changes.backend.reset()
