"""The scripts of scenarios 2 and 3: releases that changed a schema, each with the databases that it left behind."""

from dataclasses import replace

from gospel_rollback_tui.drill.bad_code import BAD, BILLING_NOISE, FAILING, GOOD, INTERNAL_ERROR, OLDER, histories
from gospel_rollback_tui.drill.script import BAD_TAG, GOOD_TAG, Behaviour, ConfigEdit, LogPattern, PodFate, Revision, Script, Symptom
from gospel_rollback_tui.drill.script_aws import AwsScene
from gospel_rollback_tui.drill.script_data import DataScene, MigrationScene, Rows

ACCOUNT = Symptom("/v1/account")
PLANS = Symptom("/v1/plans")

_USERS = MigrationScene("auth", "000040_users", "CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL);", "DROP TABLE users;")
_SESSIONS = MigrationScene(
    "auth",
    "000041_sessions",
    "CREATE TABLE sessions (id bigserial PRIMARY KEY, user_id bigint NOT NULL, created_at timestamptz NOT NULL DEFAULT now());",
    "DROP TABLE sessions;",
)
_PEOPLE = (
    Rows("auth", 40, "INSERT INTO users SELECT n, 'user' || n || '@example.org' FROM generate_series(1, 500) AS n"),
    Rows("auth", 41, "INSERT INTO sessions (user_id) SELECT 1 + n % 500 FROM generate_series(1, 4000) AS n"),
)
_RENAMED = MigrationScene(
    "auth",
    "000042_account_sessions",
    "ALTER TABLE sessions RENAME COLUMN user_id TO account_id;\nCREATE INDEX sessions_account_id ON sessions (account_id);",
    "DROP INDEX sessions_account_id;\nALTER TABLE sessions RENAME COLUMN account_id TO user_id;",
    since=BAD_TAG,
)


def _auth_release(migration: MigrationScene) -> Revision:
    return Revision(BAD_TAG, BAD.applied_before, f"release {BAD_TAG}, migration {migration.stem}")


def _failing(service: str, line: str) -> Behaviour:
    """Return the bad release: it answers 500, whatever its schema is."""
    return Behaviour(service, BAD_TAG, answers=(("/v1/", INTERNAL_ERROR),), logs=(LogPattern(f"ERROR {line}", 0.8, since_onset=True),))


def _crashing(service: str, versions: tuple[int, ...], complaint: str) -> Behaviour:
    """Return the good release on a schema that it does not know."""
    return Behaviour(service, GOOD_TAG, PodFate.CRASH_LOOP, logs=(LogPattern(f"panic: pq: {complaint}", 0.0),), at_schema=versions)


_AUTH_FAILS = _failing("auth", "session lookup failed: context deadline exceeded")

REVERSIBLE_MIGRATION = Script(
    id="reversible-migration",
    scenario="bad-code-reversible-migration",
    title="a bad release that renamed a column",
    story=f"The release {BAD_TAG} of auth came with a migration that can be taken back. Accounts answer 500 since.",
    histories=histories(auth=(OLDER, GOOD, _auth_release(_RENAMED))),
    failing_before=FAILING,
    symptoms=(ACCOUNT,),
    behaviours=(_AUTH_FAILS, _crashing("auth", (42,), 'column "user_id" does not exist (SQLSTATE 42703)'), BILLING_NOISE),
    config_edits=(ConfigEdit("auth-migrations", BAD.applied_before, "argocd-controller", (("version", "42"), ("previous", "41"))),),
    data=DataScene((_USERS, _SESSIONS, _RENAMED), _PEOPLE),
)


def _auth_script(name: str, title: str, story: str, data: DataScene, *behaviours: Behaviour) -> Script:
    return replace(
        REVERSIBLE_MIGRATION,
        id=name,
        title=title,
        story=f"The release {BAD_TAG} of auth answers 500. {story}",
        histories=histories(auth=(OLDER, GOOD, _auth_release(data.of("auth")[-1]))),
        behaviours=(_AUTH_FAILS, *(behaviours or REVERSIBLE_MIGRATION.behaviours[1:2]), BILLING_NOISE),
        data=data,
    )


