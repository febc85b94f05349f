"""Which passwords are good enough (OWASP ASVS 5, 6.2: long rather than colourful)."""

LEAST_CHARS, MOST_CHARS = 12, 200
_LEAST_DISTINCT = 5
_COMMON = ("password", "passwort", "qwerty", "asdfgh", "123456", "letmein", "welcome", "aiprism", "ai-prism")


def password_fault(password: str, *, user_id: str) -> str:
    """Returns what is wrong with the password in a sentence, "" if it is good enough."""
    if not LEAST_CHARS <= len(password) <= MOST_CHARS:
        return f"A password has {LEAST_CHARS} to {MOST_CHARS} characters; a few words make a good one."
    folded = password.casefold()
    if len(set(folded)) < _LEAST_DISTINCT:
        return f"A password has at least {_LEAST_DISTINCT} different characters."
    parts = {user_id.casefold(), user_id.casefold().partition("@")[0], *_COMMON}
    for part in parts:
        if len(part) > 2 and len(folded.replace(part, "")) < LEAST_CHARS - len("1234"):
            return (
                "That is among the first that are guessed: take words that have nothing to do with the name."
            )
    return ""
