"""Where the configuration is looked for."""

from pathlib import Path

import pytest

from gospel_rollback_tui.config.locations import default_runs_dir, places
from gospel_rollback_tui.config.settings import load_settings
from gospel_rollback_tui.domain.errors import ConfigurationError
from tests.config.test_settings import MINIMAL


def surroundings(folder: Path) -> dict[str, str]:
    """Returns an environment whose XDG folders lie under this one."""
    return {"XDG_CONFIG_HOME": str(folder / "own"), "XDG_CONFIG_DIRS": f"{folder / 'host'}:{folder / 'site'}", "XDG_STATE_HOME": str(folder / "state")}


def test_the_operators_own_comes_before_the_hosts(tmp_path: Path) -> None:
    """A jump host may have one for everybody; one's own wins."""
    environ = surroundings(tmp_path)
    host = tmp_path / "site" / "gospel-rollback" / "config.yaml"
    host.parent.mkdir(parents=True)
    host.write_text(MINIMAL, encoding="utf-8")
    settings = load_settings(None, environ)
    assert settings.source == str(host)
    assert settings.runs_dir == str(tmp_path / "state" / "gospel-rollback" / "runs")
    own = tmp_path / "own" / "gospel-rollback" / "config.yaml"
    own.parent.mkdir(parents=True)
    own.write_text(MINIMAL, encoding="utf-8")
    assert load_settings(None, environ).source == str(own)


def test_none_at_all_tells_where_one_belongs(tmp_path: Path) -> None:
    """The first place, the others, and the example to copy."""
    with pytest.raises(ConfigurationError) as caught:
        load_settings(None, surroundings(tmp_path))
    told = caught.value.sentences()
    assert told.startswith(f"{tmp_path}/own/gospel-rollback/config.yaml: there is no configuration here (nor {tmp_path}/host/gospel-rollback/config.yaml, ")
    assert "config.example.yaml" in told
    assert "drill" in told


def test_relative_xdg_folders_are_passed_over() -> None:
    """The XDG rules say that they are not valid."""
    environ = {"XDG_CONFIG_HOME": "own", "XDG_CONFIG_DIRS": "host:/etc/elsewhere", "XDG_STATE_HOME": "state"}
    assert [place.is_absolute() for place in places(environ)] == [True, True]
    assert places(environ)[1] == Path("/etc/elsewhere/gospel-rollback/config.yaml")
    assert default_runs_dir(environ).is_absolute()
