"""
What a life refuses, as it was recorded from the real service.
"""

from __future__ import annotations

import pytest

from kmsmodel.machine.lifecycle import Lifecycle
from tests.basics import NOW
from tests.machine.lifecycle.lives import EXTERNAL, IMPORTED, MRK_ARN, recorded, refused


@pytest.mark.parametrize("start", [EXTERNAL, IMPORTED.delete_imported_key_material(NOW)])
def test_what_is_pending_import_is_refused_as_recorded(start: Lifecycle) -> None:
    said = recorded("Encrypt", "KMSInvalidStateException")
    error = refused(lambda: start.rotate_key_on_demand(NOW))
    assert error.message == said.replace(
        "arn:<partition>:kms:<region>:111111111111:key/<key-id:1>", MRK_ARN
    )
