"""The pipeline's model calls against the local Bedrock, through an unmodified boto3 client."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from core.async_request_manager import AsyncRequestManager
from core.aws.bedrock import BedrockInvoker
from core.clock import SystemClock
from core.config import LimitSettings
from core.documents.model import Block, BlockKind, Section
from core.errors import Permanent, Transient
from core.models.registry import load_registry
from core.pipeline.answer import parse_answer
from core.pipeline.prompt import Part, section_request
from core.review.checklist import load_checklist
from core.throttling.limiter import Limiter
from core.throttling.limits import limits_from
from core.throttling.status import ModelState
from core.throttling.store import MemoryStateStore
from tests.support.bedrock import LocalBedrock
from tests.support.unkept_attempts import UnkeptAttempts

FIRST, *REST = (model.id for model in load_registry().models)
SUCCESSOR, LAST = REST[-2:]
ALL_FIVE_RETIRED = [FIRST.removeprefix("us."), *(model_id.removeprefix("us.") for model_id in REST[:4])]
BLOCKS = (
    Block("b1", "Actions", kind=BlockKind.HEADING, level=1),
    Block("b2", "Many sellers were affected and the form will be fixed soon. Details: TBD."),
)
REQUEST = section_request(
    Part(BLOCKS),
    section=Section("s1", "Actions", first=0, last=1),
    outline=(Section("s1", "Actions", first=0, last=1),),
    checklist=load_checklist(),
)


@dataclass
class Pipeline:
    manager: AsyncRequestManager
    limiter: Limiter
    clock: SystemClock

    def ask(self) -> Any:
        deadline_at = self.clock.now() + 60
        return self.manager.invoke_with_fallback(
            REQUEST, queue="analysis", attempts=UnkeptAttempts(), deadline_at=deadline_at
        )

    def state_of(self, model_id: str) -> ModelState:
        return next(model.state for model in self.limiter.status().models if model.model_id == model_id)


@pytest.fixture
def pipeline(bedrock: LocalBedrock) -> Iterator[Pipeline]:
    settings, clock, registry = LimitSettings(fallback_delay_s=0.0), SystemClock(), load_registry()
    client = bedrock.client(read_timeout_s=1.0)
    limiter = Limiter(store=MemoryStateStore(), clock=clock, limits=limits_from(settings), registry=registry)
    manager = AsyncRequestManager(
        registry=registry,
        limiter=limiter,
        invoker=BedrockInvoker(lambda _region: client, default_region="us-east-2"),
        clock=clock,
        limits=settings,
    )
    yield Pipeline(manager, limiter, clock)
    client.close()


def test_the_first_model_thinks_and_answers_in_the_schema(pipeline: Pipeline) -> None:
    answer = pipeline.ask()
    assert (answer.model_id, answer.brain, answer.stop_reason) == (FIRST, "rules", "end_turn")
    assert answer.thinking
    assert answer.cost_usd > 0
    findings = parse_answer(answer.content).findings
    assert {"vague-quantity", "placeholder"} <= {finding.rule for finding in findings}


def test_retired_tiers_are_left_out_until_a_successor_answers(
    pipeline: Pipeline, bedrock: LocalBedrock
) -> None:
    bedrock.configure(eol=ALL_FIVE_RETIRED)
    answer = pipeline.ask()
    assert answer.model_id == SUCCESSOR
    assert [item.model_id for item in answer.tried] == [FIRST, *REST[:4]]
    assert pipeline.ask().tried == (), "the retired ones are known by now"


def test_without_thinking_the_forced_tool_gives_the_same_form(
    pipeline: Pipeline, bedrock: LocalBedrock
) -> None:
    bedrock.configure(eol=[], faults=[{"model": FIRST, "code": "ThrottlingException"}])
    answer = pipeline.ask()
    assert (answer.model_name, answer.stop_reason, answer.thinking) == ("Claude Sonnet 4", "tool_use", "")
    assert parse_answer(answer.content).findings
    assert pipeline.state_of(FIRST) is ModelState.COOLING


def test_a_model_without_access_is_left_out(pipeline: Pipeline, bedrock: LocalBedrock) -> None:
    bedrock.configure(eol=[], faults=[{"model": FIRST, "code": "AccessDeniedException"}])
    assert pipeline.ask().model_id == REST[0]
    assert pipeline.state_of(FIRST) is ModelState.DEAD


@pytest.mark.parametrize(
    "code", ["ServiceUnavailableException", "InternalServerException", "ConnectionReset"]
)
def test_an_outage_uses_one_attempt_of_the_task(pipeline: Pipeline, bedrock: LocalBedrock, code: str) -> None:
    bedrock.configure(faults=[{"model": FIRST, "code": code, "count": 1}])
    with pytest.raises(Transient) as error:
        pipeline.ask()
    assert error.value.code == "model/unavailable"
    assert pipeline.limiter.status().models[0].failures == 1
    assert pipeline.ask().model_id == FIRST


def test_a_model_that_does_not_answer_in_time_is_a_timeout(pipeline: Pipeline, bedrock: LocalBedrock) -> None:
    bedrock.configure(latency={"min_s": 1.5, "max_s": 1.5})
    with pytest.raises(Transient) as error:
        pipeline.ask()
    assert error.value.code == "model/timeout"
    assert pipeline.limiter.status().tokens > REQUEST.input_tokens(), "its tokens count as used"


def test_a_rejected_request_is_final(pipeline: Pipeline, bedrock: LocalBedrock) -> None:
    bedrock.configure(faults=[{"model": FIRST, "code": "ValidationException"}])
    with pytest.raises(Permanent) as error:
        pipeline.ask()
    assert error.value.code == "model/rejected"
