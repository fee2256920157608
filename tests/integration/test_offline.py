"""Nothing leaves the machine: what the demo does is watched by strace."""

import re
import subprocess
from pathlib import Path

from builders.command import DEMO, TIMEOUT_S, command, surroundings
from builders.power_cut import needs_strace
from builders.videos import cut

TRACE = ("strace", "-f", "-e", "trace=connect,sendto,sendmsg,sendmmsg")
# What may be talked to: sockets of this machine, its loopback, and the kernel.
HERE = re.compile(r'AF_UNIX|AF_NETLINK|AF_UNSPEC|inet_addr\("127\.|"::1"|msg_name=NULL|, NULL, 0\)')
CALL = re.compile(r"\b(connect|sendto|sendmsg|sendmmsg)\(")

pytestmark = needs_strace


def calls_elsewhere(trace: Path) -> list[str]:
    lines = trace.read_text(errors="replace").splitlines()
    return [line for line in lines if CALL.search(line) and "AF_INET" in line and not HERE.search(line)]


def test_a_trace_shows_a_connection_to_another_computer(tmp_path):
    """The test of the test: a look-up of a name or a connection outside is found."""
    trace = tmp_path / "trace"
    attempt = "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(('192.0.2.1', 53))"
    subprocess.run([*TRACE, "-o", trace, *command()[:1], "-c", attempt], check=False, timeout=TIMEOUT_S)
    assert len(calls_elsewhere(trace)) == 1


def test_the_demo_connects_to_no_other_computer(tmp_path):
    trace, clip = tmp_path / "trace", cut(DEMO, tmp_path / "demo.mp4", 0.0, 1.0)
    arguments = command("replay", clip, "--fast", "--events", tmp_path / "events")
    watched = subprocess.run(
        [*TRACE, "-o", trace, *arguments],
        env=surroundings(tmp_path),
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT_S,
    )
    assert watched.returncode == 0, watched.stderr
    assert '"session_end"' in (tmp_path / "events").read_text()
    assert calls_elsewhere(trace) == []
