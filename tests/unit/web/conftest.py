import pytest

from tests.support.web import WebTier, make_web_tier


@pytest.fixture
def web() -> WebTier:
    return make_web_tier()
