"""The local Bedrock with a model of one's own behind it: a small server that speaks OpenAI's chat completions."""

import json
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra.local.environment import PROJECT, PYTHON, for_python, inherited
from infra.local.reaper import Reaper
from tests.support.bedrock import LocalBedrock, run_bedrock

MODEL = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
ASK = {"modelId": MODEL, "messages": [{"role": "user", "content": [{"text": "Review this."}]}]}
TOOL = {"toolSpec": {"name": "record", "inputSchema": {"json": {"type": "object"}}}}


@dataclass
class ChatServer:
    """Answers every chat completion with `reply` and `status`; keeps what it was asked."""

    address: str = ""
    status: int = 200
    reply: bytes = b""
    asked: list[dict[str, Any]] = field(default_factory=list)
    go_on: threading.Event = field(default_factory=threading.Event)

    def says(self, message: dict[str, Any], *, finish: str = "stop") -> None:
        usage = {"prompt_tokens": 321, "completion_tokens": 45}
        choice = {"message": message, "finish_reason": finish}
        self.reply = json.dumps({"choices": [choice], "usage": usage}).encode()


@pytest.fixture
def chat(bedrock: LocalBedrock) -> Iterator[ChatServer]:
    state = ChatServer()
    state.go_on.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            state.asked.append({"path": self.path, **json.loads(body)})
            state.go_on.wait(10)
            self.send_response(state.status)
            self.send_header("Content-Length", str(len(state.reply)))
            self.end_headers()
            self.wfile.write(state.reply)

        def log_message(self, format: str, *args: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    bedrock.configure(llm={"url": state.address, "model": "llama3.2", "timeout_s": 0.4})
    yield state
    state.go_on.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def client(bedrock_server: LocalBedrock) -> Iterator[Any]:
    made = bedrock_server.client()
    yield made
    made.close()


def refused(client: Any) -> dict[str, Any]:
    with pytest.raises(ClientError) as caught:
        client.converse(**ASK)
    error: dict[str, Any] = caught.value.response["Error"]
    return error


def test_its_answer_its_usage_and_its_name_come_back(
    chat: ChatServer, client: Any, bedrock: LocalBedrock
) -> None:
    chat.says({"content": "It is vague."})
    answer = client.converse(**ASK, system=[{"text": "Be brief."}], inferenceConfig={"maxTokens": 900})
    assert answer["output"]["message"]["content"] == [{"text": "It is vague."}]
    assert (answer["usage"]["inputTokens"], answer["usage"]["outputTokens"]) == (321, 45)
    assert answer["additionalModelResponseFields"] == {"brain": "llama3.2"}
    assert (chat.asked[0]["path"], chat.asked[0]["max_tokens"]) == ("/v1/chat/completions", 900)
    assert bedrock.stats()["brain"] == bedrock.calls()[0]["brain"] == "llama3.2"


def test_a_schema_and_thoughts_go_through(chat: ChatServer, client: Any) -> None:
    chat.says({"content": '{"findings":[]}', "reasoning_content": "Nothing here."})
    schema = {"type": "object", "properties": {}, "additionalProperties": False}
    structure = {"jsonSchema": {"schema": json.dumps(schema), "name": "review"}}
    answer = client.converse(
        **ASK,
        inferenceConfig={"maxTokens": 3000},
        outputConfig={"textFormat": {"type": "json_schema", "structure": structure}},
        additionalModelRequestFields={"thinking": {"type": "enabled", "budget_tokens": 2000}},
    )
    thought, text = answer["output"]["message"]["content"]
    assert thought["reasoningContent"]["reasoningText"]["text"] == "Nothing here."
    assert text == {"text": '{"findings":[]}'}
    assert chat.asked[0]["response_format"]["json_schema"]["schema"] == schema


def test_a_tool_call_comes_back_as_one_streamed_too(chat: ChatServer, client: Any) -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "record", "arguments": '{"findings": []}'}}
    chat.says({"content": None, "tool_calls": [call]}, finish="tool_calls")
    choice = {"tools": [TOOL], "toolChoice": {"tool": {"name": "record"}}}
    answer = client.converse(**ASK, toolConfig=choice)
    (block,) = answer["output"]["message"]["content"]
    assert (block["toolUse"]["name"], block["toolUse"]["input"]) == ("record", {"findings": []})
    assert answer["stopReason"] == "tool_use"
    events = list(client.converse_stream(**ASK, toolConfig=choice)["stream"])
    assert events[1]["contentBlockStart"]["start"]["toolUse"]["name"] == "record"


