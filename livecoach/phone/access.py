"""Who may do what: the tokens in the addresses, the cookies they are exchanged for, and the checks of each request."""

import hmac
import secrets
from typing import Literal

Right = Literal["control", "watch"]
COOKIE = "livecoach"
_TOKEN_BYTES = 32


class Access:
    """The tokens and cookies of one session. They are random, kept in memory alone, and end with it."""

    def __init__(self, address: str, port: int) -> None:
        """address, port: where the page is served, and the only host that a request may name."""
        host = f"[{address}]" if ":" in address else address
        # A browser leaves out the port that the scheme implies.
        self._hosts = {f"{host}:{port}", host} if port == 443 else {f"{host}:{port}"}
        self._tokens: dict[Right, str] = {right: secrets.token_urlsafe(_TOKEN_BYTES) for right in ("control", "watch")}
        self._cookies: dict[Right, str] = {right: secrets.token_urlsafe(_TOKEN_BYTES) for right in ("control", "watch")}
        self.origin = f"https://{host}" if port == 443 else f"https://{host}:{port}"

    @property
    def url(self) -> str:
        """Address that gives the camera and the remote."""
        return f"{self.origin}/?t={self._tokens['control']}"

    @property
    def watch_url(self) -> str:
        """Address that may only watch."""
        return f"{self.origin}/watch?t={self._tokens['watch']}"

    def exchange(self, token: str, right: Right) -> str | None:
        """Return the cookie for a token; None for a wrong one."""
        return self._cookies[right] if _same(token, self._tokens[right]) else None

    def right(self, cookie: str | None) -> Right | None:
        """Return what a cookie allows; None where it allows nothing."""
        given = cookie or ""
        # Both are compared in any case, so that the time tells nothing.
        control, watch = _same(given, self._cookies["control"]), _same(given, self._cookies["watch"])
        return "control" if control else "watch" if watch else None

    def is_host(self, host: str | None) -> bool:
        """Return whether a request names this server: another name reached it by a changed name service."""
        return host in self._hosts

    def is_origin(self, origin: str | None, *, needed: bool) -> bool:
        """Return whether a request comes from our page. needed: browsers always send an origin with a WebSocket."""
        return not needed if origin is None else origin == self.origin


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode())
