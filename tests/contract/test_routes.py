"""What is served is what is described, and every route is behind the floor."""

from core.web.api.table import ROUTES
from core.web.identity import PUBLIC_ENDPOINTS
from tests.support.web import make_web_tier

KINDS_OF_ID = {"SessionId", "TaskId", "FindingId", "LetterId", "PageNumber", "RunId"}
SERVED = [rule for rule in make_web_tier().app.url_map.iter_rules() if rule.endpoint != "static"]


def test_every_served_route_is_described_and_every_described_one_is_served():
    served = {(method, rule.rule) for rule in SERVED for method in rule.methods - {"HEAD", "OPTIONS"}}

    assert served == {(spec.method, spec.rule) for spec in ROUTES}


def test_no_route_is_described_twice():
    assert len(ROUTES) == len({(spec.method, spec.rule) for spec in ROUTES})


def test_the_only_public_routes_are_those_of_health_and_of_signing_in():
    public = {rule.rule for rule in SERVED if rule.endpoint in PUBLIC_ENDPOINTS}

    assert public == {"/health", "/ready", "/login", "/login/oidc", "/login/oidc/callback", "/downloads"}
    assert public == {spec.rule for spec in ROUTES if spec.public}


def test_every_id_in_an_address_has_a_shape():
    for rule in SERVED:
        for name in rule.arguments:
            assert type(rule._converters[name]).__name__ in KINDS_OF_ID, rule.rule


def test_no_route_changes_anything_on_get():
    for rule in SERVED:
        assert not ({"GET"} & rule.methods and rule.methods & {"POST", "PUT", "PATCH", "DELETE"}), rule.rule


def test_the_original_endpoints_keep_their_names():
    served = {(method, rule.rule) for rule in SERVED for method in rule.methods}

    assert served >= {
        ("POST", "/upload"),
        ("POST", "/analyze_section"),
        ("GET", "/task_status/<task:task_id>"),
        ("GET", "/health"),
        ("GET", "/stats"),
    }
