"""What PostgreSQL and its client library say when they refuse, as the error tree means it; never an address, never a password."""

import psycopg
from psycopg import errors

from gospel_rollback_tui.domain.errors import Forbidden, NoRoute, NotFound, NotSent, Refused, RollbackError, ServerDown
from gospel_rollback_tui.domain.text import clean, redact
from gospel_rollback_tui.infra.sql.address import DatabaseAddress

_WIDTH = 240


def translated(error: psycopg.Error, address: DatabaseAddress) -> RollbackError:
    """Returns the error for an operator: what happened and what to try next."""
    if isinstance(error, errors.OperationalError) and error.sqlstate is None:
        return _not_connected(error, address)
    return _refused(error, address)


def _said(error: psycopg.Error, address: DatabaseAddress) -> str:
    """Returns the server's first sentence, harmless."""
    words = error.diag.message_primary or str(error)
    line = next((part for part in words.splitlines() if part.strip()), type(error).__name__)
    return redact(clean(line, _WIDTH), (address.password,)).strip().rstrip(".")


def _refused(error: psycopg.Error, address: DatabaseAddress) -> RollbackError:
    """Judges by the error's class: PostgreSQL's appendix A."""
    said = _said(error, address)
    if isinstance(error, errors.InsufficientPrivilege):
        return Forbidden(
            f"{address.user} may not do this in {address.dbname}: {said}.", next_step=f"Grant it to {address.user}, or name another role in {address.source}."
        )
    if isinstance(error, errors.QueryCanceled):
        return NotSent(f"{address.dbname} did not answer in time: {said}.", next_step="Look at its locks and its load, then try again.")
    if isinstance(error, errors.LockNotAvailable):
        return NotSent(f"Somebody holds a lock in {address.dbname}: {said}.", next_step="Look who holds it, then try again.")
    if isinstance(error, errors.InvalidCatalogName):
        return _no_database(address)
    if isinstance(error, (errors.TooManyConnections, errors.CannotConnectNow, errors.AdminShutdown, errors.CrashShutdown)):
        return ServerDown(f"The server of {address.words} does not serve now: {said}.", next_step="Try again when it does.")
    if isinstance(error, errors.OperationalError):
        return NoRoute(f"The connection to {address.words} was lost: {said}.", next_step="Try again.")
    return Refused(f"{address.dbname} refuses: {said}.")


def _no_database(address: DatabaseAddress) -> NotFound:
    return NotFound(f"There is no database {address.dbname!r} at {address.host}:{address.port}.", next_step=f"Correct its name in {address.source}.")


def _not_connected(error: psycopg.Error, address: DatabaseAddress) -> RollbackError:
    """Judges by the words: before a session there is no error class (libpq's PQerrorMessage)."""
    said = _said(error, address)
    low = str(error).lower()
    where = f"{address.host}:{address.port}"
    if "no password supplied" in low or "password authentication failed" in low or "pam authentication failed" in low:
        return Forbidden(
            f"{where} refuses the password of {address.user}.",
            next_step=f"Put the right one into {address.source}, then try again.",
        )
    if "pg_hba.conf" in low or "not permitted to log in" in low or "permission denied for database" in low:
        return Forbidden(f"{where} does not let {address.user} into {address.dbname} from here: {said}.", next_step="Ask for access, or go by the jump host.")
    if "does not exist" in low and "database" in low:
        return _no_database(address)
    if "does not exist" in low and "role" in low:
        return Forbidden(f"{where} knows no role {address.user}.", next_step=f"Correct it in {address.source}.")
    if "unsupported startup parameter" in low:
        return Refused(f"{where} is a pooler, behind which locks and settings of a session mean nothing.", next_step="Name the database's own endpoint.")
    if "connection refused" in low or "the database system is" in low or "too many" in low or "remaining connection slots" in low:
        return ServerDown(f"Nothing serves {address.dbname} at {where}: {said}.", next_step="Look whether the server runs and listens there, then try again.")
    if "ssl" in low or "certificate" in low:
        return NoRoute(f"{where} is not proved to be the server: {said}.", next_step="Check sslmode and sslrootcert (for RDS, its CA bundle).")
    if "translate host name" in low or "resolve host" in low or "name or service not known" in low or "getaddrinfo" in low:
        return NoRoute(f"The name {address.host} leads nowhere.", next_step=f"Correct it in {address.source}, or look at the network of this machine.")
    return NoRoute(f"{address.words} was not reached: {said}.", next_step="Look at the network and the security groups on the way, then try again.")
