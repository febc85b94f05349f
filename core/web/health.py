"""GET /health and /ready: public, so they say yes or no and nothing else."""

from flask import Blueprint, Response, jsonify

from core.web.context import readiness

blueprint = Blueprint("health", __name__)


@blueprint.get("/health")
def health() -> dict[str, str]:
    """This process answers. It looks at nothing else: a restart would not bring S3 back."""
    return {"status": "ok"}


@blueprint.get("/ready")
def ready() -> Response:
    """Storage and queues answer; 503 takes this process out of a load balancer until they do."""
    is_ready = readiness().is_ready()
    response = jsonify({"ready": is_ready})
    response.status_code = 200 if is_ready else 503
    return response
