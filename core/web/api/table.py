"""All routes, room by room. /openapi.json is made of it, tests hold it."""

from core.web.api import (
    chat,
    dead_letters,
    exports,
    findings,
    guidelines,
    insight,
    operations,
    pages,
    reviews,
    sign_in,
    statistics,
    system,
    tasks,
    team,
    teamwork,
    text,
    uploads,
)
from core.web.api.spec import RouteSpec

ROUTES: tuple[RouteSpec, ...] = (
    *uploads.ROUTES,
    *reviews.ROUTES,
    *text.ROUTES,
    *findings.ROUTES,
    *teamwork.ROUTES,
    *insight.ROUTES,
    *exports.ROUTES,
    *tasks.ROUTES,
    *chat.ROUTES,
    *guidelines.ROUTES,
    *team.ROUTES,
    *sign_in.ROUTES,
    *statistics.ROUTES,
    *system.ROUTES,
    *operations.ROUTES,
    *dead_letters.ROUTES,
    *pages.ROUTES,
)
