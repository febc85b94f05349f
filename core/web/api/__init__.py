"""The API: what each route accepts, returns and can refuse, and the schemas of its answers.

`table.ROUTES` lists all of it: /openapi.json is generated from that, and tests check code and answers against it.
"""
