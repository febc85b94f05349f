"""Why a deployment stopped, as a sentence that says what to do."""


class CannotDeploy(Exception):
    """Shown to the person as it is, without a stack trace."""


class NotConfirmed(CannotDeploy):
    """Somebody has seen the changes and said no, or nobody could be asked."""
