"""Settings of signing in: sessions, attempts, and where AUTH=oidc and AUTH=proxy learn who somebody is."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from core.setting import setting

AUTH_NONE, AUTH_LOCAL, AUTH_OIDC, AUTH_PROXY = WAYS = ("none", "local", "oidc", "proxy")
LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "::1", "[::1]"})


@dataclass(frozen=True)
class SignInSettings:
    """Sessions, attempts, and AUTH=oidc and AUTH=proxy."""

    public_url: str = setting(
        "PUBLIC_URL",
        "",
        "Address that people open, as https://ai-prism.example.org: the only host that is answered, and where an "
        "OIDC provider sends them back. Needed with sign-in where HOST is not loopback",
    )
    forwarded_hops: int = setting(
        "FORWARDED_HOPS",
        0,
        "Load balancers in front that add to X-Forwarded-For; 0: the header is not believed",
        low=0,
    )
    idle_s: float = setting("SESSION_IDLE_S", 3600.0, "Signed out after so long without a request", low=1)
    absolute_s: float = setting(
        "SESSION_MAX_S", 43_200.0, "Signed out so long after signing in, whatever happens", low=1
    )
    attempts: int = setting(
        "SIGN_IN_ATTEMPTS",
        10,
        "Wrong passwords for one account before strange browsers wait; those it was used in before do not",
        low=1,
    )
    attempts_per_address: int = setting(
        "SIGN_IN_ATTEMPTS_PER_ADDRESS",
        50,
        "Wrong passwords from one address, of IPv6 from one /64, before it waits",
        low=1,
    )
    attempts_window_s: float = setting("SIGN_IN_WINDOW_S", 900.0, "How long a wrong password counts", low=1)
    user_claim: str = setting(
        "AUTH_USER_CLAIM",
        "email",
        "oidc, proxy: the claim that names a user; it must never pass to another person",
    )
    name_claim: str = setting("AUTH_NAME_CLAIM", "name", "oidc, proxy: the claim that colleagues are shown")
    roles_claim: str = setting("AUTH_ROLES_CLAIM", "groups", "oidc, proxy: the claim with a user's groups")
    operator_groups: str = setting(
        "AUTH_OPERATOR_GROUPS", "", "oidc, proxy: groups whose members are operators, comma separated"
    )
    reviewer_groups: str = setting(
        "AUTH_REVIEWER_GROUPS",
        "",
        "oidc, proxy: groups whose members may use AI-Prism, comma separated; empty: everybody who can sign in",
    )
    oidc_issuer: str = setting("OIDC_ISSUER", "", "oidc: the provider, as https://login.example.org/realm")
    oidc_client_id: str = setting("OIDC_CLIENT_ID", "", "oidc: the id of this client at the provider")
    oidc_client_secret: str = setting(
        "OIDC_CLIENT_SECRET", "", "oidc: its secret there; empty: a public client, PKCE alone", secret=True
    )
    oidc_scopes: str = setting("OIDC_SCOPES", "openid email profile", "oidc: what is asked for")
    proxy_header: str = setting(
        "PROXY_HEADER", "X-Amzn-Oidc-Data", "proxy: the header with the signed token of who is asking"
    )
    proxy_signer: str = setting(
        "PROXY_SIGNER", "", "proxy: the ARN of the load balancer, the only one whose tokens are believed"
    )
    proxy_keys_url: str = setting(
        "PROXY_KEYS_URL",
        "",
        "proxy: where its public keys are: with {kid} one PEM each, else a JWKS. Empty: AWS's for AWS_REGION",
    )
    proxy_issuer: str = setting("PROXY_ISSUER", "", "proxy: the issuer that tokens must name; empty: any")
    proxy_audience: str = setting(
        "PROXY_AUDIENCE",
        "",
        "proxy: the audience or client id that tokens must name; PROXY_KEYS_URL needs it",
    )
    proxy_secret: str = setting(
        "PROXY_SECRET",
        "",
        "proxy: instead of public keys, the secret that HS256 tokens are signed with",
        secret=True,
    )

    @property
    def public_host(self) -> str:
        """As in a Host header, "" without PUBLIC_URL."""
        return urlsplit(self.public_url).netloc.lower()


def sign_in_faults(auth: str, host: str, given: SignInSettings) -> list[str]:
    """What of the settings cannot be together. host: what the web tier binds to."""
    loopback = host.strip().lower() in LOOPBACK_HOSTS
    faults = []
    if auth == AUTH_NONE and not loopback:
        faults.append(f"AUTH=none serves only this machine: set HOST to 127.0.0.1, not {host!r}")
    if auth != AUTH_NONE and not loopback and not given.public_url:
        faults.append(
            "PUBLIC_URL is needed: the address that people open, such as https://ai-prism.example.org"
        )
    if given.public_url and not _is_address(given.public_url):
        faults.append(
            f"PUBLIC_URL: {given.public_url!r} is not an address such as https://ai-prism.example.org"
        )
    if given.idle_s > given.absolute_s:
        faults.append("SESSION_IDLE_S must not be above SESSION_MAX_S")
    return faults + _faults_of_way(auth, given)


def _faults_of_way(auth: str, given: SignInSettings) -> list[str]:
    if auth == AUTH_OIDC:
        needed = {
            "OIDC_ISSUER": given.oidc_issuer,
            "OIDC_CLIENT_ID": given.oidc_client_id,
            "PUBLIC_URL": given.public_url,
        }
        return [f"AUTH=oidc needs {name}" for name, value in needed.items() if not value]
    if auth == AUTH_PROXY and not (given.proxy_signer or given.proxy_keys_url or given.proxy_secret):
        return [
            "AUTH=proxy needs PROXY_SIGNER (the load balancer's ARN), PROXY_KEYS_URL or PROXY_SECRET: a header "
            "that nobody has signed could be anybody's"
        ]
    if auth == AUTH_PROXY and not (given.proxy_signer or given.proxy_audience or given.proxy_secret):
        return [
            "PROXY_KEYS_URL needs PROXY_AUDIENCE or PROXY_SIGNER: the same keys sign tokens that are for others"
        ]
    return []


def _is_address(text: str) -> bool:
    parts = urlsplit(text)
    return parts.scheme in ("http", "https") and bool(parts.netloc) and parts.path in ("", "/")
