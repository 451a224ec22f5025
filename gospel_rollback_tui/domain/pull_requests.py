"""The address at which a pushed branch becomes a pull request, by the patterns of the usual forges."""

import re
from urllib.parse import quote, urlsplit

_SCP = re.compile(r"(?:[^@/\s]+@)?(?P<host>[^:/\s]+):(?P<path>[^/\s].*)")
"""`git@host:owner/name.git`, the form without a scheme."""


def host_and_path(repository: str) -> tuple[str, str]:
    """Returns (host, `owner/name`) of a repository's address, in lower case and without `.git`; empty texts for a local path."""
    if "://" in repository:
        try:
            parts = urlsplit(repository)
        except ValueError:
            return "", ""
        host, path = (parts.hostname or ""), parts.path
    else:
        match = _SCP.fullmatch(repository.strip())
        if match is None:
            return "", ""
        host, path = match["host"], match["path"]
    return host.lower(), path.strip("/").removesuffix(".git").strip("/").lower()


def same_repository(one: str, other: str) -> bool:
    """Returns whether two addresses mean one repository, whether by ssh or https, with or without `.git`."""
    first, second = host_and_path(one), host_and_path(other)
    if first[1] and second[1]:
        return _host(first[0]) == _host(second[0]) and first[1] == second[1]
    return _local(one) == _local(other)


def _host(host: str) -> str:
    """GitHub and GitLab also answer ssh on port 443 under another name."""
    return {"ssh.github.com": "github.com", "altssh.gitlab.com": "gitlab.com", "altssh.bitbucket.org": "bitbucket.org"}.get(host, host)


def _local(repository: str) -> str:
    return repository.strip().removeprefix("file://").rstrip("/").removesuffix(".git").rstrip("/")


def pull_request_link(repository: str, branch: str, into: str) -> str:
    """Returns where a pull request of the branch is opened; empty: the forge is not known, open it as you do there."""
    host, _ = host_and_path(repository)
    host, path = _host(host), _path(repository)
    if not host or not path:
        return ""
    head, base = quote(branch, safe=""), quote(into, safe="")
    if "gitlab" in host:
        return f"https://{host}/{path}/-/merge_requests/new?merge_request%5Bsource_branch%5D={head}&merge_request%5Btarget_branch%5D={base}"
    if "bitbucket" in host:
        return f"https://{host}/{path}/pull-requests/new?source={head}&dest={base}"
    if "github" in host:
        return f"https://{host}/{path}/compare/{quote(into, safe='/')}...{quote(branch, safe='/')}?expand=1"
    return ""


def _path(repository: str) -> str:
    """The path as it is written: forges tell upper from lower case in links only by a redirect."""
    text = repository.split("://", 1)[-1].partition("/")[2] if "://" in repository else repository.partition(":")[2]
    return quote(text.strip("/").removesuffix(".git").strip("/"), safe="/")
