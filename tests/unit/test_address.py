"""What of a camera's address is shown and stored, and where it leads."""

from pathlib import Path

import pytest

from livecoach.capture.address import (
    find_credentials,
    keeps_host_and_encryption,
    parse_stream_url,
    redact_url,
    storable_camera,
    storable_url,
)
from livecoach.core.errors import CameraError


@pytest.mark.parametrize(
    ("url", "stored"),
    [
        ("http://me:secret@cam:8080/video?size=640x480", "http://cam:8080/video?size=640x480"),
        ("rtsp://admin:p%40ss@10.0.0.2/cam", "rtsp://10.0.0.2/cam"),
        ("http://cam/video?user=admin&pwd=pw", None),
        ("http://cam/video?AuthToken=1234", None),
        ("rtsp://admin:p@ss/w?rd@host/cam", None),
        ("http://[broken/video", None),
    ],
)
def test_no_password_is_stored(url, stored) -> None:
    assert storable_url(url) == stored
    assert "secret" not in str(storable_camera(url))
    assert "pw" not in str(storable_camera(url)[0])


@pytest.mark.parametrize(
    ("camera", "stored"),
    [
        *((one, one) for one in (0, "2", "http://cam/video")),
        *((one, "http://cam/video") for one in ("HTTP://cam/video", "http://cam/video#", "http://cam/video?")),
    ],
)
def test_storing_an_address_without_a_password_reports_no_loss(camera, stored) -> None:
    assert storable_camera(camera) == (stored, None)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("rtsp://admin:pw@192.168.1.7/cam", "rtsp://192.168.1.7/cam"),
        ("rtsp://admin:p@ss/w?rd@host/cam", "rtsp://host/cam"),
        ("http://host/video?user=admin&password=pw", "http://host/video"),
        ("http://host/video?mail=a@b&password=pw", "http://b"),
        ("2", "2"),
        ("me:secret@cam/video", "cam/video"),
        ("://", "://"),
    ],
)
def test_no_password_is_ever_shown(given, shown) -> None:
    """User, password and query are left out, even where they were not escaped as they should be. A camera's number in
    quotes is allowed in the settings, and has no scheme."""
    assert redact_url(given) == shown


def test_a_password_is_taken_from_the_address_or_from_netrc(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    file = tmp_path / ".netrc"
    assert find_credentials(parse_stream_url("http://cam/")) is None
    file.write_text("machine cam login me password secret\n")
    assert find_credentials(parse_stream_url("http://a:b%40c@cam/")) == ("a", "b@c")
    assert find_credentials(parse_stream_url("http://cam/")) == ("me", "secret")
    assert find_credentials(parse_stream_url("http://other/")) is None
    file.write_text("machine")
    assert find_credentials(parse_stream_url("http://cam/")) is None


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("http://cam/a", "http://cam:81/b", True),
        ("http://CAM/a", "https://cam/b", True),
        ("https://cam/a", "http://cam/b", False),
        ("http://cam/a", "http://cam.example/b", False),
        ("http://cam/a", "http://user@other/b", False),
    ],
)
def test_hosts_are_compared_by_name_and_encryption(one, other, same) -> None:
    """Another port is the same camera; the same name without TLS may be anybody."""
    assert keeps_host_and_encryption(parse_stream_url(one), parse_stream_url(other)) == same


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("ftp://me:pw@host/a", "not a stream that can be read"),
        ("http://host:port/a", "not an address"),
        ("http://[::1/a", "not an address"),
        ("http:///a", "names no host"),
        ("://", "not a stream that can be read"),
    ],
)
def test_a_malformed_address_is_refused_in_one_line(url, says) -> None:
    with pytest.raises(CameraError, match=says) as raised:
        parse_stream_url(url)
    assert "pw" not in str(raised.value)
