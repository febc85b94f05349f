import pytest

from core.auth.identity import LoopbackIdentity, Role, ScriptedIdentity
from core.errors import ConfigurationError


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "[::1]"])
def test_without_sign_in_everybody_on_this_machine_is_one_user_with_both_roles(host):
    identity = LoopbackIdentity(host).identify({})

    assert identity is not None
    assert identity.user_id == "local"
    assert identity.roles == {Role.REVIEWER, Role.OPERATOR}


@pytest.mark.parametrize("host", ["0.0.0.0", "", "10.0.0.7", "::", "127.0.0.1.example.org"])
def test_without_sign_in_no_other_address_is_served(host):
    with pytest.raises(ConfigurationError, match="HOST"):
        LoopbackIdentity(host)


def test_headers_that_claim_a_user_change_nothing_without_sign_in():
    identity = LoopbackIdentity("127.0.0.1").identify({"X-Forwarded-User": "root", "X-Scripted-User": "bob"})

    assert identity is not None
    assert identity.user_id == "local"


def test_the_scripted_twin_knows_its_users_and_nobody_else():
    twin = ScriptedIdentity()

    assert twin.identify({"X-Scripted-User": "bob"}).name == "Bob Baker"
    assert not twin.identify({"X-Scripted-User": "bob"}).is_operator
    assert twin.identify({"X-Scripted-User": "olga"}).is_operator
    assert twin.identify({"X-Scripted-User": "eve"}) is None
    assert twin.identify({}) is None
