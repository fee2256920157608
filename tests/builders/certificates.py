"""Certificates of authorities that a test makes."""

import ssl
from pathlib import Path

import trustme

from livecoach.phone.access import make_tls_context


def tls_of(maker: trustme.CA, address: str) -> ssl.SSLContext:
    """Of a server at an address, for those who trust `maker`."""
    with maker.issue_cert(address).private_key_and_cert_chain_pem.tempfile() as file:
        return make_tls_context(Path(file))
