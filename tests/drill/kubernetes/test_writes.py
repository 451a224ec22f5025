"""Creating, patching, replacing and deleting over HTTP: statuses, messages and what is stored, as recorded from the real server."""

from typing import Any

import pytest

from tests.drill.kubernetes.builders import (
    APPLICATIONS,
    CONFIG_MAPS,
    DEPLOYMENTS,
    NAMESPACE,
    PODS,
    WEB,
    a_config_map,
    a_container,
    a_deployment,
    an_application,
    image_patch,
)
from tests.drill.kubernetes.client import APPLY, JSON_PATCH, MERGE, STRATEGIC, Client
from tests.drill.kubernetes.conftest import Cluster
from tests.drill.waiting import wait_for

MODIFIED = (
    'Operation cannot be fulfilled on deployments.apps "web": the object has been modified; please apply your changes to the latest version and try again'
)
REJECTED = "the server rejected our request due to an error in our request"


@pytest.fixture
def web(cluster: Cluster) -> dict[str, Any]:
    """The Deployment `web`, rolled out."""
    containers = [a_container(env=[{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]), a_container("side", "ecr.test/side:v1")]
    return cluster.create_rolled_out(a_deployment(containers=containers, replicas=1))


def test_an_object_gets_defaults_and_metadata_when_it_is_created(client: Client) -> None:
    """Clients compare templates field by field, so every default has to be there, and nothing that the real types leave out."""
    deployment = a_deployment(containers=[a_container(ports=[{"containerPort": 80}], env=[], readinessProbe={"httpGet": {"port": 80}})])
    deployment["spec"]["template"]["metadata"]["creationTimestamp"] = None
    created = client.post(DEPLOYMENTS, deployment)
    assert created.status == 201
    document = created.json
    assert (document["metadata"]["generation"], document["status"]) == (1, {})
    assert document["metadata"]["uid"]
    assert document["metadata"]["resourceVersion"].isdecimal()
    assert document["spec"]["strategy"] == {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": "25%"}}
    assert (document["spec"]["revisionHistoryLimit"], document["spec"]["progressDeadlineSeconds"]) == (10, 600)
    assert document["spec"]["template"] == {
        "metadata": {"labels": {"app": "web"}},
        "spec": {
            "containers": [
                {
                    "name": "web",
                    "image": "ecr.test/web:v1",
                    "imagePullPolicy": "IfNotPresent",
                    "ports": [{"containerPort": 80, "protocol": "TCP"}],
                    "readinessProbe": {
                        "httpGet": {"port": 80, "path": "/", "scheme": "HTTP"},
                        "timeoutSeconds": 1,
                        "periodSeconds": 10,
                        "successThreshold": 1,
                        "failureThreshold": 3,
                    },
                    "resources": {},
                    "terminationMessagePath": "/dev/termination-log",
                    "terminationMessagePolicy": "File",
                }
            ],
            "restartPolicy": "Always",
            "terminationGracePeriodSeconds": 30,
            "dnsPolicy": "ClusterFirst",
            "securityContext": {},
            "schedulerName": "default-scheduler",
        },
    }


@pytest.mark.parametrize(
    ("path", "document", "status", "reason", "message"),
    [
        (DEPLOYMENTS, a_deployment(), 409, "AlreadyExists", 'deployments.apps "web" already exists'),
        ("/api/v1/namespaces/nowhere/configmaps", {"metadata": {"name": "a"}}, 404, "NotFound", 'namespaces "nowhere" not found'),
        (
            CONFIG_MAPS,
            {"metadata": {"name": "a", "namespace": "other"}},
            400,
            "BadRequest",
            "the namespace of the provided object does not match the namespace sent on the request",
        ),
        (
            DEPLOYMENTS,
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}},
            400,
            "BadRequest",
            'ConfigMap in version "v1" cannot be handled as a Deployment: converting (v1.ConfigMap) to (apps.Deployment): unknown conversion',
        ),
        (
            DEPLOYMENTS,
            {"metadata": {"name": "a"}},
            422,
            "Invalid",
            (
                'Deployment.apps "a" is invalid: [spec.selector: Required value, spec.template.metadata.labels: Invalid value: null: '
                "`selector` does not match template `labels`, spec.template.spec.containers: Required value]"
            ),
        ),
        (CONFIG_MAPS, {"metadata": {}}, 422, "Invalid", 'ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required'),
    ],
)
def test_a_creation_is_refused_in_the_servers_words(
    web: dict[str, Any], client: Client, path: str, document: dict[str, Any], status: int, reason: str, message: str
) -> None:
    """Every refusal is a Status with the code, the reason and the message that the real server gives."""
    refused = client.post(path, document)
    assert (refused.status, refused.json["code"], refused.json["reason"], refused.message) == (status, status, reason, message)


