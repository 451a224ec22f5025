"""The protobuf bodies that kubectl sends for self reviews."""

import pytest

from gospel_rollback_tui.drill.kubernetes.protobuf import MEDIA_TYPE, decode_review
from tests.drill.kubernetes.builders import DEPLOYMENTS
from tests.drill.kubernetes.client import Client


def field(number: int, content: bytes) -> bytes:
    """Return a length-delimited field."""
    return bytes([number << 3 | 2, len(content)]) + content


def envelope(api_version: str, kind: str, body: bytes) -> bytes:
    """Return a message in the envelope of Kubernetes."""
    return b"k8s\x00" + field(1, field(1, api_version.encode()) + field(2, kind.encode())) + field(2, body) + field(3, b"") + field(4, b"")


ATTRIBUTES = field(1, b"kx") + field(2, b"patch") + field(3, b"apps") + field(5, b"deployments") + field(6, b"scale") + field(7, b"web")
ACCESS = envelope("authorization.k8s.io/v1", "SelfSubjectAccessReview", field(1, b"") + field(2, field(1, ATTRIBUTES)))


def test_an_access_review_is_decoded() -> None:
    """Resource attributes are read by their field numbers, empty ones left out."""
    review = decode_review(ACCESS)
    assert review["kind"] == "SelfSubjectAccessReview"
    assert review["spec"]["resourceAttributes"] == {
        "namespace": "kx",
        "verb": "patch",
        "group": "apps",
        "resource": "deployments",
        "subresource": "scale",
        "name": "web",
    }


def test_the_other_reviews_are_decoded() -> None:
    """A path, a namespace, and nothing at all."""
    path = field(2, field(2, field(1, b"/version") + field(2, b"get")))
    review = decode_review(envelope("authorization.k8s.io/v1", "SelfSubjectAccessReview", path))
    assert review["spec"] == {"nonResourceAttributes": {"path": "/version", "verb": "get"}}
    rules = decode_review(envelope("authorization.k8s.io/v1", "SelfSubjectRulesReview", field(2, field(1, b"kx"))))
    assert rules["spec"] == {"namespace": "kx"}
    assert decode_review(envelope("authentication.k8s.io/v1", "SelfSubjectReview", b""))["kind"] == "SelfSubjectReview"


@pytest.mark.parametrize("body", [b"", b"nonsense", b"k8s\x00", ACCESS[:20], envelope("v1", "Pod", b"")])
def test_what_is_no_review_is_refused(body: bytes) -> None:
    """Cut, foreign and empty messages are errors, not crashes."""
    with pytest.raises((ValueError, KeyError)):
        decode_review(body)


def test_reviews_are_answered_to_protobuf_bodies_and_objects_are_not_taken(operator: Client) -> None:
    """`kubectl auth can-i` works; a Deployment in protobuf is 415, as this server has no decoder for it."""
    path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
    assert operator.send("POST", path, ACCESS, content_type=MEDIA_TYPE).json["status"] == {"allowed": True}
    assert operator.send("POST", path, b"k8s\x00", content_type=MEDIA_TYPE).status == 400
    assert operator.send("POST", DEPLOYMENTS, ACCESS, content_type=MEDIA_TYPE).status == 403


def test_an_object_in_protobuf_is_an_unsupported_media_type(client: Client) -> None:
    """415 names what is taken."""
    refused = client.send("POST", DEPLOYMENTS, ACCESS, content_type=MEDIA_TYPE)
    assert (refused.status, refused.json["reason"]) == (415, "UnsupportedMediaType")
