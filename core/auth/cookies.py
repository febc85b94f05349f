"""The cookies of this product.

__Host-: browsers accept them only over https, for this host and all paths.
"""

SESSION_COOKIE = "__Host-ai-prism"
"""Of a sign-in; forgotten with the browser."""

BROWSER_COOKIE = "__Host-ai-prism-browser"
BROWSER_VALID_S = 90 * 24 * 3600.0
"""That an account was used in this browser."""

OIDC_COOKIE = "__Host-ai-prism-oidc"
OIDC_VALID_S = 600.0
"""On the way to the provider and back."""
