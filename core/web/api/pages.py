"""The pages of the browser."""

from core.web.api.refusals import MY_SESSION, STORAGE
from core.web.api.spec import HTML, RouteSpec

REVIEW = "/review/<session:session_id>"

ROUTES = (
    RouteSpec("GET", "/", "The start page", media=HTML),
    RouteSpec("GET", REVIEW, "The workspace of one review", media=HTML, errors=MY_SESSION),
    RouteSpec(
        "GET", f"{REVIEW}/coverage", "The checklist against the sections", media=HTML, errors=MY_SESSION
    ),
    RouteSpec("GET", f"{REVIEW}/insight", "Figures of one review", media=HTML, errors=MY_SESSION),
    RouteSpec("GET", f"{REVIEW}/finish", "Download, share, sign off", media=HTML, errors=MY_SESSION),
    RouteSpec("GET", "/insights", "Figures of my reviews", media=HTML, errors=STORAGE),
    RouteSpec("GET", "/team", "The team's checklists, guidance and rules", media=HTML, errors=STORAGE),
)