@pytest.mark.parametrize(
    ("patch", "content_type", "status", "reason", "message"),
    [
        ({"metadata": {"resourceVersion": "1"}, "spec": {"replicas": 3}}, MERGE, 409, "Conflict", MODIFIED),
        ({"metadata": {"resourceVersion": "1"}, "spec": {"replicas": 3}}, STRATEGIC, 409, "Conflict", MODIFIED),
        ([{"op": "replace", "path": "/metadata/resourceVersion", "value": "1"}], JSON_PATCH, 409, "Conflict", MODIFIED),
        ([{"op": "test", "path": "/metadata/uid", "value": "x"}], JSON_PATCH, 422, "Invalid", REJECTED),
        ([{"op": "replace", "path": "/spec/nowhere/deep", "value": 1}], JSON_PATCH, 422, "Invalid", REJECTED),
        ([{"op": "add", "path": "/metadata/annotations/a/b", "value": 1}], JSON_PATCH, 422, "Invalid", REJECTED),
        ({"spec": {}}, "application/json", 415, "UnsupportedMediaType", "415: Unsupported Media Type"),
        (
            {"apiVersion": "apps/v1", "kind": "Deployment"},
            APPLY,
            422,
            "Invalid",
            'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
        ),
        (
            {"spec": {"replicas": -1}},
            MERGE,
            422,
            "Invalid",
            'Deployment.apps "web" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
        ),
        (
            {"spec": {"strategy": {"rollingUpdate": {"maxSurge": 0, "maxUnavailable": 0}}}},
            MERGE,
            422,
            "Invalid",
            'Deployment.apps "web" is invalid: spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0',
        ),
        (
            {"spec": {"template": {"spec": {"containers": [{"name": "wbe"}]}}}},
            STRATEGIC,
            422,
            "Invalid",
            'Deployment.apps "web" is invalid: spec.template.spec.containers[0].image: Required value',
        ),
        (
            {"spec": {"selector": {"matchLabels": {"app": "other"}}}},
            MERGE,
            422,
            "Invalid",
            (
                'Deployment.apps "web" is invalid: [spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template '
                '`labels`, spec.selector: Invalid value: {"matchLabels":{"app":"other"}}: field is immutable]'
            ),
        ),
    ],
)
def test_a_patch_is_refused_in_the_servers_words(
    web: dict[str, Any], client: Client, patch: object, content_type: str, status: int, reason: str, message: str
) -> None:
    """A refused patch changes nothing and says why as the real server does."""
    refused = client.patch(WEB, patch, content_type)
    assert (refused.status, refused.json["reason"], refused.message) == (status, reason, message)
    assert client.get(WEB).json["spec"] == web["spec"]


def test_the_causes_of_a_refusal_are_listed(web: dict[str, Any], client: Client) -> None:
    """Validation tells every fault with its field and reason."""
    details = client.patch(WEB, {"spec": {"replicas": -1, "minReadySeconds": -2}}).json["details"]
    assert (details["name"], details["group"], details["kind"]) == ("web", "apps", "Deployment")
    assert [(cause["reason"], cause["field"]) for cause in details["causes"]] == [
        ("FieldValueInvalid", "spec.replicas"),
        ("FieldValueInvalid", "spec.minReadySeconds"),
    ]


