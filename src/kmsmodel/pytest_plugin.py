"""
Fixtures of pytest: for each test, an AWS KMS of its own.

pytest loads this module in each session, so it imports nothing of the model until a fixture is asked for.
"""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterator, Mapping
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from types import TracebackType

    from types_boto3_kms.client import KMSClient

    from kmsmodel.calls.iam import Iam
    from kmsmodel.clock import Clock
    from kmsmodel.local import LocalKms
    from kmsmodel.seeds import Seed

_ARGUMENTS = ("account", "region", "hsm_seed", "seed", "iam", "principal")
_MARKER = (
    f"kmsmodel({', '.join(f'{name}=...' for name in _ARGUMENTS)}): "
    "the account and the Region of the fixture kms, the seed of its HSM, the KMS keys that it begins with, "
    "its users and roles, and who calls."
)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", _MARKER)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    call: pytest.CallInfo[None],
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show what a client's error leaves out, and the whole of an answer about a policy that an assert did not take."""
    report = yield
    if call.excinfo is not None:
        report.sections += _notes(call.excinfo.value)
        if call.excinfo.errisinstance(AssertionError):
            report.sections += _answers(call.excinfo.tb)
    return report


def _notes(error: BaseException) -> list[tuple[str, str]]:
    """The notes that the model gave botocore with an error of AWS KMS."""
    if "botocore.exceptions" not in sys.modules:
        return []
    from botocore.exceptions import ClientError

    if not isinstance(error, ClientError):
        return []
    metadata: Mapping[str, Any] = dict(error.response.get("ResponseMetadata", {}))
    return [("kmsmodel: why", "\n".join(metadata["Notes"]))] if metadata.get("Notes") else []


def _answers(traceback: TracebackType) -> list[tuple[str, str]]:
    """The answers that the line which failed had before it, each with a program that replays it."""
    if "kmsmodel.policy.proofs.answers" not in sys.modules:
        return []
    from kmsmodel.policy.proofs.answers import Found, Unknown

    while traceback.tb_next is not None:
        traceback = traceback.tb_next
    known = {id(each): each for each in traceback.tb_frame.f_locals.values()}
    sections: list[tuple[str, str]] = []
    for each in known.values():
        if isinstance(each, Found | Unknown):
            sections.append(("kmsmodel: the answer", str(each)))
        if isinstance(each, Found) and each.program:
            sections.append(("kmsmodel: a program that replays it", each.program))
    return sections


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
    for argument in (argument for marker in markers for argument in marker.args):
        raise TypeError(f"the marker kmsmodel takes its arguments by name: {argument!r} has none")
    for name in settings.keys() - _ARGUMENTS:
        from kmsmodel.words.arguments import among

        raise TypeError(f"the marker kmsmodel has no argument {name}; {among(_ARGUMENTS, name)}")
    local = _local(kms_clock, request.node, **settings)
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
    test: pytest.Item,
    *,
    account: str | None = None,
    region: str | None = None,
    hsm_seed: str | None = None,
    seed: Seed | str | Path | None = None,
    iam: Iam | str | Path | None = None,
    principal: str | None = None,
) -> LocalKms:
    """
    What the marker asks for. Raises TypeError or ValueError for what no `LocalKms` can be made of.

    A file is found from the folder of the test. ``principal`` is the ARN of whoever calls, by whichever client.
    """
    from kmsmodel.calls.iam import Iam
    from kmsmodel.crypto.seeded_hsm import SeededHsm
    from kmsmodel.planting import local_kms
    from kmsmodel.seed_file import read as read_seed
    from kmsmodel.seeds import Seed
    from kmsmodel.words.arguments import expect

    if seed is not None:
        expect("seed", seed, Seed, str, Path, hint="the seed of the HSM is hsm_seed=")
    if isinstance(seed, str | Path):
        seed = read_seed(test.path.parent / seed)
    if iam is not None:
        expect("iam", iam, Iam, str, Path)
    if isinstance(iam, str | Path):
        from kmsmodel.iam_file import read as read_iam

        iam = read_iam(test.path.parent / iam)
    if hsm_seed is not None:
        expect("hsm_seed", hsm_seed, str)
    hsm = SeededHsm(test.nodeid if hsm_seed is None else hsm_seed)
    return local_kms(
        Seed() if seed is None else seed,
        account=account,
        region=region,
        clock=clock,
        hsm=hsm,
        iam=iam,
        principal=principal,
    )
