"""What a reviewer should know about how a document was read. Flags, never reasons to refuse it."""

from enum import StrEnum


class Notice(StrEnum):
    """What a reviewer should know about how a document was read."""

    HIDDEN_TEXT = "hidden-text"
    PARTLY_HIDDEN_TEXT = "partly-hidden-text"
    TRACKED_CHANGES = "tracked-changes"
    COMMENTS = "has-comments"
    COMMENTS_LEFT_OUT = "comments-left-out"
    EMBEDDED_DOCUMENT = "embedded-document"
    UNREAD_GRAPHICS = "unread-graphics"
    OWNER_PASSWORD = "owner-password"  # noqa: S105 - a notice, not a secret
    ACTIVE_CONTENT = "active-content"
    SIGNED = "signed"
    RUNNING_LINES = "running-lines"
    PAGES_WITHOUT_TEXT = "pages-without-text"
    RULES_UNFINISHED = "rules-unfinished"


NOTICE_TEXT: dict[Notice, str] = {
    Notice.HIDDEN_TEXT: "Some paragraphs are hidden text. They are shown and marked here, and not sent to the model.",
    Notice.PARTLY_HIDDEN_TEXT: "Some paragraphs hold hidden words. They are marked here, and not sent to the model.",
    Notice.TRACKED_CHANGES: "The document has tracked changes. Inserted text is reviewed, deleted text is not.",
    Notice.COMMENTS: "The document already has comments. They are shown with the words they are about, and stay in "
    "the reviewed document.",
    Notice.COMMENTS_LEFT_OUT: "It has more comments than are shown here. All of them stay in the reviewed document.",
    Notice.EMBEDDED_DOCUMENT: "Another document is embedded in this one. Its text is not reviewed.",
    Notice.UNREAD_GRAPHICS: "There are charts, diagrams or embedded files. What is written in them is not reviewed.",
    Notice.OWNER_PASSWORD: "The PDF restricts what may be done with it, though it opens without a password. "
    "The reviewed PDF has the same pages, but no restrictions and no encryption.",
    Notice.ACTIVE_CONTENT: "The PDF starts a script or another action by itself. It was not run, and the reviewed "
    "PDF is without it.",
    Notice.SIGNED: "The document is digitally signed. The signature holds for the file you uploaded, not for the "
    "reviewed copy, which is shown as changed since.",
    Notice.RUNNING_LINES: "Lines repeated at the top or bottom of the pages are shown and marked, and not reviewed.",
    Notice.PAGES_WITHOUT_TEXT: "Some pages hold no text, perhaps scans. They are not reviewed.",
    Notice.RULES_UNFINISHED: "The document is large: the instant checks were stopped before its end. What they found "
    "is shown, and Review all looks at every section.",
}