def test_a_value_of_the_wrong_type_quotes_the_whole_object(web: dict[str, Any], client: Client) -> None:
    """A patch that leaves a text where a number belongs is 422 with kilobytes of text, as in reality."""
    refused = client.patch(WEB, {"spec": {"replicas": "three"}})
    assert refused.status == 422
    assert refused.message.startswith(' "" is invalid: patch: Invalid value: "{\\"')
    assert refused.message.endswith("json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32")


def test_a_patch_without_effect_changes_no_version(web: dict[str, Any], client: Client) -> None:
    """200, the same resourceVersion, the same generation."""
    assert client.patch(WEB, {"spec": {"replicas": 1}}).json["metadata"] == web["metadata"]


def test_set_image_keeps_environment_and_sidecar(web: dict[str, Any], client: Client) -> None:
    """A strategic patch of one container leaves the others alone."""
    patched = client.patch(WEB, image_patch("ecr.test/web:v2"), STRATEGIC).json["spec"]["template"]["spec"]["containers"]
    before = web["spec"]["template"]["spec"]["containers"]
    assert patched == [{**before[0], "image": "ecr.test/web:v2"}, before[1]]


def test_a_guarded_json_patch_holds_while_status_moves(web: dict[str, Any], client: Client, cluster: Cluster) -> None:
    """`test` on uid and template, both as read, succeeds though status writes have moved the version, and fails when the template moved."""
    guards = [
        {"op": "test", "path": "/metadata/uid", "value": web["metadata"]["uid"]},
        {"op": "test", "path": "/spec/template", "value": web["spec"]["template"]},
    ]
    image = "/spec/template/spec/containers/0/image"
    status = client.patch(WEB + "/status", {"status": {"observedGeneration": 1, "conditions": []}})
    assert status.status == 200
    wait_for(cluster.rolled_out)
    patched = client.patch(WEB, [*guards, {"op": "replace", "path": image, "value": "ecr.test/web:v2"}], JSON_PATCH)
    assert patched.status == 200
    refused = client.patch(WEB, [*guards, {"op": "replace", "path": image, "value": "ecr.test/web:v3"}], JSON_PATCH)
    assert (refused.status, refused.json["details"]) == (422, {})


def test_a_left_over_hash_label_and_nulls_are_accepted_in_a_template(web: dict[str, Any], client: Client) -> None:
    """Kubectl's undo sends `creationTimestamp: null`, and a template taken from a ReplicaSet may bring its hash label."""
    value = {"metadata": {"creationTimestamp": None, "labels": {"app": "web", "pod-template-hash": "x"}}, "spec": {"containers": [a_container()]}}
    patched = client.patch(WEB + "?dryRun=All", [{"op": "replace", "path": "/spec/template", "value": value}], JSON_PATCH)
    assert patched.status == 200
    assert patched.json["spec"]["template"]["metadata"] == {"labels": {"app": "web", "pod-template-hash": "x"}}


