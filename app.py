"""The web tier: gunicorn "app:create_app()"."""

from core.web.application import create_app

__all__ = ["create_app"]
