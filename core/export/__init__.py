"""What people take from a review: Word and PDF copies with comments on the exact words, pages as pictures, bundles.

`content` chooses what goes into a copy (`review_copy`); `docx_service` and `pdf_service` put it into words, in the
web process. Writing runs in a limited child process: `docx_child` -> `reviewed_docx`, `pdf_child` -> `annotated_pdf`,
`page_child` -> `page_drawing`. Each copy is read back and checked before anyone gets it (`comment_check`,
`package_check`, `pdf_check`).
"""
