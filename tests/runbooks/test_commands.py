"""Every command of the packaged runbooks, filled with the example's estate."""

import re
import subprocess

import botocore.session
import pytest
from botocore import xform_name

from gospel_rollback_tui.domain.errors import UsageError
from gospel_rollback_tui.domain.runbook import Step
from gospel_rollback_tui.runbooks.fill import fill, fill_for_shell
from tests.runbooks.library import PRODUCTION, STAGING, answers_of, every_step

_QUOTED = re.compile(r"'[^']*'|\"[^\"$]*\"")
_AWS = re.compile(r"\baws --profile \S+ --region \S+ --no-cli-pager ([a-z0-9]+) ([a-z0-9-]+)([^|;)]*)")
_CLI_ONLY = {("s3", "cp"), ("rds", "wait"), ("eks", "update-kubeconfig")}
_CLI_OPTIONS = {"query", "output", "cli-input-json", "no-deletion-protection"}


def filled_commands() -> dict[str, Step]:
    """Returns each different command, filled, with the step it stands in."""
    commands: dict[str, Step] = {}
    for _, _, step in every_step():
        for command in step.commands:
            environment = STAGING if "allowed." in command else PRODUCTION
            commands.setdefault(fill(command, environment, answers_of(step)), step)
    return commands


COMMANDS = filled_commands()


def test_no_placeholder_is_left() -> None:
    """Neither a name in braces nor the page's <CAPITALS> reaches the operator."""
    for command in COMMANDS:
        bare = command.replace("{end}", "").replace("%{http_code}", "")
        assert not re.search(r"<[A-Z_]+>", command), command
        assert not re.search(r"(?<![$%])\{[a-z_]+(\.[a-z_]+)*\}", re.sub(r"'\{\.[^']*'|-o jsonpath='[^']*'", "", bare)), command


def test_every_command_is_one_that_a_shell_can_read() -> None:
    """Quotes and brackets close: bash reads each without running it."""
    for command, step in COMMANDS.items():
        read = subprocess.run(["bash", "-n", "-c", command], capture_output=True, text=True, check=False)
        assert read.returncode == 0, f"{step.id}: {command}\n{read.stderr}"


def test_unanswered_commands_are_refused_by_the_shell() -> None:
    """A command with a value missing does not run with an empty one."""
    run = subprocess.run(["bash", "-c", fill_for_shell("echo {snapshot_id}", PRODUCTION)], capture_output=True, text=True, check=False)
    assert run.returncode != 0
    assert "SNAPSHOT_ID" in run.stderr
    assert run.stdout == ""


def test_no_command_asks_for_a_password_or_carries_one() -> None:
    """Passwords come from the tools' own places; none is in an argument list."""
    for command in COMMANDS:
        assert not re.search(r"://[^\s:/@]+:[^\s@]+@|PGPASSWORD|--password|REDISCLI_AUTH=\S", command), command


def test_kubernetes_commands_name_their_context_and_namespace() -> None:
    """No command depends on what the shell was pointed at last."""
    for command in COMMANDS:
        for call in re.findall(r"\bkubectl (?!config)(\S+ \S+)", command):
            assert call.startswith("--context gospelib-"), command


def test_nothing_of_the_operators_is_overwritten() -> None:
    """Files go to a folder of the tool's own, never to /tmp where everybody reads them."""
    for command in COMMANDS:
        assert "/tmp" not in command, command
        for target in re.findall(r"(?<![<0-9&=])> ?(\S+)", re.sub(r"'[^']*'|\"[^\"]*\"", "", command)):
            assert target.startswith(("~/gospel-rollback/", "/dev/null")), command


def test_dangerous_forms_are_absent() -> None:
    """What the procedure's own traps would do is written nowhere."""
    joined = "\n".join(COMMANDS)
    for never in (
        " -force",
        "--force ",
        "state push -force",
        "-lock=false",
        "auto-approve",
        "GRAPH.QUERY ",
        "down -all",
        "drop -f",
        "--cascade=foreground",
        "--reset",
    ):
        assert never not in joined, never
    for command in COMMANDS:
        if "modify-db-instance" in command:
            assert "--apply-immediately" in command
        if "rollout undo" in command:
            assert "--to-revision=" in command
        if "argocd app rollback" in command:
            assert re.search(r"rollback \S+ \d+ ", command)


def test_aws_calls_exist_with_these_parameters() -> None:
    """Each operation and each option is one that the service's own model knows."""
    session = botocore.session.get_session()
    seen = 0
    for command in COMMANDS:
        for service, operation, options in _AWS.findall(_QUOTED.sub("QUOTED", command)):
            if (service, operation) in _CLI_ONLY:
                continue
            model = session.get_service_model({"s3api": "s3"}.get(service, service))
            names = {xform_name(name, "-"): name for name in model.operation_names}
            assert operation in names, command
            shape = model.operation_model(names[operation]).input_shape
            members = {xform_name(member, "-") for member in shape.members} if shape else set()
            given = set(re.findall(r" --([a-z0-9-]+)", options)) - _CLI_OPTIONS
            assert given <= members, f"{command}: {given - members}"
            seen += 1
    assert seen > 30


def test_production_cannot_even_render_the_full_ingest() -> None:
    """The command that drops the graph has no text where the configuration does not allow it."""
    command = next(c for _, _, step in every_step() for c in step.commands if "allowed.reingest" in c)
    with pytest.raises(UsageError, match="production does not allow it"):
        fill(command, PRODUCTION, {})
    assert "{allowed" not in fill(command, STAGING, {})
