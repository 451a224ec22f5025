"""Keeps every test away from the machine's own estate: no kubeconfig, no AWS profile, no proxies, no configuration of the operator's."""

import os
from pathlib import Path

import hypothesis
import pytest

from tests.postgres_server import database, postgres

__all__ = ["database", "postgres"]  # fixtures that tests of any folder ask for by name

hypothesis.settings.register_profile("untimed", deadline=None)  # how long an example takes is the machine's affair
hypothesis.settings.load_profile("untimed")

_LEAKS = (
    "KUBECONFIG",
    "AWS_",
    "ARGOCD_",
    "PG_URL",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "TEXTUAL",
    "GIT_",
    "PYTHONDONTWRITEBYTECODE",
    "COLUMNS",  # set by readline in every test process; a screen is as large as its terminal
    "LINES",
)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Returns how many processes `-n auto` means: two a core, since a test that drives processes waits more than it computes."""
    return 2 * (os.cpu_count() or 1)


@pytest.fixture(autouse=True)
def _nobody_elses_estate(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Takes away what would lead a test out of its own estate."""
    home: Path = tmp_path_factory.mktemp("home")
    for name in list(os.environ):
        if name.startswith(_LEAKS):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(home / "state"))
