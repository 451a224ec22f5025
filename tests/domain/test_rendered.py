"""Two builds compared in the operator's words, and whether exactly the wanted images differ."""

from typing import Any

from gospel_rollback_tui.domain.image_patch import changed_images, image_patch, images_in
from gospel_rollback_tui.domain.manifests import key_of
from gospel_rollback_tui.domain.rendered import differing, images_of, more_than_images, rendered_diff, rendered_lines


def workload(name: str, tag: str, kind: str = "Deployment", replicas: int = 2) -> dict[str, Any]:
    """Returns a workload of one container and one that runs before it."""
    template = {"spec": {"initContainers": [{"name": "migrate", "image": f"r/{name}:{tag}"}], "containers": [{"name": name, "image": f"r/{name}:{tag}"}]}}
    spec = {"jobTemplate": {"spec": {"template": template}}} if kind == "CronJob" else {"replicas": replicas, "template": template}
    return {"apiVersion": "batch/v1" if kind == "CronJob" else "apps/v1", "kind": kind, "metadata": {"name": name}, "spec": spec}


SETTINGS = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings"}, "data": {"LIMIT": "10"}}
SECRET = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "keys"}, "data": {"KEY": "aHVudGVyMjI="}}
NOW = (workload("gateway", "v2"), workload("nightly", "v2", "CronJob"), SETTINGS, SECRET)


def test_equal_builds_differ_in_nothing() -> None:
    """Whatever the order of their objects."""
    assert rendered_diff(NOW, tuple(reversed(NOW))) == ((), ())
    assert rendered_lines(NOW, NOW) == ()
    assert differing(NOW, NOW) == ()


def test_what_is_made_changed_and_gone_is_told() -> None:
    """A Secret's values are never among it."""
    after = (workload("gateway", "v1", replicas=3), SETTINGS, {**SECRET, "data": {"KEY": "b3RoZXI="}}, workload("auth", "v1"))
    lines = [line.text for line in rendered_lines(NOW, after)]
    assert lines == [
        "Deployment auth made",
        "Deployment gateway",
        "gateway image v2 → v1",
        "migrate image v2 → v1",
        "replicas 2 → 3",
        "Secret keys",
        "key KEY as it is → another value",
        "CronJob nightly not declared any more",
    ]
    assert [key_of(one).name for one in differing(NOW, after)] == ["gateway", "keys", "auth"]


def test_more_than_many_fields_is_no_equal_build() -> None:
    """A change that is only counted still counts."""
    many = {**SETTINGS, "data": {f"K{number}": "1" for number in range(40)}}
    assert rendered_lines((many,), ({**many, "data": dict.fromkeys(many["data"], "2")},))[-1].text.startswith("and ")


def test_exactly_the_wanted_images_may_differ() -> None:
    """Both containers of both workloads; one that stayed, or one field more, is told."""
    after = (workload("gateway", "v1"), workload("nightly", "v2", "CronJob"), SETTINGS, SECRET)
    assert more_than_images(NOW, after, {"r/gateway:v2": "r/gateway:v1"}) == ""
    assert "replicas" in more_than_images(NOW, (workload("gateway", "v1", replicas=1), *after[1:]), {"r/gateway:v2": "r/gateway:v1"})
    assert more_than_images(NOW, after, {"r/gateway:v2": "r/gateway:v1", "r/nightly:v2": "r/nightly:v1"}).startswith("CronJob nightly; ")
    assert more_than_images(NOW, NOW, {"r/gateway:v2": "r/gateway:v2"}) == "r/gateway:v2 is still there"
    assert more_than_images(NOW, after[:-1], {"r/gateway:v2": "r/gateway:v1"}) == "Secret keys not declared any more"
    assert images_of(NOW)["CronJob nightly", "migrate"] == "r/nightly:v2"


def test_an_image_patch_names_nothing_but_images() -> None:
    """Of a CronJob too, whose template stands deeper; nothing else becomes ours."""
    images = changed_images(workload("nightly", "v2", "CronJob"), workload("nightly", "v1", "CronJob"))
    patch = image_patch(workload("nightly", "v1", "CronJob"), images, "shop")
    assert patch["metadata"] == {"name": "nightly", "namespace": "shop"}
    pod = {"initContainers": [{"name": "migrate", "image": "r/nightly:v1"}], "containers": [{"name": "nightly", "image": "r/nightly:v1"}]}
    assert patch["spec"] == {"jobTemplate": {"spec": {"template": {"spec": pod}}}}
    assert images_in(patch) == images == {"migrate": "r/nightly:v1", "nightly": "r/nightly:v1"}
    assert image_patch(workload("gateway", "v1"), {"gateway": "r/gateway:v1"}, "")["spec"] == {
        "template": {"spec": {"containers": [{"name": "gateway", "image": "r/gateway:v1"}]}}
    }
