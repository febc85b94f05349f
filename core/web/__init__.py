"""The web tier: Flask blueprints by subject, the bodies they take (`bodies`) and the description of the API (`api`).

`application` builds the app. Before a handler runs: `converters` (ids by their shape), `security` (host, foreign
sites), `identity` (who asks, form token, rates). A handler begins with `context`: the services, who is asking, and
the reviews that are theirs. Every error becomes an answer in `problems`. `api.table` lists every route.
"""
