from __future__ import annotations

import pytest

from kmsmodel.local import LocalKms
from tests.operations.steps import local_kms


@pytest.fixture
def local() -> LocalKms:
    return local_kms()
