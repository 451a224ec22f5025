"""Whether an image is in the registry: asked of moto over HTTP, as boto3 would ask Amazon."""

import json
from collections.abc import Iterator

import boto3
import pytest
from moto.server import ThreadedMotoServer

from gospel_rollback_tui.infra.images import EcrImages

REGISTRY = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
MEDIA_TYPE = "application/vnd.docker.distribution.manifest.v2+json"
GATEWAY = f"{REGISTRY}/gospelib-gateway"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A registry with two images of the gateway."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    ecr = boto3.client("ecr", endpoint_url=f"http://{host}:{port}", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")
    ecr.create_repository(repositoryName="gospelib-gateway")
    for tag in ("v2.14.0", "v2.15.0"):
        manifest = json.dumps({"schemaVersion": 2, "mediaType": MEDIA_TYPE, "config": {"digest": tag}, "layers": []})
        ecr.put_image(repositoryName="gospelib-gateway", imageManifest=manifest, imageTag=tag)
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def images(address: str, monkeypatch: pytest.MonkeyPatch) -> EcrImages:
    """The adapter, with credentials and the registry's address as the AWS tools take them."""
    for name, value in {"ACCESS_KEY_ID": "test", "SECRET_ACCESS_KEY": "test", "ENDPOINT_URL_ECR": address, "EC2_METADATA_DISABLED": "true"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    return EcrImages()


def test_tags_and_digests_are_there_or_are_not(images: EcrImages) -> None:
    """A tag that was never pushed, and a repository that does not exist, are both a clear no."""
    digest = images.newest(GATEWAY, 1)[0].digest
    assert images.exists(f"{GATEWAY}:v2.14.0") is True
    assert images.exists(f"{GATEWAY}@{digest}") is True
    assert images.exists(f"{GATEWAY}:v9.9.9") is False
    assert images.exists(f"{GATEWAY}@sha256:{'0' * 64}") is False
    assert images.exists(f"{REGISTRY}/gospelib-gatway:v2.14.0") is False


def test_the_newest_images_come_first(images: EcrImages) -> None:
    """By the time they were pushed, with every tag they have."""
    found = images.newest(GATEWAY, 5)
    assert sorted(tag for one in found for tag in one.tags) == ["v2.14.0", "v2.15.0"]
    assert [one.pushed for one in found] == sorted((one.pushed for one in found), reverse=True)
    assert len(images.newest(GATEWAY, 1)) == 1


def test_another_registry_is_not_asked(images: EcrImages) -> None:
    """Neither yes nor no: nobody can tell."""
    assert images.exists("docker.io/library/nginx:1") is None
    assert images.exists("nginx:1") is None
    assert images.newest("ghcr.io/gospelib/gateway", 5) == ()


def test_without_credentials_or_profile_nobody_can_tell(images: EcrImages, monkeypatch: pytest.MonkeyPatch) -> None:
    """An image is never taken for gone because we could not log in."""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    assert images.exists(f"{GATEWAY}:v9.9.9") is None
    assert EcrImages("no-such-profile").exists(f"{GATEWAY}:v2.14.0") is None


def test_an_endpoint_that_does_not_answer_is_no_answer(images: EcrImages, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing listens there."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_ECR", "http://127.0.0.1:1")
    assert images.exists(f"{GATEWAY}:v2.14.0") is None
