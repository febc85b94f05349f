"""The roles of infra/data.yaml, in force: an emulator that holds each request to its sender's policies."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.deployment.stacks import CloudFormation
from infra.local.environment import emulated_aws
from infra.local.reaper import Reaper
from tests.support.account import Account, account, data_without_denials
from tests.support.bedrock import LocalBedrock
from tests.support.processes import Processes
from tests.support.review_app import QUICK, Client
from tests.support.write_ups import write_up

BUCKET, PREFIX, MODEL_REGION = "roles-reviews", "roles-", "us-east-2"
# The emulator takes every model for one without an inference profile.
MODEL = "anthropic.claude-3-5-sonnet-20241022-v2:0"


@dataclass(frozen=True)
class Somebody:
    """A process, or a person, with one of the roles."""

    aws: Account
    credentials: dict[str, str]
    place: str

    def may(self, deed: str, what: str) -> bool:
        """deed: a method of this class. what: a queue, a key below the base path, a prefix, a model."""
        try:
            getattr(self, deed)(what)
        except ClientError as error:
            if error.response["Error"]["Code"] in ("AccessDenied", "AccessDeniedException"):
                return False
            # Permitted, and then not there: which a role without ListBucket would not be told.
            if error.response["Error"]["Code"] not in ("NoSuchKey", "ResourceNotFoundException"):
                raise
        return True

    def get(self, key: str) -> None:
        self._s3.get_object(Bucket=BUCKET, Key=f"tara/{key}")

    def put(self, key: str) -> None:
        self._s3.put_object(Bucket=BUCKET, Key=f"tara/{key}", Body=b"{}")

    def delete(self, key: str) -> None:
        self._s3.delete_object(Bucket=BUCKET, Key=f"tara/{key}")

    def list(self, prefix: str) -> None:
        self._s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix)

    def send(self, queue: str) -> None:
        self._sqs.send_message(QueueUrl=self._url(queue), MessageBody="{}")

    def receive(self, queue: str) -> None:
        self._sqs.receive_message(QueueUrl=self._url(queue), WaitTimeSeconds=0)

    def purge(self, queue: str) -> None:
        self._sqs.purge_queue(QueueUrl=self._url(queue))

    def ask(self, model: str) -> None:
        client = self.aws.client("bedrock-runtime", self.credentials, region=MODEL_REGION)
        # For AWS a Converse is an InvokeModel; the emulator has an action of its own for it.
        client.invoke_model(modelId=model, body=b"{}")

    @property
    def _s3(self) -> Any:
        return self.aws.client("s3", self.credentials)

    @property
    def _sqs(self) -> Any:
        return self.aws.client("sqs", self.credentials)

    def _url(self, queue: str) -> str:
        return f"{self.place}{queue}"


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory, reaper: Reaper) -> Iterator[dict[str, Somebody]]:
    """web, worker, operator."""
    with account(tmp_path_factory.mktemp("account"), reaper, checks_permissions=True) as aws:
        cloud = CloudFormation(aws.client("cloudformation"), poll_s=0.05, timeout_s=60)
        named = {"BucketName": BUCKET, "QueuePrefix": PREFIX, "BedrockRegion": MODEL_REGION}
        change_set = cloud.propose(cloud.stack("roles-data"), data_without_denials(), named)
        assert change_set is not None
        outputs = cloud.execute(change_set).outputs
        place = outputs["AnalysisQueueUrl"].removesuffix("analysis")
        yield {
            name.lower(): Somebody(aws, aws.assume(outputs[f"{name}RoleArn"]), place)
            for name in ("Web", "Worker", "Operator")
        }


@pytest.mark.parametrize(
    ("who", "deed", "what"),
    [
        ("web", "send", "analysis"),
        ("web", "send", "chat"),
        ("web", "get", "celery-results/a.json"),
        ("web", "put", "sessions/a/session.json"),
        ("web", "list", "tara/sessions/"),
        ("worker", "receive", "analysis"),
        ("worker", "receive", "monitoring"),
        ("worker", "send", "analysis-dlq"),
        ("worker", "get", "sessions/a/blocks.json"),
        ("worker", "put", "celery-results/a.json"),
        ("worker", "put", "sessions/a/chat/1-b-answer.json"),
        ("worker", "put", "limiter/a.json"),
        ("worker", "ask", MODEL),
        ("operator", "receive", "chat-dlq"),
        ("operator", "send", "chat"),
        ("operator", "put", "audit/2026-01-31/1-a.json"),
    ],
)
def test_a_role_may_do_its_work(people: dict[str, Somebody], who: str, deed: str, what: str) -> None:
    assert people[who].may(deed, what)


@pytest.mark.parametrize(
    ("who", "deed", "what"),
    [
        ("web", "receive", "analysis"),
        ("web", "receive", "chat-dlq"),
        ("web", "send", "monitoring"),
        ("web", "send", "analysis-dlq"),
        ("web", "purge", "analysis"),
        ("web", "ask", MODEL),
        ("web", "put", "limiter/a.json"),
        ("web", "put", "cache/aa/b.json"),
        ("web", "get", "cache/aa/b.json"),
        ("web", "delete", "audit/2026-01-31/1-a.json"),
        ("web", "put", "../elsewhere/a.json"),
        ("web", "list", ""),
        ("web", "list", "elsewhere/"),
        ("worker", "put", "sessions/a/session.json"),
        ("worker", "put", "sessions/a/review/s1.json"),
        ("worker", "delete", "sessions/a/session.json"),
        ("worker", "get", "accounts/a.json"),
        ("worker", "put", "team/guidance/current.json"),
        ("worker", "get", "users/a/1-b"),
        ("worker", "purge", "analysis"),
        ("worker", "ask", "amazon.titan-text-lite-v1"),
        ("worker", "list", ""),
        ("operator", "receive", "analysis"),
        ("operator", "ask", MODEL),
        ("operator", "put", "sessions/a/review/s1.json"),
        ("operator", "delete", "audit/2026-01-31/1-a.json"),
        ("operator", "purge", "chat-dlq"),
    ],
)
def test_a_role_may_do_nothing_else(people: dict[str, Somebody], who: str, deed: str, what: str) -> None:
    assert not people[who].may(deed, what)


def test_a_document_is_reviewed_with_no_more_than_that(
    people: dict[str, Somebody], bedrock: LocalBedrock, processes: Processes, tmp_path: Path
) -> None:
    """The product's own processes, each with the credentials of its role."""
    environ = {
        **emulated_aws(cloud=people["web"].aws.endpoint, bedrock=bedrock.endpoint),
        **QUICK,
        "AWS_REGION": "us-east-1",
        "BEDROCK_REGION": MODEL_REGION,
        "S3_BUCKET_NAME": BUCKET,
        "SQS_QUEUE_PREFIX": PREFIX,
        "SQS_WAIT_TIME_S": "1",
    }
    web = processes.web({**environ, **people["web"].credentials})
    worker = processes.worker({**environ, **people["worker"].credentials})
    client = Client(web.url)
    session_id = client.upload(write_up(tmp_path / "Parcels.docx")).json["session_id"]
    section_id = client.get(f"/sessions/{session_id}").json["sections"][0]["id"]
    asked = client.post("/analyze_section", {"session_id": session_id, "section_id": section_id})
    (task,) = client.wait_ended([asked.json["task_id"]], timeout_s=60.0)
    assert task["status"] == "completed"
    question = client.post("/chat", {"session_id": session_id, "message": "Why was it missed?"})
    assert question.status == 200
    assert client.send("DELETE", f"/sessions/{session_id}", None, {}).status == 200
    for process in (web, worker):
        assert "AccessDenied" not in process.output()
