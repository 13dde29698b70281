"""Fixtures for scheduling, watches and delivery."""

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from support.mailbox import Mailbox, mailbox


@pytest.fixture
def box() -> Iterator[Mailbox]:
    """A plain SMTP server on loopback."""
    with mailbox() as running:
        yield running


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ssl.SSLContext]:
    """A throw-away certificate authority (its PEM file) and a server context for 127.0.0.1."""
    ca = trustme.CA()
    file = tmp_path_factory.mktemp("ca") / "ca.pem"
    ca.cert_pem.write_to_path(str(file))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("127.0.0.1").configure_cert(context)
    return file, context
