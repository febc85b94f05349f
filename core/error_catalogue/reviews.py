"""Errors of requests, and of reviews: findings, chat, export."""

from core.error_catalogue.kind import ErrorKind

REVIEWS: dict[str, ErrorKind] = {
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
    "review/no-pages": ErrorKind(
        404, "There is no picture of that page", "Read it as text: that is what the findings are about."
    ),
    "review/owner-only": ErrorKind(
        403, "Only the review's owner may do this", "Ask the owner, who is named at the top of the review."
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
}
