"""The errors that code raises. Details say what happened this time; the catalogue says what to do."""

from core.error_catalogue import CATALOGUE


class AppError(Exception):
    """An error with a stable code from the catalogue and a sentence about this occurrence.

    `detail` is shown to people: no secrets, no document text, no stack traces.
    """

    retryable = False

    def __init__(self, code: str, detail: str = "") -> None:
        self.kind = CATALOGUE[code]
        self.code = code
        self.detail = detail or self.kind.title + "."
        super().__init__(f"{code}: {self.detail}")


class Permanent(AppError):
    """Trying again cannot help."""


class Transient(AppError):
    """Trying again later may help; uses the retry budget of a task."""

    retryable = True


class Throttled(AppError):
    """Capacity comes back at a known time; waiting uses no attempt.

    retry_after_s: seconds until it is worth asking again. waiting_for: what is waited for, in a word or two.
    """

    retryable = True

    def __init__(
        self, code: str, detail: str = "", *, retry_after_s: float, waiting_for: str = "capacity"
    ) -> None:
        super().__init__(code, detail)
        self.retry_after_s = retry_after_s
        self.waiting_for = waiting_for


class ConfigurationError(Exception):
    """The process must not start; `faults` has one sentence per setting that is wrong."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__(
            "The configuration cannot be used:\n" + "\n".join(f"  - {fault}" for fault in faults)
        )
