"""The vocabulary of the API's table."""

from dataclasses import dataclass, field

from pydantic import BaseModel

HTML = "text/html"
CSV = "text/csv"
TEXT = "text/plain"
PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ZIP = "application/zip"
PNG = "image/png"
JSON = "application/json"
OCTETS = "application/octet-stream"

NOT_CHANGED = "Nothing has changed since the ETag in If-None-Match"
SESSION = "/sessions/<session:session_id>"


@dataclass(frozen=True)
class Query:
    name: str
    description: str
    required: bool = False


@dataclass(frozen=True)
class FormPart:
    """A field of a form: a file, or text, perhaps restricted to `one_of`."""

    description: str
    required: bool = True
    one_of: tuple[str, ...] = ()
    is_text: bool = False


@dataclass(frozen=True)
class RouteSpec:
    """One operation of the API.

    rule: as in Flask. gives: a schema, or None if `media` is not JSON. errors: beyond the common ones. body and
    multipart together: either is accepted. form: as an HTML form sends it. public: answered without identity.
    """

    method: str
    rule: str
    summary: str
    gives: type[BaseModel] | None = None
    media: str = JSON
    other_media: str = ""
    body: type[BaseModel] | None = None
    multipart: dict[str, FormPart] = field(default_factory=dict)
    form: dict[str, FormPart] = field(default_factory=dict)
    query: tuple[Query, ...] = ()
    errors: tuple[str, ...] = ()
    also: dict[int, str] = field(default_factory=dict)
    public: bool = False
