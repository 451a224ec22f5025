"""The lines that `drill --serve` prints: environment variables by which ordinary clients reach the estate."""

import shlex
from pathlib import Path

from gospel_rollback_tui.drill.aws_side import AWS_CONFIG
from gospel_rollback_tui.drill.configuration import NAMES
from gospel_rollback_tui.drill.endpoints import EstateEndpoints

AUTHOR = {f"GIT_{role}_{what}": words for role in ("AUTHOR", "COMMITTER") for what, words in (("NAME", "Drill"), ("EMAIL", "drill@drill.invalid"))}
"""Who commits in a drill: practising needs no identity of one's own, and leaves none behind."""


def environment_variables(endpoints: EstateEndpoints) -> dict[str, str]:
    """Return the variables that point clients at the estate, by the names those clients read.

    Proxy settings must not lead loopback requests away, so `NO_PROXY` names the loopback address.
    """
    variables = {
        "KUBECONFIG": str(endpoints.kubeconfig),
        "GOSPEL_ROLLBACK_CONFIG": str(endpoints.config_file),
        "GOSPEL_ROLLBACK_DRILL_PUBLIC": endpoints.public_url,
        "GOSPEL_ROLLBACK_DRILL_CONTROL": endpoints.control_url,
        "GOSPEL_ROLLBACK_DRILL_NONCE": endpoints.nonce,
        "NO_PROXY": "127.0.0.1",
        **AUTHOR,
    }
    if endpoints.argocd_url:
        token = endpoints.argocd_token_file.read_text(encoding="utf-8").strip()
        server = endpoints.argocd_url.removeprefix("http://")
        variables |= {"ARGOCD_SERVER": server, "ARGOCD_AUTH_TOKEN": token, "ARGOCD_OPTS": "--plaintext --grpc-web"}
    if endpoints.prometheus_url:
        variables["PROMETHEUS_URL"] = endpoints.prometheus_url
    if endpoints.git_url:
        variables["GOSPEL_ROLLBACK_DRILL_GIT"] = endpoints.git_url
    if endpoints.aws_url:
        names = NAMES["aws"]
        variables |= {"AWS_ENDPOINT_URL": endpoints.aws_url, "AWS_REGION": names["region"], "AWS_CONFIG_FILE": str(endpoints.directory / AWS_CONFIG)}
    for service, file in endpoints.database_urls:
        variables[f"PG_URL_{service.upper()}"] = Path(file).read_text(encoding="utf-8").strip()
    return variables


def export_lines(endpoints: EstateEndpoints) -> str:
    """Return one `export NAME=value` a line, quoted for a POSIX shell."""
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in environment_variables(endpoints).items())
