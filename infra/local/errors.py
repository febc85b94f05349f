"""Why the local system cannot start or go on, as one sentence that says what to do."""


class CannotStart(Exception):
    """Shown to the person as it is, without a stack trace."""
