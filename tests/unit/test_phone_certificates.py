"""The authority of an installation: private, kept, and replaced in time."""

import os
from datetime import datetime, timedelta, timezone

import pytest
from cryptography import x509

from livecoach.phone import access

NOW = datetime(2026, 5, 1, tzinfo=timezone.utc)


@pytest.fixture(autouse=True)
def data_folder(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))


def authority(now: datetime = NOW) -> bytes:
    return access.authority(now).cert_pem.bytes()


def test_it_is_kept() -> None:
    assert authority() == authority(NOW + timedelta(days=300))


def test_only_the_owner_can_read_it() -> None:
    authority()
    modes = {path.name: path.stat().st_mode & 0o777 for path in access.folder().iterdir()}
    assert set(modes.values()) == {0o600}
    assert access.folder().stat().st_mode & 0o777 == 0o700


def test_it_is_replaced_after_a_year() -> None:
    assert authority() != authority(NOW + access.ROTATED_AFTER)


def test_one_from_the_future_is_replaced() -> None:
    assert authority() != authority(NOW - timedelta(days=1))


@pytest.mark.parametrize("name", [access.AUTHORITY, access.KEY, "made"])
def test_a_damaged_one_is_replaced(name: str) -> None:
    before = authority()
    (access.folder() / name).write_text("damaged")
    assert before != authority() == authority()


@pytest.mark.skipif(os.name != "posix", reason="modes")
def test_one_that_others_could_read_is_replaced() -> None:
    before = authority()
    (access.folder() / access.KEY).chmod(0o644)
    assert before != authority()


def test_the_certificate_is_for_the_one_address_and_a_month() -> None:
    leaf = access.issued(access.authority(NOW), "192.168.1.20", NOW)
    (certificate,) = leaf.cert_chain_pems
    read = x509.load_pem_x509_certificate(certificate.bytes())
    names = read.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(name) for name in names.get_values_for_type(x509.IPAddress)] == ["192.168.1.20"]
    assert read.not_valid_after_utc - NOW == timedelta(days=access.LEAF_DAYS)
