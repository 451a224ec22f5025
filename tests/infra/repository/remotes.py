"""Bare repositories to push to, as an estate has them: releases as tags, an overlay with images, hooks that protect."""

import atexit
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from gospel_rollback_tui.domain.git_place import GitPlace
from gospel_rollback_tui.infra.repository.repository import GitRepository

MANIFESTS = "infra/k8s"
OVERLAY = "infra/k8s/overlays/production"
KUSTOMIZATION = f"{OVERLAY}/kustomization.yaml"
REGISTRY = "registry.test"
_AUTHOR = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in (("NAME", "Release bot"), ("EMAIL", "bot@example.com"))}


def deployment(service: str) -> str:
    """Returns the base manifest of a service."""
    return f"""apiVersion: apps/v1
kind: Deployment
metadata:
  name: gospelib-{service}
spec:
  replicas: 2
  selector: {{matchLabels: {{app: gospelib-{service}}}}}
  template:
    metadata: {{labels: {{app: gospelib-{service}}}}}
    spec:
      containers:
      - name: {service}
        image: gospelib-{service}
"""


def kustomization(**tags: str) -> str:
    """Returns the overlay with a tag for each service."""
    images = "".join(f"- name: gospelib-{name}\n  newName: {REGISTRY}/gospelib-{name}\n  newTag: {tag} # set by the release\n" for name, tag in tags.items())
    return f"# production\nnamespace: gospelib-production\nresources:\n- ../../base\nimages:\n{images}"


@dataclass
class Remote:
    """A bare repository, and a work tree that stands for everybody else who pushes to it."""

    bare: Path
    work: Path

    @staticmethod
    def make(folder: Path, services: tuple[str, ...] = ("gateway", "auth")) -> "Remote":
        """Returns a remote with two releases: v2.14.0, then v2.15.0 which only the gateway has."""
        remote = Remote(folder / "gospelib.git", folder / "somebody")
        made = _made(services)
        shutil.copytree(made / "gospelib.git", remote.bare)
        shutil.copytree(made / "somebody", remote.work)
        remote.git("remote", "set-url", "origin", str(remote.bare))
        return remote

    @staticmethod
    def founded(folder: Path, services: tuple[str, ...]) -> "Remote":
        """Returns such a remote, made commit by commit."""
        remote = Remote(folder / "gospelib.git", folder / "somebody")
        run("git", "init", "-q", "--bare", "-b", "main", str(remote.bare))
        run("git", "init", "-q", "-b", "main", str(remote.work))
        remote.git("remote", "add", "origin", str(remote.bare))
        base = {f"{MANIFESTS}/base/{name}.yaml": deployment(name) for name in services}
        base[f"{MANIFESTS}/base/kustomization.yaml"] = "resources:\n" + "".join(f"- {name}.yaml\n" for name in services)
        remote.commit("Base", {"README.md": "GospeLib\n", **base, KUSTOMIZATION: kustomization(**dict.fromkeys(services, "v2.13.0"))})
        remote.commit("Release v2.14.0", {KUSTOMIZATION: kustomization(**dict.fromkeys(services, "v2.14.0"))}, tag="release/v2.14.0")
        remote.commit(
            "Release v2.15.0", {KUSTOMIZATION: kustomization(**{**dict.fromkeys(services, "v2.14.0"), services[0]: "v2.15.0"})}, tag="release/v2.15.0"
        )
        return remote

    def git(self, *arguments: str) -> str:
        """Runs git in somebody's work tree."""
        return run("git", "-C", str(self.work), *arguments)

    def commit(self, subject: str, files: dict[str, str], *, tag: str = "", push: bool = True) -> str:
        """Commits those files as somebody and pushes them; returns the sha."""
        for name, text in files.items():
            path = self.work / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", subject)
        if tag:
            self.git("tag", tag)
        if push:
            self.push()
        return self.git("rev-parse", "HEAD").strip()

    def push(self) -> None:
        """Pushes somebody's branch and tags."""
        self.git("push", "-q", "--tags", "origin", "HEAD")

    def pull(self) -> None:
        """Brings somebody's work tree up to the remote."""
        self.git("pull", "-q", "--ff-only", "origin", "main")

    def merge(self, subject: str, files: dict[str, str]) -> str:
        """Merges a branch with one commit as a forge does, and returns the merge."""
        self.git("checkout", "-q", "-b", "feature")
        self.commit(subject, files, push=False)
        self.git("checkout", "-q", "main")
        self.git("merge", "-q", "--no-ff", "-m", f"Merge: {subject}", "feature")
        self.git("branch", "-q", "-D", "feature")
        self.push()
        return self.git("rev-parse", "HEAD").strip()

    def head(self, branch: str = "main") -> str:
        """Returns the bare repository's branch; empty: there is none."""
        ended = subprocess.run(["git", "-C", str(self.bare), "rev-parse", "-q", "--verify", f"refs/heads/{branch}"], capture_output=True, text=True)
        return ended.stdout.strip()

    def log(self, branch: str = "main") -> list[str]:
        """Returns the subjects of a branch, newest first."""
        return run("git", "-C", str(self.bare), "log", "--format=%s", branch).splitlines()

    def message(self, branch: str = "main") -> str:
        """Returns the message of a branch's newest commit."""
        return run("git", "-C", str(self.bare), "log", "-1", "--format=%B", branch)

    def trailers(self) -> list[str]:
        """Returns the runs' trailers on the branch, newest first."""
        return run("git", "-C", str(self.bare), "log", "--format=%(trailers:key=Gospel-Rollback-Run,valueonly,separator=)", "main").split()

    def show(self, path: str, branch: str = "main") -> str:
        """Returns a file as the branch has it."""
        return run("git", "-C", str(self.bare), "show", f"{branch}:{path}")

    def hook(self, name: str, script: str) -> None:
        """Installs a server hook."""
        path = self.bare / "hooks" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def protect(self) -> None:
        """Refuses every direct push to main, in GitHub's words."""
        self.hook(
            "pre-receive",
            "while read old new ref; do\n"
            '  if [ "$ref" = refs/heads/main ]; then\n'
            "    echo 'error: GH006: Protected branch update failed for refs/heads/main.   ' >&2\n"
            "    echo 'error: Changes must be made through a pull request.' >&2; exit 1\n"
            "  fi\ndone",
        )

    def repository(self, folder: Path, branch: str = "main") -> GitRepository:
        """Returns our own view of it, fetched."""
        repository = GitRepository(GitPlace(str(self.bare), branch, manifests=MANIFESTS, overlay=OVERLAY), folder)
        repository.fetch()
        return repository


@lru_cache
def _made(services: tuple[str, ...]) -> Path:
    """Returns a remote to copy, made once: copying is quicker than a dozen git processes."""
    folder = Path(tempfile.mkdtemp(prefix="remote-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    Remote.founded(folder, services)
    return folder


def run(*argv: str, **environment: str) -> str:
    """Runs a command that must succeed."""
    ended = subprocess.run(argv, capture_output=True, text=True, env={**os.environ, **_AUTHOR, **environment})
    assert ended.returncode == 0, ended.stderr
    return ended.stdout
