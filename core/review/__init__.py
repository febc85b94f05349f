"""A review: a document's text and outline, its findings, what reviewers decide about them, and what teams keep.

`session` and `finding` are what is stored, in `repository` and `decision_files`. `overview` joins them into what the
workspace shows; `finding_service` and `outline_service` are what reviewers do. core/pipeline calls the models.

    session       one review of one document (session.json): whose it is, its sections, the tasks asked for
    section       a run of consecutive blocks; a block is a paragraph, a heading or a cell of a table
    anchor        where a finding's words are: (block, start, end), perhaps over several blocks
    finding       found by a fixed rule ("instant", at upload), by a model, or a reviewer's own
    decision      what reviewers have said about a finding: accepted or rejected, edits, replies
    standing      a finding together with its decision
    set aside     an undecided finding in a section that is skipped
    retired       a section as it was before its text was cut anew
    carried       taken over from the review of a document's former version (`versions`)
    guidelines    a file of the team's own rules; guidance: lines learnt from what reviewers rejected
"""
