"""What a pod template needs beside itself."""

from gospel_rollback_tui.domain.references import Reference, references_of
from tests.domain.cluster_objects import a_template


def test_every_kind_of_reference_is_found() -> None:
    """Variables, volumes, projections, claims, pull secrets, the account and the priority."""
    template = a_template(
        envFrom=[{"configMapRef": {"name": "cm-env"}}, {"secretRef": {"name": "s-env", "optional": True}}],
        env=[
            {"name": "A", "valueFrom": {"configMapKeyRef": {"name": "cm-key", "key": "a"}}},
            {"name": "B", "valueFrom": {"secretKeyRef": {"name": "s-key", "key": "b"}}},
            {"name": "C", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
        ],
    )
    template["spec"] |= {
        "initContainers": [{"name": "init", "envFrom": [{"configMapRef": {"name": "cm-init"}}]}],
        "volumes": [
            {"name": "v1", "configMap": {"name": "cm-vol", "items": [{"key": "k", "path": "p"}]}},
            {"name": "v2", "secret": {"secretName": "s-vol"}},
            {"name": "v3", "projected": {"sources": [{"secret": {"name": "s-proj"}}, {"configMap": {"name": "cm-proj", "optional": True}}]}},
            {"name": "v4", "persistentVolumeClaim": {"claimName": "claim"}},
            {"name": "v5", "csi": {"driver": "d", "nodePublishSecretRef": {"name": "s-csi"}}},
            {"name": "v6", "emptyDir": {}},
        ],
        "imagePullSecrets": [{"name": "pull"}],
        "serviceAccountName": "robot",
        "priorityClassName": "high",
    }
    found = {(one.kind, one.name, one.key, one.optional) for one in references_of(template)}
    assert found == {
        ("ConfigMap", "cm-env", "", False),
        ("ConfigMap", "cm-init", "", False),
        ("ConfigMap", "cm-key", "a", False),
        ("ConfigMap", "cm-proj", "", True),
        ("ConfigMap", "cm-vol", "k", False),
        ("PersistentVolumeClaim", "claim", "", False),
        ("PriorityClass", "high", "", False),
        ("Secret", "pull", "", False),
        ("Secret", "s-csi", "", False),
        ("Secret", "s-env", "", True),
        ("Secret", "s-key", "b", False),
        ("Secret", "s-proj", "", False),
        ("Secret", "s-vol", "", False),
        ("ServiceAccount", "robot", "", False),
    }


def test_a_need_hides_a_wish() -> None:
    """The same object named as optional in one place and needed in another is needed."""
    template = a_template(envFrom=[{"configMapRef": {"name": "c", "optional": True}}, {"configMapRef": {"name": "c"}}])
    assert references_of(template) == (Reference("ConfigMap", "c", where="web envFrom"),)
