"""Framing of application/vnd.amazon.eventstream, as botocore's eventstream.py reads it.

u32 length of all | u32 length of the headers | u32 crc32 of the eight bytes before
headers: u8 length, name, u8 type 7 (text), u16 length, value
payload | u32 crc32 of everything before
"""

import json
import struct
import zlib

from infra.local.bedrock.events import Event

CONTENT_TYPE = "application/vnd.amazon.eventstream"
_TEXT = 7
_AROUND_BYTES = 16


def frame(event: Event) -> bytes:
    kind = "exception" if event.is_exception else "event"
    named = ":exception-type" if event.is_exception else ":event-type"
    headers = _headers({named: event.name, ":content-type": "application/json", ":message-type": kind})
    payload = json.dumps(event.payload, ensure_ascii=False).encode()
    length = len(headers) + len(payload) + _AROUND_BYTES
    prelude = struct.pack("!II", length, len(headers))
    head = prelude + struct.pack("!I", zlib.crc32(prelude))
    message = head + headers + payload
    return message + struct.pack("!I", zlib.crc32(message))


def _headers(values: dict[str, str]) -> bytes:
    return b"".join(_header(name.encode(), value.encode()) for name, value in values.items())


def _header(name: bytes, value: bytes) -> bytes:
    return struct.pack("!B", len(name)) + name + struct.pack("!BH", _TEXT, len(value)) + value
