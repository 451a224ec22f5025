"""A unified diff as it is shown: paths once, lines by their tone, no noise, no secrets, no end."""

from gospel_rollback_tui.domain.patch_lines import patch_lines
from gospel_rollback_tui.domain.preview import Tone

PATCH = """diff --git a/infra/k8s/a b.yaml b/infra/k8s/a b.yaml
index 1..2 100644
--- a/infra/k8s/a b.yaml
+++ b/infra/k8s/a b.yaml
@@ -1 +1 @@ kind: X
-  newTag: v2
+  newTag: v1
+++ b/not/a/header
\\ No newline at end of file
diff --git a/logo.png b/logo.png
new file mode 100644
index 0000000..1
Binary files /dev/null and b/logo.png differ
"""


def test_paths_lines_and_binaries_are_told_apart() -> None:
    """A line that only looks like a header is a line of the file."""
    assert [(line.tone, line.text) for line in patch_lines(PATCH)] == [
        (Tone.SAME, "infra/k8s/a b.yaml"),
        (Tone.OLD, "  newTag: v2"),
        (Tone.NEW, "  newTag: v1"),
        (Tone.NEW, "++ b/not/a/header"),
        (Tone.SAME, "logo.png"),
        (Tone.CHANGED, "Binary files /dev/null and b/logo.png differ"),
    ]


def test_long_diffs_are_cut_and_secrets_taken_out() -> None:
    """What is cut is counted; escapes of a manifest never reach the screen."""
    text = "diff --git a/f b/f\n@@ -0,0 +1,9 @@\n+password: hunter22\n+\x1b[31mred\n" + "+line\n" * 50
    lines = patch_lines(text, most=5)
    assert [line.text for line in lines[1:3]] == ["password: «redacted»", "red"]
    assert lines[-1].text == "… 48 more lines"
    assert patch_lines("") == ()
