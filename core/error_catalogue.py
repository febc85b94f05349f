"""Every error a person or a program can meet, by what to do about it.

One catalogue: a stable code, the HTTP status it has at the web tier, a title and the next step for a person.
docs/errors.md is made of it.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class ErrorKind:
    status: int
    title: str
    next_step: str


CATALOGUE: dict[str, ErrorKind] = {
    # documents: refused at upload, before anything is stored
    "document/missing": ErrorKind(
        400,
        "No file came with the request",
        "Choose a .docx or .pdf file and send it as the field 'document'.",
    ),
    "document/empty": ErrorKind(
        400, "The file is empty", "Check that the file opens on your machine, then try again."
    ),
    "document/too-large": ErrorKind(
        413,
        "The file is too large",
        "Compress the pictures in it (Word: Picture Format, Compress Pictures) and try again.",
    ),
    "document/unknown-type": ErrorKind(
        415, "This is not a Word or PDF file", "Upload a .docx or a .pdf. Other formats: save as .docx first."
    ),
    "document/type-mismatch": ErrorKind(
        415,
        "The file is not what its name says",
        "Give the file the ending of its real type, or save it again as .docx or .pdf.",
    ),
    "document/legacy-doc": ErrorKind(
        415, "This is the old Word format (.doc)", "Open it in Word and save it as Word Document (.docx)."
    ),
    "document/not-word": ErrorKind(
        415,
        "This is not a Word document",
        "The file is a zip archive, but not a Word file. Upload a .docx or a .pdf.",
    ),
    "document/macros": ErrorKind(
        415,
        "The file contains macros",
        "Files with macros are not opened. Save it as Word Document (.docx) without macros.",
    ),
    "document/encrypted": ErrorKind(
        422,
        "The file is protected with a password",
        "Remove the password in Word or your PDF program, then upload it again.",
    ),
    "document/damaged": ErrorKind(
        422,
        "The file is damaged",
        "Open it in Word or your PDF program, save it under a new name and upload that.",
    ),
    "document/strict": ErrorKind(
        422,
        "The file is a Strict Open XML document",
        "Open it in Word and save it as Word Document (.docx), not as Strict.",
    ),
    "document/suspicious": ErrorKind(
        422,
        "The file is built in a way that Word never writes",
        "Open it in Word and save it under a new name, then upload that.",
    ),
    "document/too-complex": ErrorKind(
        422,
        "The document is too large to be read",
        "Split it into smaller documents and review them one by one.",
    ),
    "document/no-text": ErrorKind(
        422,
        "The document has no text to review",
        "If it is a scan, run text recognition first or ask the author for the Word file.",
    ),
    "document/reader-busy": ErrorKind(
        503, "Other documents are being read", "Nothing was stored. Try again in a few seconds."
    ),
    "document/reader-failed": ErrorKind(
        422,
        "The document could not be read safely",
        "Open it in Word or your PDF program, save it under a new name and upload that.",
    ),
    # guidelines: refused before anything is stored
    "guidelines/missing": ErrorKind(
        400,
        "No guidelines came with the request",
        "Choose a .docx, .pdf, .txt or .md file, or review without guidelines.",
    ),
    "guidelines/none-kept": ErrorKind(
        409,
        "There are no guidelines from last time",
        "Add a file with guidelines, or review without guidelines.",
    ),
    "guidelines/too-large": ErrorKind(
        413,
        "The guidelines are too large",
        "Leave out pictures and annexes, or save the text alone as .txt, and try again.",
    ),
    "guidelines/too-long": ErrorKind(
        422,
        "The guidelines are too long",
        "Keep the parts that say how a write-up is to be judged, and leave out the rest.",
    ),
    "guidelines/unknown-type": ErrorKind(
        415,
        "This is no file that guidelines can be read from",
        "Guidelines are read from .docx, .pdf, .txt and .md files.",
    ),
    "guidelines/unreadable": ErrorKind(
        422,
        "The guidelines could not be read",
        "Put the file right, add another one, or review without guidelines.",
    ),
    # the team's checklists and guidance
    "checklist/missing": ErrorKind(
        400, "No checklist came with the request", "Choose a .toml file or a .docx with a table of points."
    ),
    "checklist/not-found": ErrorKind(
        404, "There is no such checklist", "Choose one of those that the team page lists."
    ),
    "checklist/invalid": ErrorKind(
        422,
        "The checklist cannot be used",
        "Put right what the detail names and send the file again. The ones that ship show the form.",
    ),
    "guidance/invalid": ErrorKind(
        422, "The guidance cannot be kept", "Shorten it, or switch some of its lines off."
    ),
    "guidance/changed": ErrorKind(
        412,
        "Somebody else has changed the guidance",
        "Load the page again and make your change once more; nothing of theirs was overwritten.",
    ),
    # requests, and who sends them
    "request/malformed": ErrorKind(
        400, "The request could not be understood", "Check the request against /openapi.json."
    ),
    "request/unsupported-media": ErrorKind(
        415,
        "The request has the wrong content type",
        "Send application/json with the header Content-Type: application/json.",
    ),
    "request/not-found": ErrorKind(
        404, "There is nothing here", "Go back to your reviews, or check the address."
    ),
    "request/too-large": ErrorKind(
        413, "The request is too large", "Send less at once; a document goes to POST /upload."
    ),
    "request/too-slow": ErrorKind(
        408,
        "The request did not arrive in time",
        "Nothing was stored. Check the connection, then send it again.",
    ),
    "request/session-needed": ErrorKind(
        422,
        "Neither a review nor a text to review was named",
        "Send session_id with section_id, or section_name with content for a text of its own.",
    ),
    "request/method": ErrorKind(
        405, "This address does not take that method", "Check the request against /openapi.json."
    ),
    "request/cross-site": ErrorKind(
        403,
        "The request came from another site",
        "Use AI-Prism from its own page, or a client that sends no Origin header.",
    ),
    "request/host": ErrorKind(
        400,
        "The host name is not known here",
        "Open AI-Prism at its own address; without sign-in that is http://localhost or http://127.0.0.1.",
    ),
    "request/form-token": ErrorKind(
        403,
        "This page is older than your sign-in",
        "Load the page again and repeat what you did. A script sends the form_token of GET /me as X-Form-Token.",
    ),
    "request/changed": ErrorKind(
        412, "Someone else changed this in the meantime", "Look at the present state and decide again."
    ),
    "auth/required": ErrorKind(401, "You are not signed in", "Sign in and try again."),
    "auth/forbidden": ErrorKind(403, "Your role does not allow this", "Ask an operator."),
    "auth/wrong": ErrorKind(
        401, "The name or the password is wrong", "Try again. An operator can give you a new password."
    ),
    "auth/too-many": ErrorKind(
        429,
        "Too many wrong passwords",
        "Wait for the time that is given, or use a browser in which you have signed in before.",
    ),
    "auth/refused": ErrorKind(
        401,
        "The sign-in was not accepted",
        "Start again from the page to sign in; if that fails, ask an operator.",
    ),
    "auth/provider": ErrorKind(
        503,
        "The sign-in service did not answer",
        "Try again in a minute. Whoever is signed in already can work on.",
    ),
    "auth/disabled": ErrorKind(403, "This account is switched off", "Ask an operator to switch it on again."),
    "account/not-found": ErrorKind(
        404, "There is no such account", "Check the name: accounts list has them all."
    ),
    "account/password": ErrorKind(422, "That password will not do", "Choose another one."),
    # a review, its outline, its findings and the talk under them
    "session/not-found": ErrorKind(
        404, "There is no such review", "Go back to your reviews. It may have been deleted."
    ),
    "section/not-found": ErrorKind(
        404, "There is no such section", "Load the review again and choose a section of its outline."
    ),
    "section/skipped": ErrorKind(
        409, "The section is skipped", "Include it again in the outline, then ask for its review."
    ),
    "outline/refused": ErrorKind(
        422, "The outline cannot be changed like that", "Nothing was changed. Choose another place or name."
    ),
    "review/owner-only": ErrorKind(
        403, "Only the review's owner may do this", "Ask the owner, who is named at the top of the review."
    ),
    "review/no-pages": ErrorKind(
        404, "There is no picture of that page", "Read it as text: that is what the findings are about."
    ),
    "review/view-only": ErrorKind(
        403, "This review is shared with you to read", "Ask its owner for the right to decide."
    ),
    "review/signed-off": ErrorKind(
        409,
        "This review is signed off and frozen",
        "Read it or download it; for further changes upload a new version of the document.",
    ),
    "review/still-running": ErrorKind(
        409,
        "Work of this review is still under way",
        "Wait until it has ended or cancel it, then sign off.",
    ),
    "review/open-changed": ErrorKind(
        409,
        "Findings were decided or came in the meantime",
        "Look at the open findings, then sign off again.",
    ),
    "review/unknown-user": ErrorKind(
        422, "There is no such user", "Check the name: it is the one your teammate signs in with."
    ),
    "review/own-already": ErrorKind(422, "The review is already theirs", "Name a teammate."),
    "review/nothing-to-undo": ErrorKind(
        404, "There is nothing to take back", "Decide the findings one by one instead."
    ),
    "review/too-many-replies": ErrorKind(
        422, "This finding has as many replies as one can have", "Resolve it, or continue elsewhere."
    ),
    "finding/not-own": ErrorKind(
        409, "Only findings that reviewers wrote can be removed", "Reject the finding instead."
    ),
    "finding/not-yours": ErrorKind(
        403,
        "Somebody else wrote this finding",
        "Reject it, or ask who wrote it or the review's owner to remove it.",
    ),
    "finding/not-found": ErrorKind(
        404, "There is no such finding", "Load the review again; the section may have been run anew."
    ),
    "reply/not-found": ErrorKind(
        404, "There is no such reply of yours", "Reload the page to see the present replies."
    ),
    # chat
    "chat/busy": ErrorKind(
        409,
        "The last question is still being answered",
        "Wait for its answer, then ask again.",
    ),
    "chat/unanswered": ErrorKind(404, "This question was never answered", "Ask it again."),
    # export
    "export/not-word": ErrorKind(
        409,
        "Only Word documents and PDFs can be downloaded with comments",
        "Download the findings as CSV instead.",
    ),
    "export/not-confirmed": ErrorKind(
        503,
        "Not every file of the export is in storage",
        "Export again. A folder without manifest.json is not complete and can be deleted.",
    ),
    "export/check-failed": ErrorKind(
        500,
        "The reviewed document did not pass its check",
        "Nothing wrong was handed out. Report the reference; the CSV has all findings.",
    ),
    "export/link-expired": ErrorKind(
        404, "This download link works no longer", "Make a new one: it is good for five minutes."
    ),
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
    "task/not-found": ErrorKind(404, "There is no such task", "Check the id; results are kept for 30 days."),
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
