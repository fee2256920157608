"""Who reaches the phone's page: its address, its tokens, its certificate."""

import hmac
import math
import os
import re
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from builders.systems import mode_of
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from hypothesis import given
from hypothesis import strategies as st

from livecoach.core.errors import ConfigError, OutputError
from livecoach.phone import access
from livecoach.phone.access import PageAccess, parse_phone_address
from livecoach.phone.connections import Refusals


def an_access(secret: bytes = bytes(32)) -> PageAccess:
    return PageAccess("192.168.1.20", 8443, secret)


def token_of(url: str) -> str:
    return url.rpartition("/")[2]


def test_the_token_of_the_qr_code_gives_control_and_the_token_for_watching_none() -> None:
    access = an_access()
    for url, gives in ((access.url, "control"), (access.watch_url, "watch")):
        right, cookie = access.exchange_token(token_of(url))
        assert access.find_right(cookie) == right == gives
        assert access.find_right(token_of(url)) is access.find_right(None) is None, "a token is no cookie"


def test_tokens_have_59_bits_in_signs_that_do_not_look_alike_and_cookies_256() -> None:
    """A token is typed: in capitals too, as a phone's keyboard may begin."""
    made = an_access()
    tokens = [token_of(url) for url in (made.url, made.watch_url)]
    cookies = [made.exchange_token(token)[1] for token in tokens]
    assert access.TOKEN_LENGTH * math.log2(len(access.TOKEN_CHARACTERS)) > 59
    assert all(len(token) == access.TOKEN_LENGTH and set(token) <= set(access.TOKEN_CHARACTERS) for token in tokens)
    assert {len(bytes.fromhex(cookie)) for cookie in cookies} == {256 // 8}
    assert len({*tokens, *cookies}) == 4
    assert not set(access.TOKEN_CHARACTERS) & set("0o1il")
    assert made.exchange_token(f" {token_of(made.url).upper()} ") == made.exchange_token(token_of(made.url))


def test_an_address_of_the_network_guesses_once_a_second() -> None:
    """Others are not kept out by it, and their number has a bound."""
    made = an_access()
    assert [made.admit_guess("192.168.1.66", 0.0) for _ in range(access.GUESSES + 1)] == [True] * access.GUESSES + [
        False
    ]
    assert made.admit_guess("192.168.1.66", 1.0)
    assert not made.admit_guess("192.168.1.66", 1.0)
    assert all(made.admit_guess(f"10.0.{n // 256}.{n % 256}", 1.0) for n in range(2 * access.MOST_GUESSING))
    assert len(made._guesses) == access.MOST_GUESSING


def test_tokens_and_cookies_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[bytes] = []
    constant = hmac.compare_digest
    monkeypatch.setattr(hmac, "compare_digest", lambda given, wanted: compared.append(given) or constant(given, wanted))
    an_access().exchange_token("a token")
    an_access().find_right("a cookie")
    assert compared == [b"a token", b"a token", b"a cookie", b"a cookie"]


@given(st.text())
def test_a_text_that_is_no_token_is_refused(text: str) -> None:
    access = an_access()
    assert access.exchange_token(text) is access.find_right(text) is None


def test_only_the_own_host_and_origin_are_taken() -> None:
    """A name service that points a foreign name here does not reach the page."""
    access = an_access()
    assert access.is_own_host("192.168.1.20:8443")
    for host in (None, "", "evil.example", "192.168.1.20", "192.168.1.20:80", "192.168.1.20:8443.x"):
        assert not access.is_own_host(host), host
    assert access.is_own_origin("https://192.168.1.20:8443", needed=True)
    assert access.is_own_origin(None, needed=False)
    for origin in (None, "null", "http://192.168.1.20:8443", "https://192.168.1.20", "https://x"):
        assert not access.is_own_origin(origin, needed=True), origin


@pytest.mark.parametrize(
    ("text", "address", "port"),
    [
        ("127.0.0.1", "127.0.0.1", None),
        ("127.0.0.1:9000", "127.0.0.1", 9000),
        ("::1", "::1", None),
        ("[::1]:9000", "::1", 9000),
    ],
)
def test_an_address_may_have_a_port(text: str, address: str, port: int | None) -> None:
    assert parse_phone_address(text) == (address, port)


@pytest.mark.parametrize("text", ["0.0.0.0", "::", "224.0.0.1", "localhost", "", "127.0.0.1:0", "127.0.0.1:99999"])
def test_a_text_that_is_no_single_address_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="--phone"):
        parse_phone_address(text)


def test_refusals_are_counted_and_logged_ever_more_rarely(caplog: pytest.LogCaptureFixture) -> None:
    refusals = Refusals()
    for _ in range(1000):
        refusals.add("a wrong token")
    assert refusals["a wrong token"] == refusals.total() == 1000
    assert len(caplog.records) == 4


