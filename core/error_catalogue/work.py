"""Errors of models, of tasks, of dead letters, and of the system itself."""

from core.error_catalogue.kind import ErrorKind

WORK: dict[str, ErrorKind] = {
    # models, and what they may cost
    "model/unavailable": ErrorKind(503, "The model did not answer", "Run it again in a few minutes."),
    "model/timeout": ErrorKind(503, "The model took too long to answer", "Run it again in a few minutes."),
    "model/throttled": ErrorKind(
        503, "The models are at their limits", "Nothing to do: it waits for its turn."
    ),
    "model/none-left": ErrorKind(
        503,
        "No model can be used",
        "Ask an operator: every configured model is retired or access to it was denied.",
    ),
    "model/rejected": ErrorKind(
        502, "The model refused the request", "Report the reference; this is a fault in AI-Prism."
    ),
    "model/invalid-answer": ErrorKind(
        502,
        "The model's answer could not be used",
        "Run it again. Nothing was made up in its place.",
    ),
    "limits/too-large": ErrorKind(
        422,
        "The text is larger than the limits allow in one call",
        "Split the section into smaller ones, or ask an operator to raise the token limit.",
    ),
    "limits/uploads": ErrorKind(
        429,
        "You have uploaded as much as one person may for now",
        "Nothing was stored. Try again after the time that is given, or ask an operator to raise the limit.",
    ),
    "limits/requests": ErrorKind(
        429,
        "You have asked for this too often",
        "Try again after the time that is given, or ask an operator to raise the limit.",
    ),
    "limits/daily_cost": ErrorKind(
        429,
        "The limit on what the models may cost in a day is reached",
        "Run it again after 00:00 UTC, when the next day begins, or ask an operator to raise the limit.",
    ),
    # tasks
    "task/cancelled": ErrorKind(409, "This was cancelled", "Ask for it again if you need it after all."),
    "task/not-found": ErrorKind(404, "There is no such task", "Check the id; a task goes with its review."),
    "task/deadline": ErrorKind(504, "The answer took too long", "Run it again."),
    "task/crashed": ErrorKind(
        500,
        "The worker died three times while it worked on this",
        "Ask an operator to look at the dead letters, then run it again.",
    ),
    "task/unexpected": ErrorKind(
        500,
        "Something went wrong while this was worked on",
        "Run it again, or report the reference.",
    ),
    "task/attempt-live": ErrorKind(
        503, "Another worker is at this already", "Nothing to do: its answer is waited for."
    ),
    "task/same-question": ErrorKind(
        503,
        "The same text is being reviewed already",
        "Nothing to do: its answer is waited for and used here too.",
    ),
    "task/moved-by-queue": ErrorKind(
        500,
        "It was taken from the queue too often without an end",
        "Run it again; an operator finds it in the dead letters.",
    ),
    "task/unreadable": ErrorKind(
        500,
        "A message on a queue is none of this product's",
        "Find out who writes to the queue; the message is in its dead-letter queue as it came.",
    ),
    "task/forged": ErrorKind(
        500,
        "A message on a queue was not signed by this product",
        "It was not run. Find out who writes to the queue, or which process has other MESSAGE_KEYS.",
    ),
    "task/not-editable": ErrorKind(
        422,
        "The dead letter cannot be edited like that",
        "Change its session_id or section_id, or replay it as it is.",
    ),
    # dead letters: what operators ask for
    "letters/none": ErrorKind(
        409, "There is nothing to do", "Look at the list as it is now, and select again."
    ),
    "letters/taken": ErrorKind(
        409,
        "Somebody else has dealt with this letter",
        "Look at it as it is now: its page says who, and why.",
    ),
    "letters/too-many": ErrorKind(
        422, "Too many dead letters at once", "Choose fewer: one group, one queue."
    ),
    "letters/not-confirmed": ErrorKind(
        422, "The purge was not confirmed", "Type the name of the queue exactly as it is shown."
    ),
    "letters/started-before": ErrorKind(
        409, "This was confirmed before", "It is done once; its report says how far it is."
    ),
    "letters/not-under-way": ErrorKind(
        409, "It is not under way", "It has ended, was stopped, or was never confirmed."
    ),
    # the system itself
    "aws/not-configured": ErrorKind(
        503,
        "This process has no AWS credentials or no region",
        "Give it a role or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; about a local system, use make ops.",
    ),
    "storage/unavailable": ErrorKind(
        503, "Storage did not answer", "Nothing is lost. Try again in a few seconds."
    ),
    "storage/denied": ErrorKind(
        503, "Storage refused access", "Ask an operator to check the role and the bucket."
    ),
    "storage/damaged": ErrorKind(
        503,
        "A stored record cannot be read",
        "Nothing else is touched. An operator finds its key beside this and can bring back an earlier version of it.",
    ),
    "queue/unavailable": ErrorKind(
        503, "The queue did not answer", "Nothing is lost: accepted work is sent later by itself."
    ),
    "limiter/unavailable": ErrorKind(
        503, "The limits could not be checked", "No model is called without them. Try again shortly."
    ),
    "internal/unexpected": ErrorKind(
        500, "Something went wrong", "Try again. If it happens again, report the reference."
    ),
}
