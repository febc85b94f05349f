"""What happens between a request for a review and its result: prompts, model calls, answers held to the document.

In the web process: `intake`, `text_intake`, `guideline_intake`, `checklist_intake` (entries of the limited child)
and `submission` (with ids by `task_identity`). In a worker: `analysis` turns a section into questions (`sectioning`,
`prompt`, `document_prompt`), `answer_service` answers each from the cache or by a model, and `section_result` makes
findings of the answers (`grounding`). `chat` does the same for questions.
"""