_DEVICES = MigrationScene(
    "auth",
    "000042_device_sessions",
    "ALTER TABLE sessions ADD COLUMN device_id uuid NOT NULL DEFAULT gen_random_uuid();\nALTER TABLE sessions ALTER COLUMN device_id DROP DEFAULT;",
    "ALTER TABLE sessions DROP COLUMN device_id;",
    since=BAD_TAG,
)
LOSSY_DOWN = _auth_script(
    "lossy-down",
    "taking the migration back loses what was written since",
    "Its migration added a column that every new session fills; the old code cannot write sessions without it.",
    DataScene(
        (_USERS, _SESSIONS, _DEVICES),
        (*_PEOPLE, Rows("auth", 42, "INSERT INTO sessions (user_id, device_id) SELECT 1 + n % 500, gen_random_uuid() FROM generate_series(1, 120) AS n")),
    ),
    _crashing("auth", (42,), 'null value in column "device_id" of relation "sessions" violates not-null constraint (SQLSTATE 23502)'),
)

_UNIQUE = replace(_SESSIONS, up=f"{_SESSIONS.up}\nALTER TABLE sessions ADD CONSTRAINT one_session UNIQUE (user_id);")
_MANY = MigrationScene(
    "auth",
    "000042_many_sessions",
    "ALTER TABLE sessions DROP CONSTRAINT one_session;\nALTER TABLE sessions RENAME COLUMN user_id TO account_id;",
    "ALTER TABLE sessions RENAME COLUMN account_id TO user_id;\nALTER TABLE sessions ADD CONSTRAINT one_session UNIQUE (user_id);",
    since=BAD_TAG,
)
FAILED_DOWN = _auth_script(
    "failed-down",
    "the migration cannot be taken back as it is written",
    "Its migration allowed several sessions a user, and users have made use of it.",
    DataScene(
        (_USERS, _UNIQUE, _MANY),
        (
            _PEOPLE[0],
            Rows("auth", 41, "INSERT INTO sessions (user_id) SELECT n FROM generate_series(1, 400) AS n"),
            Rows("auth", 42, "INSERT INTO sessions (account_id) SELECT n FROM generate_series(1, 30) AS n"),
        ),
    ),
)

LOCK_HELD = _auth_script(
    "lock-held",
    "a report reads the table all night",
    "Somebody's transaction has the table of sessions open, and whatever alters it waits behind.",
    DataScene((_USERS, _SESSIONS, _RENAMED), _PEOPLE, held="SELECT count(*) FROM sessions", held_for=30.0),
)

GOES_UP = _auth_script(
    "goes-up",
    "somebody has migrated too far down already",
    "A colleague has tried to take its migration back by hand, and one more with it.",
    DataScene((_USERS, _SESSIONS, _RENAMED), _PEOPLE[:1], stands_at=(("auth", 40),)),
    _crashing("auth", (40, 42), 'relation "sessions" does not exist (SQLSTATE 42P01)'),
)

_PLANS = MigrationScene(
    "billing",
    "000018_plans",
    "CREATE TABLE plans (id int PRIMARY KEY, plan_code text NOT NULL, price_cents int NOT NULL, updated_at timestamptz NOT NULL DEFAULT now());",
    "DROP TABLE plans;",
)
_DROPPED = MigrationScene(
    "billing",
    "000019_drop_plan_code",
    "ALTER TABLE plans DROP COLUMN plan_code;",
    "ALTER TABLE plans ADD COLUMN plan_code text;",
    since=BAD_TAG,
    drops="plans.plan_code",
)
_PRICES = Rows("billing", 18, "INSERT INTO plans (id, plan_code, price_cents) SELECT n, 'plan-' || n, 100 * n FROM generate_series(1, 40) AS n")
_BOUGHT = Rows(
    "billing",
    19,
    "INSERT INTO plans (id, price_cents) VALUES (41, 4100), (42, 4200);\n"
    "UPDATE plans SET price_cents = price_cents + 50, updated_at = now() WHERE id = 7;\nDELETE FROM plans WHERE id = 13",
)

