"""Only messages with a valid, unexpired signature by one of our keys are accepted."""

import base64
import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.hooks import HierarchicalEmitter

from core.clock import ScriptedClock
from core.errors import ConfigurationError
from core.queueing.message import ForgedMessage, open_envelope
from core.queueing.screening import check
from core.queueing.signing import VALID_S, Signer, SqsTime
from tests.support.envelopes import KEY, SIGNER, envelope
from tests.support.junk import MESSAGE

OTHER = "somebody-elses-key-of-enough-characters"
TASK = "99999999-9999-4999-8999-999999999999"


def altered(change: Callable[[dict[str, Any], list[Any]], object]) -> str:
    parts = json.loads(base64.b64decode(envelope(MESSAGE)))
    payload = json.loads(base64.b64decode(parts["body"]))
    change(parts["headers"], payload)
    parts["body"] = base64.b64encode(json.dumps(payload).encode()).decode()
    return json.dumps(parts)


FORGERIES = {
    "unsigned": envelope(MESSAGE, signer=None),
    "of another key": envelope(MESSAGE, signer=Signer((OTHER,), SIGNER.clock)),
    "another section": altered(lambda _headers, payload: payload[1].update(section_id="s2")),
    "another generation": altered(lambda _headers, payload: payload[1].update(generation=2)),
    "another task": altered(lambda headers, _payload: headers.update(id=TASK)),
    "another owner": altered(lambda headers, _payload: headers["aiprism"].update(owner="mallory")),
    "work to follow": altered(lambda _headers, payload: payload[2].update(callbacks=[{"task": "x"}])),
    "a short time limit": altered(lambda headers, _payload: headers.update(timelimit=[1, 1])),
    "a later expiry": altered(
        lambda headers, _payload: headers["aiprism_signature"].update(expires_at=2**40)
    ),
    "an expiry in words": altered(
        lambda headers, _payload: headers["aiprism_signature"].update(expires_at="late")
    ),
    "half a character for a signature": altered(
        lambda headers, _payload: headers["aiprism_signature"].update(mac="\ud800")
    ),
    "a list for a signature": altered(lambda headers, _payload: headers.update(aiprism_signature=["x"])),
}


@pytest.mark.parametrize("kind", FORGERIES)
def test_a_forgery_is_refused_and_not_quoted(kind: str) -> None:
    with pytest.raises(ForgedMessage) as refused:
        check(FORGERIES[kind], signer=SIGNER)
    assert "mallory" not in str(refused.value)


def test_a_signed_message_verifies() -> None:
    check(altered(lambda _headers, _payload: None), signer=SIGNER)


def test_a_signature_expires_after_a_fortnight() -> None:
    clock = ScriptedClock()
    signer = Signer((KEY,), clock)
    body = envelope(MESSAGE, signer=signer)
    clock.sleep(VALID_S - 1)
    check(body, signer=signer)
    clock.sleep(3)
    with pytest.raises(ForgedMessage, match="expired"):
        check(body, signer=signer)
    signer.verify(open_envelope(body), late=True)


def test_keys_are_rotated_without_a_pause() -> None:
    old, both = Signer((KEY,), SIGNER.clock), Signer((OTHER, KEY), SIGNER.clock)
    check(envelope(MESSAGE, signer=old), signer=both)
    check(envelope(MESSAGE, signer=both), signer=Signer((OTHER,), SIGNER.clock))
    with pytest.raises(ForgedMessage, match="MESSAGE_KEYS"):
        check(envelope(MESSAGE, signer=both), signer=old)


def test_without_a_key_nothing_is_signed_and_nothing_passes() -> None:
    nobody = Signer((), SIGNER.clock)
    with pytest.raises(ConfigurationError, match="MESSAGE_KEYS"):
        nobody.sign({}, [])
    with pytest.raises(ForgedMessage):
        check(envelope(MESSAGE), signer=nobody)


def test_keys_never_print() -> None:
    assert KEY not in repr(SIGNER)


def test_the_time_is_what_sqs_says_it_is() -> None:
    client = SimpleNamespace(meta=SimpleNamespace(events=HierarchicalEmitter()))
    clock = SqsTime()
    assert clock.observe_client(client) is client
    answer = {"ResponseMetadata": {"HTTPHeaders": {"date": "Sat, 21 Nov 2026 12:00:00 GMT"}}}
    for parsed in ({}, answer):
        context: dict[str, object] = {}
        client.meta.events.emit("before-call.sqs.GetQueueUrl", context=context, model=None)
        client.meta.events.emit("after-call.sqs.GetQueueUrl", parsed=parsed, context=context, model=None)
    assert abs(clock.now() - 1_795_262_400) < 5
