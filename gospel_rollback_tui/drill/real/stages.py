"""What kwok makes of the estate's pods: one set of Stage objects a script, built from the package's templates."""

import json
from collections.abc import Sequence

import yaml

from gospel_rollback_tui.drill.kubernetes.documents import Json
from gospel_rollback_tui.drill.real.documents import read_text
from gospel_rollback_tui.drill.script import Behaviour, PodFate, image_name

ORDINARY_READY_AFTER = 0.3
"""Seconds to Ready below which a pod needs no stage of its own."""

PULL_MESSAGE = 'failed to pull and unpack image "{image}": failed to resolve reference "{image}": {image}: not found'


def is_slow(behaviour: Behaviour) -> bool:
    """Says whether pods of this behaviour start as any other and only take longer to be Ready."""
    return behaviour.fate is PodFate.READY and behaviour.ready_after > ORDINARY_READY_AFTER


def has_stages(behaviour: Behaviour) -> bool:
    """Says whether kwok must treat the behaviour's pods otherwise; what cannot be scheduled never reaches kwok."""
    return is_slow(behaviour) or behaviour.fate in (PodFate.CRASH_LOOP, PodFate.IMAGE_PULL)


def stages(behaviours: Sequence[Behaviour]) -> list[Json]:
    """Returns every Stage for an estate in which exactly these behaviours differ from a healthy service."""
    special = [behaviour for behaviour in behaviours if has_stages(behaviour)]
    images = [image_name(behaviour.service, behaviour.tag) for behaviour in special]
    documents = list(yaml.safe_load_all(read_text("stages-general.yaml").replace("ORDINARY", _none_of(images))))
    for behaviour, image in zip(special, images, strict=True):
        documents += yaml.safe_load_all(_fate_template(behaviour, image))
    return documents


def _none_of(images: Sequence[str]) -> str:
    """Returns the selector line for pods none of whose images is among these."""
    if not images:
        return "{key: .metadata.uid, operator: Exists}"
    condition = " or ".join(f'. == "{image}"' for image in images)
    return json.dumps({"key": f".spec.containers[].image | select({condition})", "operator": "DoesNotExist"})


def _fate_template(behaviour: Behaviour, image: str) -> str:
    """Returns the filled template of a behaviour's fate."""
    name = f"{behaviour.service}-{behaviour.tag}"
    if is_slow(behaviour):
        text = read_text("stages-slow.yaml").replace("DELAY", str(round(behaviour.ready_after * 1000)))
    elif behaviour.fate is PodFate.CRASH_LOOP:
        text = read_text("stages-crash.yaml")
    else:
        message = behaviour.message or PULL_MESSAGE.format(image=image)
        text = read_text("stages-pull.yaml").replace("MESSAGE", json.dumps(message))
    return text.replace("IMAGE", image).replace("-NAME}", f"-{name}}}")