IRREVERSIBLE_MIGRATION = Script(
    id="irreversible-migration",
    scenario="bad-code-irreversible-migration",
    title="a bad release that dropped a column",
    story=(
        f"The release {BAD_TAG} of billing dropped a column that the release before it reads. "
        "Plans answer 500 since, and the old code cannot run on the new schema."
    ),
    histories=histories(billing=(OLDER, GOOD, Revision(BAD_TAG, BAD.applied_before, f"release {BAD_TAG}, migration {_DROPPED.stem}"))),
    failing_before=FAILING,
    symptoms=(PLANS,),
    behaviours=(
        _failing("billing", "plan 7 has no price: price list is empty"),
        _crashing("billing", (19,), 'column "plan_code" does not exist (SQLSTATE 42703)'),
    ),
    config_edits=(ConfigEdit("billing-migrations", BAD.applied_before, "argocd-controller", (("version", "19"), ("previous", "18"))),),
    data=DataScene((_PLANS, _DROPPED), (_PRICES, _BOUGHT)),
)


def _billing_script(name: str, title: str, story: str, migration: MigrationScene) -> Script:
    return replace(
        IRREVERSIBLE_MIGRATION,
        id=name,
        title=title,
        story=f"The release {BAD_TAG} of billing answers 500. {story}",
        histories=histories(billing=(OLDER, GOOD, Revision(BAD_TAG, BAD.applied_before, f"release {BAD_TAG}, migration {migration.stem}"))),
        data=DataScene((_PLANS, migration), (_PRICES,)),
    )


_CODES = MigrationScene("billing", "000019_codes", "ALTER TABLE plans RENAME COLUMN plan_code TO code;", None, since=BAD_TAG)
MISSING_DOWN = _billing_script(
    "missing-down", "nobody wrote the way down", "Its migration renamed a column that the old code reads, and nothing in the repository takes it back.", _CODES
)
EMPTY_DOWN = _billing_script(
    "empty-down",
    "the way down does nothing",
    "Its migration renamed a column that the old code reads; a file to take it back is there.",
    replace(_CODES, down="-- not needed: the next release reads both"),
)


def _restoring_script(name: str, title: str, story: str, aws: AwsScene) -> Script:
    return replace(IRREVERSIBLE_MIGRATION, id=name, title=title, story=f"{IRREVERSIBLE_MIGRATION.story} {story}", aws=aws)


SNAPSHOT_TOO_OLD = _restoring_script(
    "snapshot-too-old",
    "backups were switched off, and the last snapshot is old",
    "Somebody has set the database's backup retention to nothing to save money.",
    AwsScene(snapshot_hours=61.0, retention_days=0),
)
RESTORE_STORAGE = _restoring_script("restore-storage", "the restore runs out of storage", "AWS has a bad night too.", AwsScene(storage_fails=1))
RENAME_REFUSED = _restoring_script(
    "rename-refused",
    "the second of two renames is refused",
    "AWS has a bad night too.",
    AwsScene(rename_refused="You cannot rename your instance because its automated backup is in progress."),
)
CREDENTIALS_EXPIRE = _restoring_script(
    "credentials-expire", "the AWS login expires between two renames", "Your AWS session is nearly twelve hours old.", AwsScene(expires_after="Rename")
)

MIGRATION_SCRIPTS = (
    REVERSIBLE_MIGRATION,
    LOSSY_DOWN,
    FAILED_DOWN,
    LOCK_HELD,
    GOES_UP,
    IRREVERSIBLE_MIGRATION,
    MISSING_DOWN,
    EMPTY_DOWN,
    SNAPSHOT_TOO_OLD,
    RESTORE_STORAGE,
    RENAME_REFUSED,
    CREDENTIALS_EXPIRE,
)
"""The plain case of each scenario first."""
