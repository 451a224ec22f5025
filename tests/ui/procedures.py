"""The decision matrix and the runbooks of the screens' tests."""

from dataclasses import replace

from gospel_rollback_tui.domain.danger import Danger
from gospel_rollback_tui.domain.runbook import Answer, Ask, Library, Matrix, Path, Question, Row, Rule, Runbook, Step, Weight


def _rule(fact: str, weight: Weight, words: str, value: bool = True) -> Rule:
    return Rule(fact, value, weight, words)


def matrix() -> Matrix:
    """The six rows with a few rules each, and three questions."""
    rows = (
        Row(
            1,
            "bad-code",
            "Bad code",
            "< 2 minutes",
            (
                _rule("pods.only_new_fail", Weight.STRONG_FOR, "errors only from pods of the new ReplicaSet"),
                _rule("errors.after_release", Weight.STRONG_FOR, "errors began 71 s after the new ReplicaSet"),
                _rule("schema.same", Weight.STRONG_FOR, "schema head 23 before and after"),
                _rule("locks.held", Weight.STRONG_AGAINST, "PostgreSQL locks are held"),
            ),
        ),
        Row(
            2,
            "bad-code-reversible-migration",
            "Bad code, reversible",
            "< 10 minutes",
            (
                _rule("errors.after_release", Weight.WEAK_FOR, "errors began after the release"),
                _rule("schema.same", Weight.STRONG_AGAINST, "no migration between the releases"),
            ),
        ),
        Row(3, "bad-code-irreversible-migration", "Bad code, irreversible", "varies", (_rule("schema.same", Weight.RULES_OUT, "no migration"),)),
        Row(
            4,
            "infrastructure",
            "Infrastructure",
            "< 15 minutes",
            (
                _rule("config.edited", Weight.WEAK_FOR, "a ConfigMap was edited"),
                _rule("pods.only_new_fail", Weight.WEAK_AGAINST, "old pods are well"),
                _rule("nodes.ready", Weight.STRONG_FOR, "nodes are not ready", value=False),
                _rule("locks.held", Weight.STRONG_FOR, "PostgreSQL locks are held"),
            ),
        ),
        Row(5, "corrupted-graph", "Corrupted graph", "30–60 minutes", (_rule("graph.answers", Weight.RULES_OUT, "graph answers"),)),
        Row(6, "total-failure", "Total failure", "1–2 hours", (_rule("api.ready", Weight.RULES_OUT, "API server ready"),)),
    )
    questions = (
        Question(
            "since",
            "Since when do users fail?",
            "What began it tells most.",
            (
                Answer("1", "Since a release", "errors.after_release"),
                Answer("2", "Since something else changed", "errors.after_release", value=False),
                Answer("3", "I do not know"),
            ),
        ),
        Question(
            "database",
            "Did this release run a database migration?",
            "A schema that moved forbids a plain rollback.",
            (
                Answer("1", "Yes, and it can be rolled back", "schema.same", value=False),
                Answer("2", "Yes, and it cannot (columns or tables dropped, data rewritten)", "schema.irreversible"),
                Answer("3", "No", "schema.same"),
                Answer("4", "I do not know"),
            ),
            ("schema.same", "pods.only_new_fail", "errors.after_release", "locks.held"),
        ),
        Question(
            "fails",
            "What fails?",
            "Where users meet it.",
            (Answer("1", "One service", "pods.only_new_fail"), Answer("2", "Several", "pods.only_new_fail", value=False), Answer("3", "I do not know")),
        ),
    )
    return Matrix(rows, questions)


def library() -> Library:
    """Runbooks for each row; row 1 with two paths."""
    steps = (
        Step(
            "roll-back",
            "Freeze and roll back",
            "Puts back the pod template that ran from Friday 16:02 until 03:05.",
            "deployment.undo",
            Danger.REVERSIBLE,
            600,
            usual=25,
            undo="back to the captured template",
            differs="its first choice, Argo CD rollback, is refused while auto-sync is on: hence the freeze",
        ),
        Step("stability", "Hold for fifteen minutes", "Nothing may flap.", "stability.watch", Danger.OBSERVE, 7200, usual=900),
        Step(
            "git-equal",
            "Make git equal",
            "Git must say what runs before auto-sync may come back.",
            "manual",
            Danger.REVERSIBLE,
            600,
            commands=("git revert --no-edit 8d1f0c2", "git push origin HEAD:refs/heads/rollback/{environment}-{good_commit}"),
            look_for="Argo CD says Synced",
            undo="git revert the revert",
            pays=("git",),
            asks=(Ask("good_commit", "Which commit declared the images that run now?", "[0-9a-f]{7,40}", "4f1c2ab"),),
        ),
        Step(
            "auto-sync-on",
            "Auto-sync on",
            "Pays the debt.",
            "argocd.resume",
            Danger.REVERSIBLE,
            600,
            required=False,
            look_for="the application says Auto",
            no_undo="is itself the undo",
            pays=("auto-sync",),
        ),
    )
    bad_code = Runbook(
        "bad-code",
        "Bad code deploy, no database change",
        "A release fails and changed no schema.",
        120,
        (
            Path("patch", "Freeze auto-sync, patch back, git after", "2 calls now", steps, automated=True),
            Path("git", "Revert in git, let Argo CD sync", "no debt", steps[2:]),
        ),
    )
    others = tuple(
        Runbook(row.id, row.title, "", 600, (Path("by-hand", f"{row.title} by hand", "guided", (replace(steps[2], id="manual", title="Do it by hand"),)),))
        for row in matrix().rows[1:]
    )
    return Library(matrix(), (bad_code, *others))


def with_action(shown: Library, step: str, action: str) -> Library:
    """Returns the library with another action behind a step."""

    def changed(path: Path) -> Path:
        return replace(path, steps=tuple(replace(one, action=action) if one.id == step else one for one in path.steps))

    return replace(shown, runbooks=tuple(replace(book, paths=tuple(map(changed, book.paths))) for book in shown.runbooks))
