"""Who may use the page: tokens, cookies, hosts and origins."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livecoach.errors import ConfigError
from livecoach.phone.access import Access, chosen
from livecoach.phone.connections import Refusals


def an_access() -> Access:
    return Access("192.168.1.20", 8443)


def token_of(url: str) -> str:
    return url.partition("?t=")[2]


def test_the_token_of_the_qr_code_gives_control() -> None:
    access = an_access()
    cookie = access.exchange(token_of(access.url), "control")
    assert cookie is not None
    assert access.right(cookie) == "control"


def test_the_token_for_watching_gives_no_control() -> None:
    access = an_access()
    token = token_of(access.watch_url)
    assert access.exchange(token, "control") is None
    assert access.right(access.exchange(token, "watch")) == "watch"


def test_tokens_and_cookies_end_with_the_session() -> None:
    """The next session has others."""
    old, new = an_access(), an_access()
    assert new.exchange(token_of(old.url), "control") is None
    assert new.right(old.exchange(token_of(old.url), "control")) is None


def test_a_token_is_no_cookie() -> None:
    """Who sees the address later has to exchange the token."""
    access = an_access()
    assert access.right(token_of(access.url)) is None


@given(st.text())
def test_any_other_text_is_refused(text: str) -> None:
    access = an_access()
    assert access.exchange(text, "control") is access.exchange(text, "watch") is access.right(text) is None


def test_no_cookie_allows_nothing() -> None:
    assert an_access().right(None) is None


@pytest.mark.parametrize("host", [None, "", "evil.example", "192.168.1.20", "192.168.1.20:80", "192.168.1.20:8443.x"])
def test_another_host_is_refused(host: str | None) -> None:
    """A name service that points a foreign name here does not reach the page."""
    assert not an_access().is_host(host)


def test_the_own_host_and_origin_are_taken() -> None:
    access = an_access()
    assert access.is_host("192.168.1.20:8443")
    assert access.is_origin("https://192.168.1.20:8443", needed=True)
    assert access.is_origin(None, needed=False)


@pytest.mark.parametrize("origin", [None, "null", "http://192.168.1.20:8443", "https://192.168.1.20", "https://x"])
def test_another_origin_is_refused(origin: str | None) -> None:
    assert not an_access().is_origin(origin, needed=True)


@pytest.mark.parametrize(
    ("text", "address", "port"),
    [
        ("127.0.0.1", "127.0.0.1", 8443),
        ("127.0.0.1:9000", "127.0.0.1", 9000),
        ("::1", "::1", 8443),
        ("[::1]:9000", "::1", 9000),
    ],
)
def test_an_address_may_have_a_port(text: str, address: str, port: int) -> None:
    assert chosen(text) == (address, port)


@pytest.mark.parametrize("text", ["0.0.0.0", "::", "224.0.0.1", "localhost", "", "127.0.0.1:0", "127.0.0.1:99999"])
def test_what_is_no_single_address_is_refused(text: str) -> None:
    """The page is never served at all addresses."""
    with pytest.raises(ConfigError, match="--phone"):
        chosen(text)


def test_refusals_are_counted_and_logged_ever_more_rarely(caplog: pytest.LogCaptureFixture) -> None:
    refusals = Refusals()
    for _ in range(1000):
        refusals.add("a wrong token")
    assert refusals["a wrong token"] == refusals.total == 1000
    assert len(caplog.records) == 4