def test_an_answer_cut_off_says_so(chat: ChatServer, client: Any) -> None:
    chat.says({"content": "It is"}, finish="length")
    assert client.converse(**ASK)["stopReason"] == "max_tokens"


def test_scripted_answers_still_come_first(chat: ChatServer, client: Any, bedrock: LocalBedrock) -> None:
    chat.says({"content": "From the model."})
    bedrock.configure(answers=[{"content": "From the script."}])
    brains = [client.converse(**ASK)["additionalModelResponseFields"]["brain"] for _ in range(2)]
    assert brains == ["scripted", "llama3.2"]


def test_one_that_takes_too_long_is_a_model_timeout(chat: ChatServer, client: Any) -> None:
    chat.go_on.clear()
    assert refused(client)["Code"] == "ModelTimeoutException"


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (429, "ThrottlingException"),
        (400, "ValidationException"),
        (404, "ServiceUnavailableException"),
        (500, "ServiceUnavailableException"),
        (504, "ModelTimeoutException"),
    ],
)
def test_its_refusals_are_the_services(chat: ChatServer, client: Any, status: int, code: str) -> None:
    chat.status, chat.reply = status, b"no such model"
    assert refused(client)["Code"] == code


@pytest.mark.parametrize("reply", [b"<html>", b"[]", b'{"choices": []}', b'{"choices": [{"message": null}]}'])
def test_an_answer_that_is_none_is_a_model_error(chat: ChatServer, client: Any, reply: bytes) -> None:
    chat.reply = reply
    assert refused(client)["Code"] == "ModelErrorException"


def test_one_that_is_not_there_makes_the_service_unavailable(bedrock: LocalBedrock, client: Any) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        bedrock.configure(llm={"url": f"http://127.0.0.1:{port}", "model": "llama3.2"})
        assert refused(client)["Code"] == "ServiceUnavailableException"
    bedrock.configure(llm=None)
    assert client.converse(**ASK)["additionalModelResponseFields"] == {"brain": "rules"}


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"LOCAL_LLM_URL": "http://127.0.0.1:1"}, "LOCAL_LLM_MODEL"),
        ({"LOCAL_LLM_URL": "ollama", "LOCAL_LLM_MODEL": "llama3.2"}, "no http address"),
    ],
)
def test_an_environment_that_cannot_be_meant_stops_it_with_a_sentence(
    environ: dict[str, str], words: str
) -> None:
    command = [str(PYTHON), "-m", "infra.local.bedrock", "--port", "1"]
    variables = for_python({**inherited(), **environ})
    ended = subprocess.run(command, env=variables, cwd=PROJECT, capture_output=True, text=True, timeout=20)
    assert ended.returncode == 1
    assert words in ended.stderr
    assert "Traceback" not in ended.stderr


def test_the_environment_names_the_model_that_answers(
    chat: ChatServer, tmp_path: Path, reaper: Reaper, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat.says({"content": "From the environment's."})
    monkeypatch.setenv("LOCAL_LLM_URL", chat.address)
    monkeypatch.setenv("LOCAL_LLM_MODEL", "mistral")
    with contextmanager(run_bedrock)(tmp_path, reaper) as server:
        asking = server.client()
        brains = [asking.converse(**ASK)["additionalModelResponseFields"]["brain"]]
        server.configure(llm=None)
        server.reset()
        brains.append(asking.converse(**ASK)["additionalModelResponseFields"]["brain"])
        asking.close()
    assert brains == ["mistral", "mistral"]