def test_a_dry_run_answers_as_if_and_stores_nothing(web: dict[str, Any], client: Client, cluster: Cluster) -> None:
    """The answer has the new spec and the next generation, but the stored version and status; nothing else moves."""
    cluster.api.settle(10)
    version = cluster.api.store.version
    stored = client.get(WEB).json
    answered = client.patch(WEB + "?dryRun=All", image_patch("ecr.test/web:v2"), STRATEGIC).json
    assert answered["spec"]["template"]["spec"]["containers"][0]["image"] == "ecr.test/web:v2"
    assert answered["metadata"]["generation"] == stored["metadata"]["generation"] + 1
    assert answered["metadata"]["resourceVersion"] == stored["metadata"]["resourceVersion"]
    assert answered["metadata"]["annotations"] == stored["metadata"]["annotations"]
    assert answered["status"] == stored["status"]
    assert client.send("POST", CONFIG_MAPS + "?dryRun=All", a_config_map("new")).status == 201
    assert client.send("DELETE", WEB + "?dryRun=All").json["status"] == "Success"
    assert client.send("PUT", WEB + "?dryRun=All", {**stored, "spec": {**stored["spec"], "replicas": 7}}).json["spec"]["replicas"] == 7
    assert cluster.api.store.version == version
    assert client.get(WEB).json == stored
    refused = client.patch(WEB + "?dryRun=Some", {"spec": {}})
    assert (refused.status, refused.message) == (
        422,
        'PatchOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: ["Some"]: supported values: "All"',
    )


@pytest.mark.parametrize(
    ("patch", "raised"),
    [
        ({"spec": {"replicas": 2}}, True),
        ({"metadata": {"annotations": {"kubernetes.io/change-cause": "release"}}}, True),
        ({"metadata": {"labels": {"team": "graph"}}}, False),
        ({"status": {"replicas": 9}}, False),
    ],
)
def test_the_generation_of_a_deployment_follows_spec_and_annotations(web: dict[str, Any], client: Client, patch: dict[str, Any], raised: bool) -> None:
    """Spec and annotations raise it; labels and a status sent to the object do not."""
    after = client.patch(WEB, patch).json
    assert (after["metadata"]["generation"] > web["metadata"]["generation"]) is raised
    assert after["status"]["replicas"] == 1


def test_the_status_subresource_changes_status_alone(web: dict[str, Any], client: Client) -> None:
    """A spec sent to `/status` is ignored, and the generation stays."""
    after = client.patch(WEB + "/status", {"spec": {"replicas": 5}, "status": {"observedGeneration": 1, "unavailableReplicas": 4}}).json
    assert after["spec"] == web["spec"]
    assert after["metadata"]["generation"] == web["metadata"]["generation"]
    assert after["status"]["unavailableReplicas"] == 4


def test_an_unknown_field_is_dropped(web: dict[str, Any], client: Client) -> None:
    """A misspelt field is no change at all."""
    assert client.patch(WEB, {"spec": {"bogus": 1, "template": {"spec": {"bogus": 2}}}}).json["metadata"] == web["metadata"]


def test_the_scale_subresource_reads_and_writes_replicas(web: dict[str, Any], client: Client) -> None:
    """`kubectl scale` patches a Scale, and is refused as a Scale."""
    scale = client.get(WEB + "/scale").json
    assert (scale["kind"], scale["apiVersion"], scale["spec"], scale["status"]["selector"]) == ("Scale", "autoscaling/v1", {"replicas": 1}, "app=web")
    assert client.patch(WEB + "/scale", {"spec": {"replicas": 2}}).json["spec"]["replicas"] == 2
    assert client.get(WEB).json["spec"]["replicas"] == 2
    refused = client.patch(WEB + "/scale", {"spec": {"replicas": -2}})
    assert (refused.status, refused.message) == (
        422,
        'Scale.autoscaling "web" is invalid: spec.replicas: Invalid value: -2: must be greater than or equal to 0',
    )


def test_a_put_replaces_and_is_refused_when_stale(web: dict[str, Any], client: Client, cluster: Cluster) -> None:
    """A PUT rests on the version it was read at, unless it states none."""
    stale = {**web, "metadata": {**web["metadata"], "resourceVersion": "1"}}
    assert client.send("PUT", WEB, stale).message == MODIFIED
    metadata = {key: value for key, value in web["metadata"].items() if key != "resourceVersion"}
    unversioned = {**web, "metadata": metadata, "spec": {**web["spec"], "paused": True}}
    assert client.send("PUT", WEB, unversioned).json["spec"]["paused"] is True
    misnamed = client.send("PUT", WEB, {**web, "metadata": {"name": "other"}})
    assert (misnamed.status, misnamed.message) == (400, "the name of the object (other) does not match the name on the URL (web)")


