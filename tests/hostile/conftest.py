"""The signed programme that every hostile test copies."""

import pytest

from tests.hostile.joint import build


@pytest.fixture(scope="session")
def world(tmp_path_factory):
    return build(tmp_path_factory.mktemp("hostile"))
