"""What git's push says, in every way it was recorded to say it."""

import pytest

from gospel_rollback_tui.domain.push_report import PushEnd, push_report

MAIN = "refs/heads/main:refs/heads/main"


@pytest.mark.parametrize(
    ("output", "complaints", "code", "end"),
    [
        (f"To x\n \t{MAIN}\t3608286..5922a4c\nDone\n", (), 0, PushEnd.DONE),
        ("To x\n*\tHEAD:refs/heads/rollback/1\t[new branch]\nDone\n", (), 0, PushEnd.DONE),
        (f"To x\n=\t{MAIN}\t[up to date]\nDone\n", (), 0, PushEnd.THERE),
        (f"To x\n!\t{MAIN}\t[rejected] (fetch first)\nDone\n", ("error: failed to push some refs to 'x'",), 1, PushEnd.MOVED),
        (f"To x\n!\t{MAIN}\t[rejected] (non-fast-forward)\nDone\n", (), 1, PushEnd.MOVED),
        (f"To x\n!\t{MAIN}\t[remote rejected] (non-fast-forward)\nDone\n", (), 1, PushEnd.MOVED),
        (f"To x\n!\t{MAIN}\t[remote rejected] (cannot lock ref 'refs/heads/main': is at a but expected b)\nDone\n", (), 1, PushEnd.MOVED),
        (f"To x\n!\t{MAIN}\t[remote rejected] (pre-receive hook declined)\nDone\n", ("remote: error: GH006: Protected branch.   ",), 1, PushEnd.PROTECTED),
        (f"To x\n!\t{MAIN}\t[remote rejected] (hook declined)\nDone\n", (), 1, PushEnd.PROTECTED),
        (f"To x\n!\t{MAIN}\t[remote rejected] (protected branch hook declined)\nDone\n", (), 1, PushEnd.PROTECTED),
        (f"To x\n!\t{MAIN}\t[remote rejected] (atomic push failure)\nDone\n", (), 1, PushEnd.PROTECTED),
        (f"To x\n!\t{MAIN}\t[remote rejected] (permission denied)\nDone\n", (), 1, PushEnd.FORBIDDEN),
        (f"To x\n!\t{MAIN}\t[remote failure] (remote failed to report status)\nDone\n", (), 1, PushEnd.UNKNOWN),
        ("", ("fatal: 'x' does not appear to be a git repository",), 128, PushEnd.NO_REPOSITORY),
        ("", ("fatal: unable to access 'https://h/x/': Failed to connect to h port 443",), 128, PushEnd.UNREACHED),
        ("", ("fatal: unable to access 'https://h/x/': The requested URL returned error: 403",), 128, PushEnd.FORBIDDEN),
        ("", ("fatal: could not read Username for 'https://h': terminal prompts disabled",), 128, PushEnd.FORBIDDEN),
        ("", ("git@h: Permission denied (publickey).", "fatal: Could not read from remote repository."), 128, PushEnd.FORBIDDEN),
        ("", ("ssh: connect to host h port 22: Connection timed out",), 128, PushEnd.UNREACHED),
        ("", ("fatal: the remote end hung up unexpectedly",), 128, PushEnd.UNKNOWN),
        ("", (), -9, PushEnd.UNKNOWN),
    ],
)
def test_every_answer_of_a_push_is_told_apart(output: str, complaints: tuple[str, ...], code: int, end: PushEnd) -> None:
    """Only an answer for the ref counts; a connection that broke says nothing about what became of it."""
    assert push_report(output, complaints, code).end is end


def test_the_servers_own_words_are_kept() -> None:
    """They say what the forge wants instead."""
    said = ("remote: error: GH006: Protected branch update failed for refs/heads/main.   ", "remote:", "remote: - Changes must be made through a pull request.")
    report = push_report(f"!\t{MAIN}\t[remote rejected] (protected branch hook declined)\n", said, 1)
    assert report.words == "error: GH006: Protected branch update failed for refs/heads/main. - Changes must be made through a pull request."