NOW = datetime(2026, 5, 1, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("data_home")
POSIX = pytest.mark.skipif(os.name != "posix", reason="modes")


def authority(now: datetime = NOW) -> bytes:
    access.load_identity("192.168.1.20", now)
    return (access.identity_folder() / access.AUTHORITY).read_bytes()


def certificate(now: datetime = NOW, address: str = "192.168.1.20") -> bytes:
    """As the next run shows it."""
    return access.load_identity(address, now)[0].read_bytes()


def secret(now: datetime = NOW) -> bytes:
    return access.load_identity("192.168.1.20", now)[1]


def test_the_certificate_is_for_a_single_address_and_a_year() -> None:
    at = "192.168.1.20"
    assert access.make_tls_context(access.load_identity(at, NOW)[0]).minimum_version >= ssl.TLSVersion.TLSv1_2
    leaf, *_ = x509.load_pem_x509_certificates(certificate())
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert ExtendedKeyUsageOID.SERVER_AUTH in leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert [str(name) for name in names.get_values_for_type(x509.IPAddress)] == [at]
    assert leaf.not_valid_after_utc - NOW == timedelta(days=access.LEAF_DAYS)
    assert leaf.not_valid_after_utc - leaf.not_valid_before_utc <= timedelta(days=825), "no iPhone takes a longer one"


def test_an_authority_has_a_name_by_which_a_phone_lists_it() -> None:
    """One of an older version has none: it is replaced, and that is said once."""
    unnamed = trustme.CA(path_length=0, organization_name="livecoach", organization_unit_name="livecoach here")
    access.identity_folder().mkdir(parents=True)
    (access.identity_folder() / access.AUTHORITY).write_bytes(unnamed.cert_pem.bytes())
    with access.open_new_private(access.identity_folder() / access.KEY) as key:
        key.write(unnamed.private_key_pem.bytes())
    assert [access.load_identity("192.168.1.20", NOW).is_renewed for _ in range(2)] == [True, False]
    (name,) = x509.load_pem_x509_certificate(authority()).subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    assert name.value == "livecoach 2026-05-01"


def test_a_phone_that_trusts_the_certificate_trusts_the_next_runs() -> None:
    """At each address: a computer may be at home, and in a gym. The owner alone can read them."""
    home, gym = certificate(), certificate(address="fe80::1")
    later = NOW + timedelta(days=200)
    assert home != gym
    assert (certificate(later), certificate(later, "fe80::1")) == (home, gym)
    assert {mode_of(path) for path in access.identity_folder().iterdir()} == {0o600}


@pytest.mark.parametrize(
    ("later", "kept"), [(timedelta(days=364), True), (access.ROTATED_AFTER, False), (timedelta(days=-2), False)]
)
def test_the_certificate_is_renewed_before_it_expires(later: timedelta, kept: bool) -> None:
    """With its authority, a month before; and where it is from the future."""
    assert (certificate() == certificate(NOW + later)) == kept
    leaf, *_ = x509.load_pem_x509_certificates(certificate(NOW + later))
    assert leaf.not_valid_before_utc <= NOW + later < leaf.not_valid_after_utc - timedelta(days=30)


def test_a_phone_keeps_its_page_until_the_authority_is_replaced() -> None:
    """By the address, and by the cookie of a bookmark without one. Another computer has another one."""
    before, next_day = (an_access(secret(NOW + timedelta(days=days))) for days in (0, 1))
    _, cookie = before.exchange_token(token_of(before.url))
    assert (before.url, next_day.find_right(cookie)) == (next_day.url, "control")
    for other in (an_access(), an_access(secret(NOW + access.ROTATED_AFTER))):
        assert other.exchange_token(token_of(before.url)) is other.find_right(cookie) is None


def test_a_device_that_was_shown_how_to_watch_can_watch_that_session_alone() -> None:
    before, next_day = an_access(secret()), an_access(secret())
    _, cookie = before.exchange_token(token_of(before.watch_url))
    assert before.find_right(cookie) == "watch"
    assert next_day.exchange_token(token_of(before.watch_url)) is next_day.find_right(cookie) is None


def leaf() -> Path:
    return access.load_identity("192.168.1.20", NOW)[0]


def damage(path: Path) -> None:
    path.write_text("damaged")


def cut_off_key(path: Path) -> None:
    path.write_bytes(path.read_bytes()[path.read_bytes().index(b"-----BEGIN CERTIFICATE") :])


def show_others(path: Path) -> None:
    path.chmod(0o644)


@pytest.mark.parametrize(
    ("made", "name", "spoil"),
    [
        *((authority, name, damage) for name in (access.AUTHORITY, access.KEY)),
        pytest.param(authority, access.KEY, show_others, marks=POSIX),
        *(pytest.param(certificate, None, spoil, marks=POSIX) for spoil in (damage, cut_off_key, show_others)),
        pytest.param(certificate, access.KEY, Path.unlink, marks=POSIX),  # of another authority then
        *(pytest.param(secret, access.SECRET, spoil, marks=POSIX) for spoil in (Path.unlink, damage, show_others)),
    ],
)
def test_a_damaged_authority_certificate_or_secret_is_replaced(made, name, spoil):
    """The authority, its certificate for an address, and the secret that the page's address is made from."""
    before = made()
    spoil(leaf() if name is None else access.identity_folder() / name)
    after = made()
    assert before != after == made()
    assert os.name != "posix" or {mode_of(path) for path in access.identity_folder().iterdir()} == {0o600}


def test_a_certificate_that_can_not_be_stored_is_an_error_that_names_the_folder():
    access.identity_folder().parent.mkdir(parents=True, exist_ok=True)
    access.identity_folder().write_text("a file in its place")
    with pytest.raises(OutputError, match=f"{re.escape(str(access.identity_folder()))}: .* can't be stored"):
        certificate()
