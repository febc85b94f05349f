"""What tests share: twins of what lies outside the process, makers of input, emulators and real processes.

In memory, for unit tests: `queueing` (the queueing room, which can die at any step), `counted_room`, `web` (the web
tier with scripted users), `signed_in`, `readers`, `reader_entry`, `stores`, `versions`, `roles`,
`virtual_time`, `limiter_crowd`.

Input made in code: `documents`, `write_ups`, `pdfs`, `word_comments`, `pdf_comments`, `reviews`, `guidelines`,
`checklists`, `envelopes`, `dead_letters`; input that means harm: `hostile`, `hostile_pdfs`, `attacks`, `junk`.

Emulators and processes, for everything else: `cloud` (AWS), `account`, `aws_clients`, `bedrock`, `credentials`,
`oidc_provider`, `fault_proxy`, `processes`, `queue_worker`, `queue_bench`, `live_services`, `review_app` (the whole
product), `guarded_app`, `cast`, `http_browser`, `operator`, `operating`, `waiting`, `sizes`.

What docs and repository are held to: `reference_pages`, `screens`, `example`, `dependencies`, `templates`, `image`.
"""
