"""Image references, registries, and what a registry knows of an image."""

import re
from dataclasses import dataclass

_ECR = re.compile(r"(?P<account>\d{12})\.dkr\.ecr(?:-fips)?\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
_REPOSITORY = re.compile(r"(?:[a-zA-Z0-9.-]+(?::\d+)?/)?[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*")


@dataclass(frozen=True, slots=True)
class ImageReference:
    """An image reference taken apart."""

    repository: str
    """With its registry's host."""
    tag: str = ""
    digest: str = ""
    """`sha256:…`."""

    def __str__(self) -> str:
        """Returns it put together."""
        return self.repository + (f":{self.tag}" if self.tag else "") + (f"@{self.digest}" if self.digest else "")

    @property
    def label(self) -> str:
        """What tells it from the others of its repository: the tag, or a short digest."""
        return self.tag or self.digest[:19] or self.repository

    @property
    def complaint(self) -> str:
        """What is wrong with it; empty: nothing."""
        if not _REPOSITORY.fullmatch(self.repository):
            return f"{self.repository or 'an empty name'} is no image repository"
        if self.tag and not _TAG.fullmatch(self.tag):
            return f"{self.tag} is no tag"
        if self.digest and not _DIGEST.fullmatch(self.digest):
            return f"{self.digest} is no digest"
        return "" if self.tag or self.digest else "it names neither tag nor digest"


def image_reference(image: str) -> ImageReference:
    """Returns an image reference taken apart; what is wrong with it is its `complaint`."""
    name, _, digest = image.partition("@")
    head, slash, tail = name.rpartition("/")
    last, _, tag = tail.partition(":")
    return ImageReference(head + slash + last, tag, digest)


@dataclass(frozen=True, slots=True)
class Registry:
    """An ECR registry."""

    account: str
    region: str


def ecr_registry(host: str) -> Registry | None:
    """Returns the ECR registry of a host name; None: it is another registry."""
    match = _ECR.fullmatch(host)
    return Registry(match["account"], match["region"]) if match else None


@dataclass(frozen=True, slots=True)
class KnownImage:
    """One image as its registry tells it."""

    digest: str
    tags: tuple[str, ...]
    pushed: float
    """Wall time; 0: not told."""
