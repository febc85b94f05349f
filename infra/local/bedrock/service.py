"""The local Bedrock without its HTTP: one call from its bytes to its answer.

    arrives > id, end of life > request's rules > faults at the door > quotas > faults of the model > brain > settled

A call is settled and on record before the last byte of its answer leaves, so whoever has an answer can look it up.
"""

import base64
import binascii
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from infra.local.bedrock import invoke
from infra.local.bedrock.brains import Brain
from infra.local.bedrock.catalogue import LocalModel, resolve
from infra.local.bedrock.clock import steady_now
from infra.local.bedrock.conversation import json_object, read_conversation
from infra.local.bedrock.errors import END_OF_LIFE, ConnectionLost, ServiceError, invalid
from infra.local.bedrock.events import Event
from infra.local.bedrock.exchange import Exchange, strike
from infra.local.bedrock.faults import RESET
from infra.local.bedrock.setup import Setup
from infra.local.bedrock.statistics import COUNT_TOKENS, CallRecord, Ledger

ReadRequest = Callable[[], Mapping[str, Any]]


class BedrockService:
    """Shared by all request threads. llm: asked before `rules`, which always answers; scripted answers come first."""

    def __init__(self, *, rules: Brain, llm: Brain | None = None) -> None:
        self._rules, self._first_llm = rules, llm
        self.reset()

    def reset(self) -> None:
        """As it was started, with nothing on record."""
        self.setup = Setup(rules=self._rules, llm=self._first_llm)
        self.ledger = Ledger(clock=steady_now)

    def stats(self, *, window_s: float = 0.0) -> dict[str, Any]:
        """window_s: of the maxima; 0 = that of the quotas."""
        quotas = self.setup.quotas
        found = self.ledger.summary(window_s=window_s or quotas.plan.window_s)
        return {**found, "quotas": quotas.to_dict(), "brain": self.setup.brains[-1].name}

    def converse(self, model_id: str, body: bytes) -> dict[str, Any]:
        """Raises ServiceError as Bedrock answers it, ConnectionLost when a fault says so."""
        return self._whole(model_id, "converse", lambda: json_object(body))

    def invoke(self, model_id: str, body: bytes) -> dict[str, Any]:
        """Anthropic's messages body in and out. Raises as `converse`."""
        answer = self._whole(model_id, "invoke", lambda: invoke.converse_request(json_object(body)))
        return invoke.messages_answer(answer, model_id=model_id)

    def count_tokens(self, model_id: str, body: bytes) -> dict[str, Any]:
        """Raises as `converse`; takes nothing of any quota."""
        with self._recorded(model_id, COUNT_TOKENS) as record:
            model = self._living(model_id)
            conversation = read_conversation(model, _counted(json_object(body)))
            if fault := self.setup.faults.next_for(model_id, now=steady_now(), operation=COUNT_TOKENS):
                strike(fault)
            record.input_tokens = conversation.input_tokens
            return {"inputTokens": conversation.input_tokens}

    def converse_stream(self, model_id: str, body: bytes) -> Generator[Event, None, None]:
        """Raises as `converse` before the first event; from then on a ServiceError is the last event."""
        begun, last = False, None
        try:
            with (
                self._recorded(model_id, "converse-stream") as record,
                self._let_in(model_id, lambda: json_object(body), record=record) as exchange,
            ):
                for event in exchange.events():
                    if event.name == "metadata":
                        last = event
                    else:
                        yield event
                    begun = True
        except ServiceError as error:
            if not begun:
                raise
            last = Event(error.code[0].lower() + error.code[1:], error.body(), is_exception=True)
        if last:
            yield last

    def _whole(self, model_id: str, operation: str, read: ReadRequest) -> dict[str, Any]:
        with (
            self._recorded(model_id, operation) as record,
            self._let_in(model_id, read, record=record) as exchange,
        ):
            return exchange.answer()

    @contextmanager
    def _recorded(self, model_id: str, operation: str) -> Iterator[CallRecord]:
        ledger = self.ledger
        record, outcome = ledger.arrived(model_id, operation), "Crashed"
        try:
            yield record
            outcome = "ok"
        except ServiceError as error:
            outcome = error.code
            raise
        except ConnectionLost:
            outcome = RESET
            raise
        except GeneratorExit:
            outcome = "ClientGone"
            raise
        finally:
            ledger.ended(record, outcome)

    @contextmanager
    def _let_in(self, model_id: str, read: ReadRequest, *, record: CallRecord) -> Iterator[Exchange]:
        setup = self.setup
        model = self._living(model_id)
        conversation = read_conversation(model, read())
        record.metadata = conversation.metadata
        fault = setup.faults.next_for(model_id, now=steady_now(), operation=record.operation)
        if fault and fault.at_the_door:
            strike(fault)
        cache = setup.cache.look(model, conversation.boundaries, now=steady_now())
        reserved = setup.quotas.reserved(
            input_tokens=conversation.input_tokens, max_tokens=conversation.max_tokens
        )
        charge = setup.quotas.admit(model.id, tokens=reserved)
        record.started_at, record.reserved, record.settled = charge.at, reserved, reserved
        try:
            yield Exchange(conversation, cache, fault=fault, record=record, setup=setup)
        finally:
            setup.quotas.settle(model.id, charge, tokens=record.settled)

    def _living(self, model_id: str) -> LocalModel:
        model = resolve(model_id)
        if model.id in self.setup.end_of_life:
            raise ServiceError("ResourceNotFoundException", END_OF_LIFE)
        return model


def _counted(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """The request inside a CountTokens request, in Converse's words."""
    given = data.get("input")
    if not isinstance(given, dict) or len(given) != 1 or not given.keys() <= {"converse", "invokeModel"}:
        raise invalid("input: needs either converse or invokeModel")
    if "converse" in given:
        return given["converse"] or {}
    try:
        body = base64.b64decode(given["invokeModel"]["body"], validate=True)
    except (KeyError, TypeError, binascii.Error) as error:
        raise invalid("input.invokeModel.body: must be base64") from error
    return invoke.converse_request(json_object(body), for_counting=True)
