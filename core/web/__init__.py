"""The web tier.

Flask blueprints by subject, the bodies they accept (`bodies`) and the description of the API (`api`).

`application` builds the app. Before a handler runs: `converters` (ids by their shape), `security` (host, cross-site
requests), `identity` (sign-in, form token, rates). A handler begins with `context`: the services, the current user,
and the reviews that they may use. Every error becomes an answer in `problems`. `api.table` lists every route.
"""
