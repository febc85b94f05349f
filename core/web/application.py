"""The application factory: what every request passes first (ids, identity, hosts, errors), then the blueprints."""

import hashlib
from pathlib import Path

from flask import Flask

from core.bootstrap.web import WebServices, build_web_services
from core.config import MESSAGE_KEYS, SECRET_KEY, Settings, load_settings, require_secret_key
from core.observability.logs import configure_logging
from core.web import (
    account,
    analysis,
    bundle,
    cancelling,
    chat,
    dead_letters,
    download_links,
    exports,
    findings,
    guidelines,
    health,
    insight,
    letter_runs,
    oidc,
    openapi,
    operations,
    outline,
    page_images,
    review,
    review_pages,
    sign_in,
    statistics,
    team,
    teamwork,
    uploads,
    versions,
)
from core.web.access_log import register_access_log
from core.web.body_timeout import BodyTimeout
from core.web.compression import register_compression
from core.web.converters import register_converters
from core.web.identity import register_identity
from core.web.pages import pages
from core.web.problems import register_problems
from core.web.readiness import Readiness
from core.web.request_rates import RequestRates
from core.web.security import register_security

_ROOT = Path(__file__).resolve().parents[2]
_MULTIPART_OVERHEAD_BYTES = 64 * 1024


def compile_templates(app: Flask) -> None:
    """Compiles every template now.

    Done at its first use, the console's first page took 0.2 s longer (2026-11-22).
    """
    for name in app.jinja_env.list_templates(extensions=["html"]):
        app.jinja_env.get_template(name)


def create_app(settings: Settings | None = None, services: WebServices | None = None) -> Flask:
    """Returns the Flask app. Without arguments it is configured from the environment, as gunicorn starts it.

    services: twins, in tests. Raises ConfigurationError with every fault if the settings cannot be used.
    """
    if services is None:
        services = build_web_services(settings or load_settings(needs={SECRET_KEY, MESSAGE_KEYS}))
        configure_logging(services.settings.log_level)
    settings = services.settings
    app = Flask("ai-prism", root_path=str(_ROOT))
    app.secret_key = require_secret_key(settings)
    app.config["MAX_CONTENT_LENGTH"] = (
        settings.documents.upload_max_bytes + settings.guidelines.upload_max_bytes + _MULTIPART_OVERHEAD_BYTES
    )
    app.jinja_env.globals["icon_sheet"] = _icon_sheet()
    app.extensions["services"] = services
    app.extensions["readiness"] = Readiness(services.probe, services.clock)
    app.extensions["rates"] = RequestRates(services.clock, settings.rates)
    register_converters(app)
    register_problems(app)
    app.wsgi_app = BodyTimeout(app.wsgi_app, settings.web)  # type: ignore[method-assign]
    register_access_log(app)
    register_security(app, settings)
    register_identity(app)
    register_compression(app)
    for module in (
        uploads,
        review,
        outline,
        findings,
        teamwork,
        versions,
        insight,
        review_pages,
        exports,
        page_images,
        bundle,
        download_links,
        analysis,
        cancelling,
        chat,
        guidelines,
        team,
        statistics,
        sign_in,
        account,
        oidc,
        operations,
        dead_letters,
        letter_runs,
        health,
        openapi,
    ):
        app.register_blueprint(module.blueprint)
    app.register_blueprint(pages)
    return app


def _icon_sheet() -> str:
    """Address of the icons, with their version in it, so that browsers may keep them for ever."""
    sheet = _ROOT / "static" / "icons.svg"
    return f"/static/{sheet.name}?v={hashlib.sha256(sheet.read_bytes()).hexdigest()[:8]}"
