"""
Fixtures of pytest: for each test, an AWS KMS of its own.

pytest loads this module in each session, so it imports nothing of the model until a fixture is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from types_boto3_kms.client import KMSClient

    from kmsmodel.clock import Clock
    from kmsmodel.local import LocalKms

_MARKER = (
    "kmsmodel(account=..., region=..., hsm_seed=...): "
    "the account and the Region of the fixture kms, and the seed of its HSM."
)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", _MARKER)


@pytest.fixture
def kms_clock() -> Clock:
    """The clock of ``kms``, which follows the system's and can be advanced."""
    from kmsmodel.clock import Clock

    return Clock()


@pytest.fixture
def kms(request: pytest.FixtureRequest, kms_clock: Clock) -> Iterator[LocalKms]:
    """A `LocalKms` of this test alone. It answers every ``kms`` client of boto3 and aiobotocore, made before or not."""
    markers = list(request.node.iter_markers("kmsmodel"))  # the closest comes first
    settings = {
        name: value for marker in reversed(markers) for name, value in marker.kwargs.items()
    }
    given = [argument for marker in markers for argument in marker.args]
    local = _local(kms_clock, request.node.nodeid, *given, **settings)
    with ExitStack() as stack:
        if find_spec("botocore") is not None:
            from kmsmodel.boto import patched

            stack.enter_context(patched(local))
        yield local


@pytest.fixture
def kms_client(kms: LocalKms) -> KMSClient:
    """A boto3 client that ``kms`` answers, in its Region and as its account."""
    from kmsmodel.boto import client

    return client(kms)


def _local(
    clock: Clock,
    test: str,
    *,
    account: str | None = None,
    region: str = "us-west-2",
    hsm_seed: str | None = None,
) -> LocalKms:
    """What the marker asks for; for what it does not take, Python raises TypeError."""
    from kmsmodel.crypto.seeded_hsm import SeededHsm
    from kmsmodel.local import LocalKms

    hsm = SeededHsm(test if hsm_seed is None else hsm_seed)
    return LocalKms(account=account, region=region, clock=clock, hsm=hsm)
