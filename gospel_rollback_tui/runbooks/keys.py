"""The keys of a runbook file and of the matrix, each with what it means."""

from gospel_rollback_tui.domain.danger import Danger
from gospel_rollback_tui.domain.runbook import Weight
from gospel_rollback_tui.domain.schema import Key, Kind

_DANGERS = tuple(level.word for level in Danger)
_WEIGHTS = tuple(weight.name.lower().replace("_", "-") for weight in Weight)

ASK_KEYS = (
    Key("question", Kind.TEXT, "what the operator is asked", required=True),
    Key("pattern", Kind.PATTERN, "regular expression that the whole answer must match", required=True),
    Key("example", Kind.TEXT, "an answer that matches", required=True),
)

STEP_KEYS = (
    Key("id", Kind.TEXT, "name of the step within its path", required=True),
    Key("title", Kind.TEXT, "what it does, in a line", required=True),
    Key("why", Kind.TEXT, "what it is for", required=True),
    Key("action", Kind.TEXT, "name of the action in the catalogue; `manual` for a step done by hand", required=True),
    Key("danger", Kind.CHOICE, "how dangerous it is; must be written for `manual`", choices=_DANGERS),
    Key("timeout", Kind.DURATION, "when its verification is given up; must be written for a step that changes something"),
    Key("usual", Kind.DURATION, "how long it usually takes"),
    Key("required", Kind.FLAG, "whether it cannot be skipped; true if not written"),
    Key("with", Kind.PAIRS, "parameters of the action"),
    Key("commands", Kind.TEXTS, "the exact commands, in order"),
    Key("look_for", Kind.TEXT, "how to tell that it worked; must be written for `manual`"),
    Key("undo", Kind.TEXT, "how it is put back"),
    Key("no_undo", Kind.TEXT, "why it cannot be put back"),
    Key("differs", Kind.TEXT, "where the written procedure would fail or do harm, in one line"),
    Key("covers", Kind.TEXTS, "commands of the written procedure that this step stands for, word for word"),
    Key("pays", Kind.TEXTS, "debts that are paid once it is done"),
    Key("leaves", Kind.TEXTS, "debts that it leaves behind when it is done by hand"),
)

PATH_KEYS = (
    Key("id", Kind.TEXT, "name of the path within its runbook", required=True),
    Key("title", Kind.TEXT, "the way back, in a line", required=True),
    Key("summary", Kind.TEXT, "what it puts back, and what it leaves", required=True),
    Key("suited", Kind.FLAGS, "facts, and the values of them, that make it suited"),
    Key("reverted_by", Kind.TEXT, "what would revert it"),
    Key("steps", Kind.MIXED, "its steps in order: written out, or names of shared steps and groups", required=True, keys=STEP_KEYS),
)

_SHARED_KEYS = (
    Key("asks", Kind.TABLE, "values that nothing reads live, by the name they have in commands", keys=ASK_KEYS),
    Key("shared", Kind.SECTIONS, "steps that several paths use by their id", keys=STEP_KEYS),
    Key("groups", Kind.TABLE, "several shared steps under one name", keys=(Key("steps", Kind.TEXTS, "names of steps and groups", required=True),)),
)

RUNBOOK_KEYS = (
    Key("id", Kind.TEXT, "id of the scenario, which is also the file's name", required=True),
    Key("title", Kind.TEXT, "the scenario, in a line", required=True),
    Key("summary", Kind.TEXT, "what is done about it", required=True),
    Key("objective", Kind.DURATION, "recovery objective; left out where it varies"),
    Key("paths", Kind.SECTIONS, "the ways back, the one to offer first at the top", required=True, keys=PATH_KEYS),
    *_SHARED_KEYS,
)

COMMON_KEYS = _SHARED_KEYS

RULE_KEYS = (
    Key("fact", Kind.TEXT, "name of a fact of `facts`", required=True),
    Key("is", Kind.FLAG, "the value that speaks", required=True),
    Key("weight", Kind.CHOICE, "what it says about the row", required=True, choices=_WEIGHTS),
    Key("words", Kind.TEXT, "what it says, in the operator's words", required=True),
)

ROW_KEYS = (
    Key("id", Kind.TEXT, "id of the scenario", required=True),
    Key("number", Kind.COUNT, "number of the row", required=True),
    Key("title", Kind.TEXT, "the scenario as the matrix names it", required=True),
    Key("objective", Kind.TEXT, "recovery time as the matrix gives it", required=True),
    Key("rules", Kind.SECTIONS, "what facts say about it", required=True, keys=RULE_KEYS),
)

ANSWER_KEYS = (
    Key("words", Kind.TEXT, "the answer", required=True),
    Key("fact", Kind.TEXT, "fact that it asserts; left out for `I do not know`"),
    Key("is", Kind.FLAG, "value that it asserts"),
)

QUESTION_KEYS = (
    Key("id", Kind.TEXT, "name of the question", required=True),
    Key("text", Kind.TEXT, "the question", required=True),
    Key("why", Kind.TEXT, "what depends on the answer", required=True),
    Key("facts", Kind.TEXTS, "facts shown beside it"),
    Key("answers", Kind.SECTIONS, "the answers in the order of their keys 1, 2, 3 …", required=True, keys=ANSWER_KEYS),
)

MATRIX_KEYS = (
    Key("facts", Kind.PAIRS, "every fact, and what it means when it is true", required=True),
    Key("rows", Kind.SECTIONS, "the rows in order", required=True, keys=ROW_KEYS),
    Key("questions", Kind.SECTIONS, "the wizard's questions in order", required=True, keys=QUESTION_KEYS),
)