def test_a_deletion_minds_its_preconditions(web: dict[str, Any], client: Client) -> None:
    """Another uid or version in the preconditions is a conflict; without them the object goes."""
    uid = web["metadata"]["uid"]
    refused = client.send("DELETE", WEB, {"preconditions": {"uid": "abc"}})
    assert refused.status == 409
    assert refused.message == (
        f'Operation cannot be fulfilled on Deployment.apps "web": the UID in the precondition (abc) does not match the UID in record ({uid}). '
        "The object might have been deleted and then recreated"
    )
    assert refused.json["details"]["kind"] == "Deployment"
    assert "the ResourceVersion in the precondition (1)" in client.send("DELETE", WEB, {"preconditions": {"resourceVersion": "1"}}).message
    gone = client.send("DELETE", WEB, {"preconditions": {"uid": uid}}).json
    assert (gone["status"], gone["details"]) == ("Success", {"name": "web", "group": "apps", "kind": "deployments", "uid": uid})
    missing = client.get(WEB)
    assert (missing.status, missing.message) == (404, 'deployments.apps "web" not found')
    assert missing.json["details"] == {"name": "web", "group": "apps", "kind": "deployments"}


def test_what_an_object_owned_goes_with_it(web: dict[str, Any], client: Client, cluster: Cluster) -> None:
    """ReplicaSets and pods of a deleted Deployment are collected; with `Orphan` they stay."""
    assert client.send("DELETE", WEB, {"propagationPolicy": "Orphan"}).status == 200
    cluster.api.settle(10)
    assert len(cluster.pods()) == 1
    (replica_set,) = cluster.api.registry.list("replicasets", NAMESPACE)
    assert not replica_set["metadata"].get("ownerReferences")
    client.send("DELETE", f"/apis/apps/v1/namespaces/{NAMESPACE}/replicasets/{replica_set['metadata']['name']}")
    wait_for(lambda: not cluster.pods())


def test_a_pod_lingers_for_its_grace_period(web: dict[str, Any], client: Client, cluster: Cluster) -> None:
    """Deleting a pod answers with the pod, its deletion time ahead; forced, it is gone at once."""
    (pod,) = cluster.pods()
    path = f"{PODS}/{pod['metadata']['name']}"
    doomed = client.send("DELETE", path).json
    assert doomed["metadata"]["deletionGracePeriodSeconds"] == 30
    assert doomed["metadata"]["deletionTimestamp"] > doomed["metadata"]["creationTimestamp"]
    client.send("DELETE", path, {"gracePeriodSeconds": 0})
    assert client.get(path).status == 404


def test_an_object_with_finalizers_waits_for_them(client: Client) -> None:
    """The deletion time is set; the object goes when the last finalizer is taken off."""
    client.post(CONFIG_MAPS, {"metadata": {"name": "held", "finalizers": ["drill/hold"]}})
    path = f"{CONFIG_MAPS}/held"
    assert client.send("DELETE", path).json["metadata"]["deletionTimestamp"]
    assert client.get(path).status == 200
    client.patch(path, {"metadata": {"finalizers": None}})
    assert client.get(path).status == 404


def test_a_namespace_takes_its_content_along(client: Client, cluster: Cluster) -> None:
    """A deleted namespace empties itself and goes."""
    client.post("/api/v1/namespaces", {"metadata": {"name": "short-lived"}})
    client.post("/api/v1/namespaces/short-lived/configmaps", a_config_map("a") | {"metadata": {"name": "a"}})
    assert client.send("DELETE", "/api/v1/namespaces/short-lived").json["status"]["phase"] == "Terminating"
    wait_for(lambda: client.get("/api/v1/namespaces/short-lived").status == 404)
    assert not cluster.api.registry.list("configmaps", "short-lived")


