"""The AWS account beside a simulated estate, for scripts whose way back leads through a restored database."""

import time
from pathlib import Path

from gospel_rollback_tui.drill.databases import Databases
from gospel_rollback_tui.drill.script import BAD_TAG, Script

RESTORING = ("bad-code-irreversible-migration",)
"""Scenarios whose drills have an account of their own: making one costs a second of the start."""
AWS_CONFIG = "aws-config"
"""Name of the file by which the AWS tools know the drill's profile; its credentials are good nowhere else."""
IDENTIFIER = PROFILE = "gospelib-drill"
"""Of the database instance, and of the tools' profile."""
_FASTER = 60.0
"""What takes Amazon a quarter of an hour takes a quarter of a minute here."""
_SNAPSHOT_HOURS = 4.0


class AwsSide:
    """An account with the production instance, its snapshot and its restore window, from `start` to `close`."""

    def __init__(self, directory: Path, nonce: str, script: Script, databases: Databases, speed: float = 1.0) -> None:
        """Prepare nothing yet: the account's own parts are loaded with the start, where the script needs them."""
        self._directory = directory
        self._nonce, self._script, self._databases, self._speed = nonce, script, databases, speed
        self.url = ""
        """Where the account answers; empty: the script needs none."""

    def start(self) -> None:
        """Serve the account, once the databases are served."""
        scene = self._script.data
        if self._script.scenario not in RESTORING or scene is None:
            return
        from gospel_rollback_tui.drill.aws.dumped import DumpedDatabases
        from gospel_rollback_tui.drill.aws.estate import create_instance, keep_snapshot
        from gospel_rollback_tui.drill.aws.pace import Pace
        from gospel_rollback_tui.drill.aws.server import SimulatedAws

        backing = DumpedDatabases(self._databases, scene, IDENTIFIER)
        account = SimulatedAws(self._nonce, pace=Pace().faster(_FASTER * self._speed), backing=backing)
        instance = create_instance(account, IDENTIFIER)
        instance.place = backing.serve(instance.dbi_resource_id)
        name = time.strftime(f"rds:{IDENTIFIER}-%Y-%m-%d-%H-%M", time.gmtime(time.time() - _SNAPSHOT_HOURS * 3600.0))
        keep_snapshot(account, name, hours=_SNAPSHOT_HOURS, identifier=IDENTIFIER)
        backing.keep_history(time.time() - self._released_before(), name)
        account.start()
        self.url = account.url
        keys = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
        lines = [f"[profile {PROFILE}]", f"region = {account.region}", f"endpoint_url = {account.url}", *(f"{key} = DRILL" for key in keys)]
        (self._directory / AWS_CONFIG).write_text("\n".join(lines) + "\n", encoding="utf-8")
        self._account, self._backing = account, backing

    def _released_before(self) -> float:
        """Return how many seconds ago the release went live that the script is about."""
        return max(history.revisions[-1].applied_before for history in self._script.histories if history.revisions[-1].tag == BAD_TAG)

    def close(self) -> None:
        """End the account and every server that it restored."""
        if self.url:
            self._account.close()
            self._backing.close()
