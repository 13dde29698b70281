"""A fault server for each test of the network."""

from collections.abc import Iterator

import pytest
from support.fault_server import FaultServer


@pytest.fixture
def server() -> Iterator[FaultServer]:
    """A fresh fault server; everything unscripted answers 404."""
    with FaultServer() as running:
        yield running
