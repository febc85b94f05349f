"""AI-Prism's own code."""

VERSION = "0.1.0"
"""As in pyproject.toml; a test holds the two together. Workers say it in their records."""
