"""Errors of what people bring: documents, guidelines, checklists."""

from core.error_catalogue.kind import ErrorKind

FILES: dict[str, ErrorKind] = {
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
        "Make the pictures in it smaller (Word: Compress Pictures; PDF: export it at 150 ppi) and try again.",
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
}
