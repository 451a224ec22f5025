"""Asks Amazon's image registry whether an image is there; where nobody can tell, it says so rather than guess."""

from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from gospel_rollback_tui.domain.images import ImageReference, KnownImage, Registry, ecr_registry, image_reference

CONNECT_SECONDS = 3.0
READ_SECONDS = 5.0
_ABSENT = ("ImageNotFoundException", "RepositoryNotFoundException")
_PAGE = 1000
_MOST_PAGES = 5


@dataclass(slots=True)
class EcrImages:
    """Implements the actions' `Images`; the client is loaded with the first question."""

    profile: str = ""
    """Profile of the AWS tools; empty: their default."""
    _clients: dict[Registry, Any] = field(default_factory=dict, repr=False)
    _making: Lock = field(default_factory=Lock, repr=False)

    def exists(self, image: str) -> bool | None:
        """Returns whether the tag or digest is there; None: another registry, no credentials, no right, or no answer."""
        reference = image_reference(image)
        found = self._ask(reference, imageIds=[{"imageDigest": reference.digest} if reference.digest else {"imageTag": reference.tag}])
        return None if found is None else bool(found)

    def newest(self, repository: str, limit: int) -> tuple[KnownImage, ...]:
        """Returns the images of a repository, last pushed first; empty: there are none, or nobody can tell."""
        known = [_known(one) for one in self._ask(ImageReference(repository)) or ()]
        return tuple(sorted(known, key=lambda one: one.pushed, reverse=True)[:limit])

    def _ask(self, reference: ImageReference, **which: object) -> list[dict[str, Any]] | None:
        """Returns what the registry describes; an empty list: it has none; None: nobody can tell."""
        from botocore.exceptions import BotoCoreError, ClientError

        host, _, name = reference.repository.partition("/")
        registry = ecr_registry(host)
        if registry is None or not name:
            return None
        asked: dict[str, Any] = {"registryId": registry.account, "repositoryName": name, **which}
        try:
            pages = self._client(registry).get_paginator("describe_images").paginate(**asked, PaginationConfig=_pages(which))
            return [one for page in pages for one in page["imageDetails"]]
        except ClientError as error:
            return [] if error.response["Error"]["Code"] in _ABSENT else None
        except (BotoCoreError, ValueError):
            return None

    def _client(self, registry: Registry) -> Any:  # noqa: ANN401  (boto3 makes its classes at run time)
        """Making one is not safe in several threads; using one is."""
        import boto3
        from botocore.config import Config

        with self._making:
            if registry not in self._clients:
                session = boto3.Session(profile_name=self.profile or None, region_name=registry.region)
                retries: Any = {"mode": "standard", "max_attempts": 2}
                self._clients[registry] = session.client("ecr", config=Config(connect_timeout=CONNECT_SECONDS, read_timeout=READ_SECONDS, retries=retries))
            return self._clients[registry]


def _pages(which: dict[str, object]) -> dict[str, int]:
    """A question for one image takes no page size."""
    return {} if which else {"PageSize": _PAGE, "MaxItems": _PAGE * _MOST_PAGES}


def _known(raw: dict[str, Any]) -> KnownImage:
    pushed = raw.get("imagePushedAt")
    return KnownImage(str(raw.get("imageDigest", "")), tuple(str(tag) for tag in raw.get("imageTags", ())), pushed.timestamp() if pushed else 0.0)