def test_every_write_of_an_application_raises_its_generation(client: Client) -> None:
    """The resource has no status subresource: generation says nothing about its spec."""
    client.post(APPLICATIONS, an_application())
    path = f"{APPLICATIONS}/gw"
    off = client.patch(path, {"spec": {"syncPolicy": {"automated": {"enabled": False}}}}).json
    assert off["spec"]["syncPolicy"]["automated"] == {"prune": True, "selfHeal": True, "enabled": False}
    assert client.patch(path, {"status": {"sync": {"status": "OutOfSync"}}}).json["metadata"]["generation"] == 3
    assert client.patch(path, {"metadata": {"annotations": {"a": "b"}}}).json["metadata"]["generation"] == 3
    assert "automated" not in client.patch(path, {"spec": {"syncPolicy": {"automated": None}}}).json["spec"]["syncPolicy"]
    strategic = client.patch(path, {"spec": {}}, STRATEGIC)
    assert strategic.status == 415
    assert strategic.message.endswith("application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml")
    assert client.patch(f"{path}/status", {}).message == 'applications.argoproj.io "gw" not found'


def test_server_side_apply_creates_and_merges(client: Client) -> None:
    """An apply patch creates what is absent and merges into what is there, noting its manager."""
    path = f"{CONFIG_MAPS}/applied?fieldManager=tester&force=true"
    assert client.patch(path, a_config_map("applied", a="1"), APPLY).status == 201
    merged = client.patch(path, a_config_map("applied", b="2"), APPLY)
    assert (merged.status, merged.json["data"]) == (200, {"a": "1", "b": "2"})
    assert {(entry["manager"], entry["operation"]) for entry in merged.json["metadata"]["managedFields"]} >= {("tester", "Apply")}


def test_the_manager_of_a_write_is_noted(web: dict[str, Any], client: Client) -> None:
    """`managedFields` tells who wrote last: the stated manager, or the program's name."""
    client.patch(WEB + "?fieldManager=kubectl-set", image_patch("ecr.test/web:v2"), STRATEGIC)
    client.send("PATCH", WEB, {"spec": {"replicas": 2}}, content_type=MERGE, User_Agent="gospel-rollback/0.1 (linux)")
    managers = [entry["manager"] for entry in client.get(WEB).json["metadata"]["managedFields"]]
    assert {"kubectl-set", "gospel-rollback"} <= set(managers)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (f"{DEPLOYMENTS}/nope", 'deployments.apps "nope" not found'),
        (f"/apis/apps/v1/namespaces/{NAMESPACE}/bogus", "the server could not find the requested resource"),
        (f"{WEB}/bogus", "the server could not find the requested resource"),
        ("/apis/bogus.example/v1/things", "404 page not found\n"),
        ("/bogus", "404 page not found\n"),
    ],
)
def test_what_does_not_exist_is_told_in_two_ways(client: Client, path: str, text: str) -> None:
    """Objects and resources of known groups are a Status, everything else a plain text."""
    missing = client.get(path)
    assert missing.status == 404
    assert (missing.text if text.endswith("\n") else missing.message) == text


def test_a_method_that_a_collection_does_not_have_is_refused(client: Client) -> None:
    """PUT and PATCH of a whole collection are 405."""
    assert client.send("PUT", DEPLOYMENTS, {}).json["reason"] == "MethodNotAllowed"


def test_malformed_bodies_are_bad_requests_and_the_server_lives_on(client: Client) -> None:
    """What is no JSON, or no object, is 400; the next request is answered."""
    assert client.send("POST", DEPLOYMENTS, b"{{").status == 400
    assert client.send("POST", DEPLOYMENTS, b"[]").status == 400
    assert client.send("PATCH", f"{DEPLOYMENTS}/nope", b"nonsense", content_type=MERGE).status == 400
    assert client.get(DEPLOYMENTS).status == 200
