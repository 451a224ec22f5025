"""The error tree: what a failure means for the operator, whatever library it came from.

    RollbackError
    ├── UsageError                the command line, a file or a value is wrong (exit 2); nothing was changed
    │   ├── ConfigurationError    config.yaml, with file, line and key
    │   └── RunbookError          a runbook, with file and line
    ├── NotSent                   a request never left this machine or was never acted on; nothing was changed
    │   ├── CredentialsExpired    log in again (`L`), then go on
    │   ├── Forbidden             the identity lacks a right
    │   ├── NoRoute               name, network or TLS: the server was not reached
    │   ├── ServerDown            the server was reached but does not serve
    │   └── Throttled             the server asks to wait before asking again (429)
    ├── Refused                   the server, or the gate, said no; nothing was changed
    │   ├── NotFound              the object is not there
    │   ├── VersionGone           the server no longer knows that resourceVersion (410): list again
    │   ├── FactsMoved            what the preview rested on is no longer so
    │   └── FieldConflict         fields that would be applied belong to another manager
    ├── OutcomeUnknown            a change was sent and no answer came: verify first, never send again unasked
    ├── JournalError              the record cannot be read or written; nothing runs without it
    └── ProgramFault              this program failed by itself: says nothing about the estate

A read may be tried again after `NotSent`; a change never by itself.
"""


class RollbackError(Exception):
    """Base of every error this program raises on purpose.

    `text` says what happened; `changed` whether anything was changed; `next_step` what to do now.
    """

    changed = "Nothing was changed."

    def __init__(self, text: str, *, next_step: str = "") -> None:
        """Keeps the sentences apart so that a screen can set them on lines of their own."""
        super().__init__(text)
        self.text = text
        self.next_step = next_step

    def sentences(self) -> str:
        """Returns what happened, whether anything was changed, and what to do next, as one paragraph."""
        return " ".join(part for part in (self.text, self.changed, self.next_step) if part)


class UsageError(RollbackError):
    """The command line, a file or a value given by the operator is wrong; the process exits with 2."""


class FileError(UsageError):
    """A file given by the operator is wrong at a place that can be named."""

    def __init__(self, text: str, *, file: str, line: int = 0, next_step: str = "") -> None:
        """Puts `file:line:` before the text, the form editors and pagers jump to."""
        place = f"{file}:{line}: " if line else f"{file}: "
        super().__init__(place + text, next_step=next_step)
        self.file = file
        self.line = line


class ConfigurationError(FileError):
    """config.yaml is missing, unreadable or says something that cannot be."""


class RunbookError(FileError):
    """A runbook or the matrix is missing, unreadable or breaks a rule of the loader."""


class NotSent(RollbackError):
    """The request did not reach a server that could act on it; `why` is the reason in a word or three, where one is known."""

    def __init__(self, text: str, *, next_step: str = "", why: str = "") -> None:
        """Keeps the short reason for places that have no room for the sentence, e.g. `name not found`."""
        super().__init__(text, next_step=next_step)
        self.why = why


class CredentialsExpired(NotSent):
    """The server does not know who asks: a token is missing, expired or wrong."""


class Forbidden(NotSent):
    """The server knows who asks and does not allow it."""


class NoRoute(NotSent):
    """The server was not reached: name resolution, network, proxy or TLS."""


class ServerDown(NotSent):
    """Something answered at the server's address, or refused the connection, and does not serve requests."""


class Throttled(NotSent):
    """The server serves others first and did not act on the request; `retry_after` is its own advice in seconds."""

    def __init__(self, text: str, *, retry_after: float = 1.0, next_step: str = "") -> None:
        """Keeps how long the server asks to wait."""
        super().__init__(text, next_step=next_step)
        self.retry_after = retry_after


class Refused(RollbackError):
    """The server, or the gate before it, said no."""


class NotFound(Refused):
    """The object does not exist (any more)."""


class VersionGone(Refused):
    """The server has forgotten the resourceVersion that was asked from: only a new list helps."""


class FactsMoved(Refused):
    """A fact that the preview rested on has another value now; `moved` lists (name, old, new)."""

    def __init__(self, text: str, *, moved: tuple[tuple[str, str, str], ...] = (), next_step: str = "") -> None:
        """Keeps what moved, for the prompt that shows old → new."""
        super().__init__(text, next_step=next_step)
        self.moved = moved


class FieldConflict(Refused):
    """Fields that a server-side apply would set belong to another manager; `fields` lists (manager, field)."""

    def __init__(self, text: str, *, fields: tuple[tuple[str, str], ...], next_step: str = "") -> None:
        """Keeps whose fields they are."""
        super().__init__(text, next_step=next_step)
        self.fields = fields


class OutcomeUnknown(RollbackError):
    """A change was sent and its answer was lost: it may or may not have happened."""

    changed = "It is not known whether the change was made."


class JournalError(RollbackError):
    """The run's record cannot be read or written."""


class ProgramFault(RollbackError):
    """This program failed by a fault of its own while it read something: nothing is known of the estate, nor was it asked in vain."""
