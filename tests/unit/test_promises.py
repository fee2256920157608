"""Each promise of docs/security.md and docs/reliability.md names a test that exists, and the numbers of the code."""

import re
from pathlib import Path

import pytest
from live_trials.faults import FAULTS

from livecoach.capture import capture, pictures
from livecoach.core.config import Settings, read_yaml
from livecoach.core.config.paths import configs_dir
from livecoach.feedback import sound, window
from livecoach.pages import home_server, listener
from livecoach.phone import access, connections, protocol, server
from livecoach.records.session import recorder, video
from livecoach.run import watchdog

ROOT = Path(__file__).resolve().parents[2]
PAGES = {name: (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8") for name in ("security", "reliability")}
FILES = {path.name: path for path in (ROOT / "tests").rglob("test_*.py")}
TESTS = {
    name for path in FILES.values() for name in re.findall(r"^(?:async )?def (test_\w+)", path.read_text("utf-8"), re.M)
}


def named(page: str) -> set[str]:
    """The tests and files of tests that a page names, without their folders."""
    return set(re.findall(r"\btest_\w+(?:\.py)?", page))


@pytest.mark.parametrize("page", PAGES)
def test_each_test_that_is_named_exists(page: str) -> None:
    assert named(PAGES[page]) - FILES.keys() - TESTS == set()


@pytest.mark.parametrize("page", PAGES)
def test_a_file_of_tests_is_where_it_is_said_to_be(page: str) -> None:
    paths = set(re.findall(r"\btests/[\w/]+\.py", PAGES[page]))
    assert paths
    assert [path for path in paths if not (ROOT / path).is_file()] == []


def test_each_promise_names_what_holds_it() -> None:
    """A test, a fault that a test injects, or a measurement that anybody can repeat."""
    promised = PAGES["reliability"].split("## What is promised")[1].split("\n## ")[0]
    promises = re.split(r"\n- (?=\*\*)", promised)[1:]
    assert len(promises) > 10
    for promise in promises:
        assert named(promise) or set(re.findall(r"`([a-z-]+)`", promise)) & FAULTS.keys(), promise
    rows = re.findall(r"^\| (.+?) \| (.+) \|$", PAGES["security"], re.M)[2:]
    assert len(rows) > 20
    assert [promise for promise, held_by in rows if not named(held_by)] == []


def test_each_injected_fault_is_told_with_what_must_hold() -> None:
    assert FAULTS.keys() == set(re.findall(r"^\| `([a-z-]+)` \|", PAGES["reliability"], re.M))


MB = 1_000_000
SHIPPED = read_yaml(configs_dir() / "settings.yaml", Settings)
SAYS = {
    "security": (
        "compared in constant time and exchanged for a cookie of 256 bits (`HttpOnly`, `Secure`, `SameSite=Strict`)",
        f"At most {listener.MOST_CONNECTIONS} connections are open, {listener.MOST_OF_ONE} of them of one address",
        f"needs its TLS handshake within {listener.HANDSHAKE_S:g} s",
        f"cut after {listener.IDLE_S:g} s without a complete request",
        f"dropped within {1.5 * server.HEARTBEAT_S:g} s",
        f"nothing is queued for it beyond {connections.MOST_WAITING} messages",
        f"a message has at most {protocol.MOST_BYTES / MB:g} MB",
        f"a picture at most {protocol.LARGEST_SIDE_PX} × {protocol.MOST_PIXELS // protocol.LARGEST_SIDE_PX} pixels",
        f"at most {protocol.MOST_HZ:g} of them come a second",
        f"A text has at most {protocol.LONGEST_TEXT} characters",
        f"after {connections.MOST_ERRORS} messages that the page does not send, the connection is cut",
        f"when the first one has sent nothing for {connections.GONE_S:g} s",
        f"A form has at most {home_server.MOST_BYTES >> 10} kB",
        f"up to {pictures.LARGEST_CODED_SIDE_PX} pixels a side and {pictures.MOST_CODED_PIXELS // MB} million in all, "
        f"{pictures.SMALLEST_SIDE_PX} at least, and no side over {pictures.MOST_ELONGATED} times as long",
        f"takes {recorder.MOST_WAITING_BYTES // MB} MB each at most",
        f"A JPEG of over {pictures.MOST_PASSES} headers and scans is not decoded",
        f"valid for {access.LEAF_DAYS} days",
        f"up to {server.REPORT_S:g} s until a phone that answers has the report",
    ),
    "reliability": (
        f"A camera that is silent for {SHIPPED.capture.stall_s:g} s is opened again",
        f"a server that does not answer for {sound.ANSWER_S:g} s",
        f"display does not answer for {window.OPENS_S:g} s is left out",
        f"stops answering later is given up after {window.HANGS_S:g} s",
        f"hangs for {watchdog.HANGS_AFTER * watchdog.TICK_S:g} s ends in order",
        f"Pictures over {video.LARGEST_SIDE_PX} pixels a side",
    ),
}


@pytest.mark.parametrize(("page", "says"), [(page, says) for page, all_ in SAYS.items() for says in all_])
def test_a_number_is_that_of_the_code(page: str, says: str) -> None:
    assert " ".join(says.split()) in " ".join(PAGES[page].split())


def test_what_waits_for_the_pose_model_has_the_bound_of_what_waits_for_the_encoder() -> None:
    assert capture._MOST_BYTES == recorder.MOST_WAITING_BYTES
