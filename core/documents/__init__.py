"""From an uploaded file to text: blocks in reading order, each with an id, and an outline of sections (`model`).

`guard` checks an upload cheaply in the web process. What opens the file runs in a child process with limits
(`limited_child`, `child_side`): `reading` calls `docx_reader`, `pdf_reader` or `text_reader`, `outline` makes the
sections. `anchoring` finds a quote in the blocks. Offsets are code points; browsers get UTF-16 units (`folding`).
"""
