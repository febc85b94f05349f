"""Refusals that several routes share, by their codes in core.error_catalogue."""

DOCUMENT_REFUSALS = (
    "limits/uploads",
    "document/missing",
    "document/empty",
    "document/too-large",
    "document/unknown-type",
    "document/type-mismatch",
    "document/legacy-doc",
    "document/not-word",
    "document/macros",
    "document/encrypted",
    "document/damaged",
    "document/strict",
    "document/suspicious",
    "document/too-complex",
    "document/no-text",
    "document/reader-busy",
    "document/reader-failed",
)
TEXT_REFUSALS = (
    "limits/uploads",
    "document/no-text",
    "document/unknown-type",
    "document/too-complex",
    "document/reader-busy",
    "document/reader-failed",
)
GUIDELINE_REFUSALS = (
    "guidelines/too-large",
    "guidelines/too-long",
    "guidelines/unknown-type",
    "guidelines/unreadable",
    "guidelines/missing",
)
STORAGE = ("storage/unavailable", "storage/denied", "storage/damaged")
QUEUE = (*STORAGE, "queue/unavailable")
JSON_BODY = ("request/malformed", "request/unsupported-media", "request/too-large", "request/too-slow")
MY_SESSION = ("session/not-found", *STORAGE)
TO_CHANGE = (*MY_SESSION, "review/view-only", "review/signed-off")
AS_OWNER = (*MY_SESSION, "review/owner-only")
