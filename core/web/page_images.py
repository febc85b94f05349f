"""The pages of a PDF as pictures, and where the findings stand on them."""

from typing import Any

from flask import Blueprint, Response

from core.web.context import services, session_to_view

blueprint = Blueprint("page_images", __name__)


@blueprint.get("/sessions/<session:session_id>/pages")
def pages(session_id: str) -> dict[str, Any]:
    places = services().pages.places(services().overviews.parts(session_to_view(session_id)))
    sizes = [
        {"number": number, "width": width, "height": height}
        for number, (width, height) in enumerate(places["sizes"], 1)
    ]
    return {
        "session_id": session_id,
        "pages": sizes,
        "marks": places["marks"],
        "comments": places["comments"],
    }


@blueprint.get("/sessions/<session:session_id>/pages/lines")
def lines(session_id: str) -> dict[str, Any]:
    found = services().pages.lines(services().overviews.parts(session_to_view(session_id)))
    return {"session_id": session_id, **found}


@blueprint.get("/sessions/<session:session_id>/pages/<page:number>")
def page(session_id: str, number: str) -> Response:
    return Response(
        services().pages.picture(session_to_view(session_id), int(number)), content_type="image/png"
    )
