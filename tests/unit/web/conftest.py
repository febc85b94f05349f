import pytest
from flask.testing import FlaskClient

from tests.support.web import WebTier, make_web_tier


@pytest.fixture
def web() -> WebTier:
    return make_web_tier()


@pytest.fixture
def olga(web: WebTier) -> FlaskClient:
    """An operator of `web`."""
    return web.client("olga")
