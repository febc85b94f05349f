"""Every error a person or a program can meet, by what to do about it.

One catalogue: a stable code, the HTTP status it has at the web tier, a title and the next step for a person.
docs/errors.md is made of it.
"""

from core.error_catalogue.files import FILES
from core.error_catalogue.kind import ErrorKind
from core.error_catalogue.reviews import REVIEWS
from core.error_catalogue.work import WORK

CATALOGUE: dict[str, ErrorKind] = {**FILES, **REVIEWS, **WORK}
