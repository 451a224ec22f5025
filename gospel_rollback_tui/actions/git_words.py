"""What all changes in git say alike: images in few words, what would run after them, and which debt they pay."""

import shlex
from collections.abc import Sequence

from gospel_rollback_tui.actions.git_estate import Rendering, built_images
from gospel_rollback_tui.domain.branch_states import ServiceImages
from gospel_rollback_tui.domain.debts import GIT_DEBT
from gospel_rollback_tui.domain.estate import Environment
from gospel_rollback_tui.domain.images import image_reference
from gospel_rollback_tui.domain.preview import Notice
from gospel_rollback_tui.domain.runbook import Step


def image_words(images: ServiceImages) -> str:
    """Returns images in few words: `gateway v2.14.0, auth v2.14.0`, or one tag where all have the same."""
    labels = {name: image_reference(image).label for name, image in images.items()}
    if len(labels) > 1 and len(set(labels.values())) == 1:
        return f"all {next(iter(labels.values()))}"
    return ", ".join(f"{name} {label}" for name, label in labels.items())


def differs_from_running(environment: Environment, rendering: Rendering, running: ServiceImages) -> str:
    """Returns which services would run something else than git says; empty: none, or it cannot be told."""
    if rendering.after is None:
        return ""
    declared = built_images(environment, rendering.after)
    return image_words({name: image for name, image in running.items() if declared.get(name, "") != image})


def paid(environment: Environment, rendering: Rendering, running: ServiceImages) -> tuple[str, ...]:
    """Returns the debts that are paid once the branch says it: `git`, unless something else runs."""
    return () if differs_from_running(environment, rendering, running) else (GIT_DEBT.id,)


def not_what_runs(step: Step, environment: Environment, rendering: Rendering, running: ServiceImages) -> str:
    """Returns why a step that is there to make git say what runs may not be taken; empty: it may, or is there for something else."""
    differing = differs_from_running(environment, rendering, running) if GIT_DEBT.id in step.pays else ""
    return f"This step makes git say what runs, and {differing} runs: git would say something else." if differing else ""


def paid_notice(environment: Environment, rendering: Rendering, running: ServiceImages) -> tuple[Notice, ...]:
    """Returns the line that says what will be deployed by it, where something else runs now."""
    differing = differs_from_running(environment, rendering, running)
    return (Notice("Runs now", f"{differing}: Argo CD's next sync changes that"),) if differing else ()


def pin_by_hand(branch: str, overlay: str, images: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """Returns the commands that write images into the overlay in a work tree of the operator's own; (name in the base, image) each."""
    sets = " ".join(shlex.quote(f"{name}={image}") for name, image in images)
    return (
        "git fetch --prune --tags origin",
        f"git worktree add --detach ../rollback origin/{shlex.quote(branch)}",
        f"(cd ../rollback/{shlex.quote(overlay)} && kustomize edit set image {sets} && git diff)",
        "git -C ../rollback commit -am 'Pin images'",
        f"git -C ../rollback push origin HEAD:{shlex.quote(branch)}",
    )
