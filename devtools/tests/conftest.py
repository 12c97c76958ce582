"""Fixtures for tests of the tools."""

import pytest

from .gateway import Web


@pytest.fixture
def web():
    server = Web()
    yield server
    server.shutdown()
    server.server_close()
