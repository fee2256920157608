"""The authority of this installation, and the certificate that it gives to the address in use."""

import os
import ssl
from datetime import datetime, timedelta, timezone
from pathlib import Path

import trustme
from cryptography import x509

from livecoach.config.files import open_new_private
from livecoach.config.paths import make_private, user_data_dir
from livecoach.errors import OutputError

AUTHORITY, KEY = "authority.pem", "authority.key"
ROTATED_AFTER = timedelta(days=365)
"""Age at which the authority is replaced. A phone that trusts it has to be told once a year."""
LEAF_DAYS = 30
"""Validity of the certificate of an address. Each start makes a new one; phones refuse more than 825 days."""
_MADE = "made"


def folder() -> Path:
    """Return the folder of the authority, which need not exist."""
    return user_data_dir() / "phone"


def authority(now: datetime | None = None) -> trustme.CA:
    """Return the authority of this installation; make it where there is none, or where it is old or damaged.

    Raises OutputError where it can't be stored.
    """
    now = now or datetime.now(timezone.utc)
    place = folder()
    try:
        make_private(place)
        found = _stored(place, now)
        return found if found is not None else _made(place, now)
    except OSError as err:
        raise OutputError(
            f"{place}: the certificate for the phone can't be stored: {err.strerror or err}. Make the folder writable."
        ) from err


def server_context(maker: trustme.CA, address: str) -> ssl.SSLContext:
    """Return the context of a server at an address, with a certificate of its own."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    issued(maker, address, datetime.now(timezone.utc)).configure_cert(context)
    return context


def issued(maker: trustme.CA, address: str, now: datetime) -> trustme.LeafCert:
    """Return a certificate for an address."""
    return maker.issue_cert(
        address,
        organization_name="livecoach",
        not_before=now - timedelta(days=1),  # the phone's clock may be slow
        not_after=now + timedelta(days=LEAF_DAYS),
    )


def _stored(place: Path, now: datetime) -> trustme.CA | None:
    try:
        key_path = place / KEY
        if os.name == "posix" and key_path.stat().st_mode & 0o077:
            return None  # others could read it: it vouches for nothing any more
        made = datetime.fromisoformat((place / _MADE).read_text("ascii").strip())
        pem = (place / AUTHORITY).read_bytes()
        if not timedelta(0) <= now - made < ROTATED_AFTER:
            return None
        if x509.load_pem_x509_certificate(pem).not_valid_after_utc < now + timedelta(days=LEAF_DAYS):
            return None
        return trustme.CA.from_pem(pem, key_path.read_bytes())
    except (FileNotFoundError, ValueError, TypeError):
        return None


def _made(place: Path, now: datetime) -> trustme.CA:
    maker = trustme.CA(path_length=0, organization_name="livecoach", organization_unit_name="livecoach here")
    parts = {
        KEY: maker.private_key_pem.bytes(),
        AUTHORITY: maker.cert_pem.bytes(),
        _MADE: now.isoformat().encode(),
    }
    for name, content in parts.items():
        (place / name).unlink(missing_ok=True)
        with open_new_private(place / name) as file:
            file.write(content)
    return maker
