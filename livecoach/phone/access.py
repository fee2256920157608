"""Controls access to the phone's page: its address, tokens, cookies and certificate.

A certificate authority of this installation signs the certificate of the address in use. The authority, the certificate
and the secret from which the lifter's token and cookie are derived are stored. They stay valid until the authority is
replaced. The token and the cookie for watching are new in each run.
"""

import hmac
import ipaddress
import os
import secrets
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeVar

import trustme
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from livecoach.core.config.files import open_new_private
from livecoach.core.config.paths import make_private_data_folder, user_data_dir
from livecoach.core.errors import ConfigError, OutputError, explain_os_errors
from livecoach.pages.listener import equals_secret
from livecoach.phone.protocol import RateLimit

PORTS = range(8443, 8453)
"""Ports to try, in a fixed order, so that the address stays the same from run to run."""
AUTO = "auto"  # Stands for this computer's address in the network
_ELSEWHERE = "192.0.2.1"  # Address that no computer has (RFC 5737): finding a route to it sends nothing


def parse_phone_address(text: str) -> tuple[str, int | None]:
    """Parse ADDRESS, ADDRESS:PORT, or "auto" for this computer's address. The port is None if the text names none.

    Raises ConfigError if the address or its port is invalid, or this computer has no network.
    """
    if text == AUTO:
        return _network_address(), None
    host, port = _split_port(text)
    try:
        address = ipaddress.ip_address(host)
    except ValueError as err:
        raise ConfigError(
            f"--phone {text}: not an address. Give this computer's address, such as 192.168.1.20, or leave it out."
        ) from err
    if address.is_unspecified or address.is_multicast:
        raise ConfigError(f"--phone {text}: stands for many addresses. Give this computer's address, or leave it out.")
    return str(address), port


def _split_port(text: str) -> tuple[str, int | None]:
    host, colon, port = text.rpartition(":") if text.count(":") == 1 or "]:" in text else (text, "", "")
    host = host.strip("[]")
    if not colon:
        return host, None
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise ConfigError(f"--phone {text}: not a port. Give a number from 1 to 65535.")
    return host, int(port)


def _network_address() -> str:
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect((_ELSEWHERE, 9))
            address: str = probe.getsockname()[0]
    except OSError as err:
        raise ConfigError(
            "--phone: this computer is in no network. Join one, or name its address: --phone ADDRESS."
        ) from err
    return address


Right = Literal["control", "watch"]
COOKIE = "livecoach"
TOKEN_CHARACTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # Without 0, 1, i, l and o, which look alike
TOKEN_LENGTH = 12  # Number of characters of a token: 59 bits
_SECRET_BYTES = 32
GUESSES, GUESSES_HZ = 20, 1.0  # Most tokens of a device that are checked at once, and per second
MOST_GUESSING = 256  # Most devices with counted guesses; beyond this, the oldest is forgotten


