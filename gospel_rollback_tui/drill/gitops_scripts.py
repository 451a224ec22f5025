"""The scripts of scenario 1 in which delivery gets in the way: Argo CD, what owns the Application, git, and other people."""

from dataclasses import replace

from gospel_rollback_tui.drill.bad_code import MINUTE, READY_BUT_FAILING, ROLLOUT
from gospel_rollback_tui.drill.script import BAD_TAG, Script
from gospel_rollback_tui.drill.script_delivery import GitScene, LaterCommit, Owner, SyncScene, WindowScene

ANSWERS_500 = f"The gateway's release {BAD_TAG} answers 500."
SETTINGS_FILE = "infra/k8s/overlays/production/release.yaml"
"""What every release sets anew beside the images' tags."""

_MANUAL = SyncScene(automated=False)


def _script(name: str, title: str, story: str, sync: SyncScene | None = None, git: GitScene | None = None, faults: tuple[str, ...] = ()) -> Script:
    """Return the drill's first incident, delivered in another way."""
    base = READY_BUT_FAILING
    return replace(base, id=name, title=title, story=f"{ANSWERS_500} {story}", sync=sync or base.sync, git=git or base.git, faults=faults)


ROLLBACK_REFUSED = _script(
    "rollback-refused",
    "Argo CD refuses the rollback",
    "Argo CD syncs every commit by itself but heals nothing, and what it is asked for by hand it may refuse.",
    SyncScene(self_heal=False),
)

MERGE_COMMIT = _script(
    "merge-commit",
    "the bad release came by a merge",
    "It came to the branch as a merge of a pull request, and Argo CD heals what does not come from there.",
    git=GitScene(merged=True),
)

PROTECTED_BRANCH = _script(
    "protected-branch",
    "nobody may push to the branch",
    "The branch takes changes through pull requests only; a reviewer is awake and looks at them within half a minute.",
    git=GitScene(protected=True, reviewed_after=20.0),
)

PARENT_ENABLES = _script(
    "parent-enables",
    "an app-of-apps parent puts auto-sync back",
    "The Application is itself kept in git, by a parent that heals it. Whatever is switched off in it may be on again in a moment.",
    SyncScene(owner=Owner.PARENT),
)

APPLICATION_SET = _script(
    "applicationset",
    "an ApplicationSet generates the Application",
    "The Application is generated, and the generator puts its spec back before a second look. Nobody on call may change the generator.",
    SyncScene(owner=Owner.APPLICATION_SET),
)

IMAGE_UPDATER = _script(
    "image-updater",
    "Image Updater commits the bad release again",
    "Argo CD Image Updater follows the registry and commits the newest tag to git every two minutes, whoever committed what before.",
    SyncScene(image_updater=120.0),
)

PUSH_CONFLICT = _script(
    "push-conflict",
    "somebody else pushes at the same time",
    "A colleague is at work on the same branch and pushes when it is least expected.",
    git=GitScene(somebody_pushes=True),
)

REVERT_CONFLICT = _script(
    "revert-conflict",
    "a later commit touches what the release touched",
    "After the release somebody changed a setting in the same lines of the overlay, and Argo CD has synced that too.",
    git=GitScene(
        later=(
            LaterCommit(
                before=ROLLOUT - MINUTE,
                author="Ines Okafor <ines@gospelib.invalid>",
                subject="log as JSON",
                path=SETTINGS_FILE,
                text=f"RELEASE: {BAD_TAG}\n  LOG_FORMAT: json",
                replaces=f"RELEASE: {BAD_TAG}",
            ),
        )
    ),
)

STUCK_OPERATION = _script(
    "stuck-operation",
    "the sync of the release never ends",
    "Its pods are out, but the sync that brought them still waits for a smoke test that hangs, and only one operation runs at a time.",
    SyncScene(automated=False, stuck="waiting for completion of hook batch/Job/smoke-test"),
)

SOMEBODY_SYNCS = _script(
    "somebody-syncs",
    "somebody presses Sync after the rollback",
    "Argo CD is synced by hand here. A colleague watches the Application, dislikes the yellow OutOfSync, and has a mouse.",
    replace(_MANUAL, somebody_syncs=20.0),
)

SYNC_WINDOW = _script(
    "sync-window",
    "a change freeze denies every sync",
    "The project has a deny window open, for ten more minutes. What is asked of Argo CD inside it may be answered and still not happen.",
    SyncScene(window=WindowScene(ends_after=10 * MINUTE)),
)

HISTORY_EMPTIED = _script(
    "history-emptied",
    "Argo CD remembers no deployment",
    "Somebody set the history limit to nought to save space: there is no earlier deployment left to ask Argo CD for.",
    replace(_MANUAL, history_limit=0),
)

GIT_DOWN = _script(
    "git-down",
    "the git server cannot be reached",
    "The git server is down as well. Argo CD still has what it saw of git before, and takes some requests and not others.",
    faults=("git-down",),
)

GITOPS_SCRIPTS = (
    ROLLBACK_REFUSED,
    MERGE_COMMIT,
    PROTECTED_BRANCH,
    PARENT_ENABLES,
    APPLICATION_SET,
    IMAGE_UPDATER,
    PUSH_CONFLICT,
    REVERT_CONFLICT,
    STUCK_OPERATION,
    SOMEBODY_SYNCS,
    SYNC_WINDOW,
    HISTORY_EMPTIED,
    GIT_DOWN,
)
"""In the order they are listed."""
