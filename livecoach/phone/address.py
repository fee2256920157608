"""The one local address at which the page is served."""

import ipaddress
import socket

from livecoach.errors import ConfigError

DEFAULT_PORT = 8443
AUTO = "auto"
"""Stands for the address by which this computer reaches the network."""
_ELSEWHERE = "192.0.2.1"
"""An address of no computer (RFC 5737): choosing a route to it sends nothing."""


def chosen(text: str) -> tuple[str, int]:
    """Return address and port of ADDRESS, ADDRESS:PORT or "auto". Raises ConfigError."""
    if text == AUTO:
        return _of_network(), DEFAULT_PORT
    host, port = _parted(text)
    try:
        address = ipaddress.ip_address(host)
    except ValueError as err:
        raise ConfigError(
            f"--phone {text}: not an address. Give one of this computer, such as 192.168.1.20, or leave it out."
        ) from err
    if address.is_unspecified or address.is_multicast:
        raise ConfigError(f"--phone {text}: stands for many addresses. Give one of this computer, or leave it out.")
    return str(address), port


def _parted(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":") if text.count(":") == 1 or "]:" in text else (text, "", "")
    host = host.strip("[]")
    if not colon:
        return host, DEFAULT_PORT
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise ConfigError(f"--phone {text}: not a port. Give a number from 1 to 65535.")
    return host, int(port)


def _of_network() -> str:
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect((_ELSEWHERE, 9))
            address: str = probe.getsockname()[0]
    except OSError as err:
        raise ConfigError(
            "--phone: this computer is in no network. Join one, or name its address: --phone ADDRESS."
        ) from err
    return address