class PageAccess:
    """Controls the access to the phone's page, by tokens and cookies. Each object has a new token for watching."""

    def __init__(self, address: str, port: int, secret: bytes) -> None:
        """Derive the tokens and cookies.

        Args:
            address: Address of the page, the only host that a request may name.
            secret: Secret of the installation, from `load_identity`: the lifter's token and cookie are derived from it.
        """
        host = f"[{address}]" if ":" in address else address
        # A browser leaves out the port that the scheme implies.
        self._hosts = {f"{host}:{port}", host} if port == 443 else {f"{host}:{port}"}
        of_right: dict[Right, bytes] = {"control": secret, "watch": secrets.token_bytes(_SECRET_BYTES)}
        self._tokens = {right: _token(_derive_bytes(own, "token")) for right, own in of_right.items()}
        self._cookies = {right: _derive_bytes(own, "cookie").hex() for right, own in of_right.items()}
        self._guesses: dict[str, RateLimit] = {}
        self.origin = f"https://{host}" if port == 443 else f"https://{host}:{port}"

    @property
    def url(self) -> str:
        """The address that gives a device access to camera and remote."""
        return f"{self.origin}/{self._tokens['control']}"

    @property
    def watch_url(self) -> str:
        """The address that lets a device watch the run, but not control it."""
        return f"{self.origin}/{self._tokens['watch']}"

    def admit_guess(self, address: str, now_s: float) -> bool:
        """Return whether a token from a network address may be checked at time `now_s`, and if so, count the check."""
        if address not in self._guesses and len(self._guesses) >= MOST_GUESSING:
            del self._guesses[next(iter(self._guesses))]
        return self._guesses.setdefault(address, RateLimit(GUESSES_HZ, GUESSES)).admit(now_s)

    def exchange_token(self, token: str) -> tuple[Right, str] | None:
        """Return the right that a token grants, with the cookie for that right; None for an invalid token."""
        typed = token.strip().lower()
        # All tokens are always compared, so that the time reveals nothing.
        allowed = [right for right, wanted in self._tokens.items() if equals_secret(typed, wanted)]
        return (allowed[0], self._cookies[allowed[0]]) if allowed else None

    def find_right(self, cookie: str | None) -> Right | None:
        """Return the right that a cookie grants; None without a valid cookie."""
        # Both cookies are always compared, so that the time reveals nothing.
        control, watch = (equals_secret(cookie or "", self._cookies[right]) for right in ("control", "watch"))
        return "control" if control else "watch" if watch else None

    def is_own_host(self, host: str | None) -> bool:
        """Return whether the Host header of a request names this server; another name may come from an attack."""
        return host in self._hosts

    def is_own_origin(self, origin: str | None, *, needed: bool) -> bool:
        """Return whether a request's Origin header names this server; without the header, True unless `needed`."""
        return not needed if origin is None else origin == self.origin


def _derive_bytes(secret: bytes, purpose: str) -> bytes:
    """Derive 32 bytes for a purpose, which reveal neither the secret nor the bytes for other purposes."""
    return hmac.digest(secret, purpose.encode(), "sha256")


def _token(made: bytes) -> str:
    number, signs = int.from_bytes(made), ""
    for _ in range(TOKEN_LENGTH):
        number, place = divmod(number, len(TOKEN_CHARACTERS))
        signs += TOKEN_CHARACTERS[place]
    return signs


AUTHORITY, KEY, SECRET = "authority.pem", "authority.key", "secret"
ROTATED_AFTER = timedelta(days=365)
"""Age at which the authority is replaced. Phones that trust it must install the new authority once a year."""
LEAF_DAYS = 397
"""Validity of an address's certificate, which is replaced earlier, together with its authority. Phones refuse more than
825 days."""
SLOW_CLOCK = timedelta(days=1)  # Most that a phone's clock may be slow: certificates become valid earlier by this time
Stored = TypeVar("Stored")


def identity_folder() -> Path:
    """Return the folder for the authority, the certificates and the secret. The folder may not exist yet."""
    return user_data_dir() / "phone"


class Identity(NamedTuple):
    """The identity of the phone's server: its certificate and secret, which stay the same from run to run."""

    certificate: Path  # File with the key and the certificate of an address
    secret: bytes  # Secret from which the tokens are derived
    is_renewed: bool  # Whether the authority has just been replaced: phones need the new authority and address


def load_identity(address: str, now: datetime | None = None) -> Identity:
    """Load the identity of the phone's server at an address. Each part that is missing, old or damaged is made anew.

    A part that other users could read is made anew, too. With a new authority, certificate and secret are made anew.
    Raises OutputError if the identity can't be read or stored.
    """
    now, before = now or datetime.now(UTC), None
    with suppress(OSError):
        before = (identity_folder() / AUTHORITY).read_bytes()
    maker = _load_or_make(_stored_authority, _new_authority, now)
    path = identity_folder() / f"{address.replace(':', '-')}.pem"
    is_renewed = before not in (None, maker.cert_pem.bytes())
    certificate = _load_or_make(partial(_stored_leaf, path, maker), partial(_new_leaf, path, maker, address), now)
    return Identity(certificate, _load_or_make(_stored_secret, _new_secret, now), is_renewed)


