"""The API by room: what each route takes, gives and can refuse, and what its answers look like.

`table.ROUTES` is all of it: /openapi.json is made of that, and tests hold code and answers to it.
"""