def make_tls_context(file: Path) -> ssl.SSLContext:
    """Make the TLS context of the server from the file with its certificate and key.

    Raises OSError if the file can't be read, or contains no valid certificate with its key.
    """
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(file)
    return context


def _load_or_make(
    stored: Callable[[datetime], Stored | None], made: Callable[[datetime], Stored], now: datetime
) -> Stored:
    """Return the stored value, or a new value if it is missing, damaged or None; raise OutputError if storing fails."""
    kept, unstored = None, f"{identity_folder()}: the certificate for the phone can't be stored"
    with explain_os_errors(OutputError, unstored, "Make the folder writable."):
        make_private_data_folder(identity_folder())
        with suppress(FileNotFoundError, ValueError, TypeError, InvalidSignature, ssl.SSLError):
            kept = stored(now)
        return made(now) if kept is None else kept


def _read_secret(path: Path) -> bytes:
    """Read a secret file; raise ValueError if other users could read the file, which makes it untrustworthy."""
    if os.name == "posix" and path.stat().st_mode & 0o077:
        raise ValueError(path)
    return path.read_bytes()


def _stored_authority(now: datetime) -> trustme.CA | None:
    key, pem = _read_secret(identity_folder() / KEY), (identity_folder() / AUTHORITY).read_bytes()
    age = now - SLOW_CLOCK - x509.load_pem_x509_certificate(pem).not_valid_before_utc
    return trustme.CA.from_pem(pem, key) if timedelta(0) <= age < ROTATED_AFTER else None


def _new_authority(now: datetime) -> trustme.CA:
    """Make an authority with a name, because iOS lists only named authorities under Certificate Trust Settings."""
    unnamed = trustme.CA(path_length=0)
    key_pem, made = unnamed.private_key_pem.bytes(), x509.load_pem_x509_certificate(unnamed.cert_pem.bytes())
    name = x509.Name.from_rfc4514_string(f"CN=livecoach {now:%Y-%m-%d},O=livecoach")
    valid = now - SLOW_CLOCK, now + ROTATED_AFTER + timedelta(days=LEAF_DAYS)
    named = x509.CertificateBuilder(name, name, made.public_key(), made.serial_number, *valid, [*made.extensions])
    key: Any = load_pem_private_key(key_pem, None)
    pem = named.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)
    _write(identity_folder() / KEY, key_pem)
    _write(identity_folder() / AUTHORITY, pem)
    (identity_folder() / SECRET).unlink(missing_ok=True)
    return trustme.CA.from_pem(pem, key_pem)


def _stored_secret(_: datetime) -> bytes | None:
    secret = _read_secret(identity_folder() / SECRET)
    return secret if len(secret) == _SECRET_BYTES else None


def _new_secret(_: datetime) -> bytes:
    secret = secrets.token_bytes(_SECRET_BYTES)
    _write(identity_folder() / SECRET, secret)
    return secret


def _stored_leaf(path: Path, maker: trustme.CA, now: datetime) -> Path | None:
    leaf = x509.load_pem_x509_certificate(_read_secret(path))
    leaf.verify_directly_issued_by(x509.load_pem_x509_certificate(maker.cert_pem.bytes()))
    make_tls_context(path)  # Checks that the key belongs to the certificate
    return path if leaf.not_valid_before_utc <= now else None


def _new_leaf(path: Path, maker: trustme.CA, address: str, now: datetime) -> Path:
    leaf = maker.issue_cert(
        address,
        common_name=address,
        organization_name="livecoach",
        organization_unit_name="phone",
        not_before=now - SLOW_CLOCK,
        not_after=now + timedelta(days=LEAF_DAYS),
    )
    _write(path, leaf.private_key_and_cert_chain_pem.bytes())
    return path


def _write(path: Path, content: bytes) -> None:
    path.unlink(missing_ok=True)
    with open_new_private(path) as file:
        file.write(content)
