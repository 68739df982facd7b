"""
Whether a KMS key is of the kind that an operation uses, and takes the algorithm that it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from itertools import chain

import pytest

from kmsmodel.call import Call
from kmsmodel.errors import InvalidKeyUsageException
from kmsmodel.key import Key
from kmsmodel.key_spec import ALGORITHMS, SUPPORTED
from kmsmodel.key_usage import KEY_USAGE, check, check_algorithm
from kmsmodel.new_key import new_key
from kmsmodel.operations import OPERATIONS
from kmsmodel.seeded_hsm import SeededHsm
from kmsmodel.structures import member_names

CALL = Call(now=datetime(2026, 11, 24, tzinfo=UTC), hsm=SeededHsm(), request_id="request")
EVERY = sorted(
    {*chain.from_iterable(chain.from_iterable(of.values()) for of in ALGORITHMS.values())}
)
KEYS = [
    new_key(CALL, key_spec=key_spec, key_usage=usage)
    for key_spec in sorted(SUPPORTED)
    for usage in ALGORITHMS[key_spec]
]
of_each_key = pytest.mark.parametrize(
    "key", KEYS, ids=lambda key: f"{key.key_spec}-{key.key_usage}"
)


def refusal(key: Key, of: Callable[[], None]) -> str | None:
    """The message of the refusal, if there is one."""
    try:
        of()
    except InvalidKeyUsageException as error:
        return error.message if error.arn == key.arn else f"not of this key: {error.arn}"
    return None


@of_each_key
def test_a_key_has_one_usage_which_an_operation_needs(key: Key) -> None:
    for operation, usage in KEY_USAGE.items():
        other = f"{key.arn} key usage is {key.key_usage} which is not valid for {operation}."
        expected = None if usage is key.key_usage else other
        assert refusal(key, partial(check, operation, key)) == expected
    assert refusal(key, lambda: check("DescribeKey", key)) is None


@of_each_key
def test_a_key_has_the_algorithms_of_its_key_spec_for_its_usage(key: Key) -> None:
    for algorithm in EVERY:
        incompatible = f"Algorithm {algorithm} is incompatible with key spec {key.key_spec}."
        own = algorithm in ALGORITHMS[key.key_spec][key.key_usage]
        told = refusal(key, partial(check_algorithm, key, algorithm))
        assert told == (None if own else incompatible)


def test_each_operation_with_key_material_needs_a_key_usage() -> None:
    """Those are the ones that can be tried by a dry run: all of them, and no other."""
    names = {request.operation for request in OPERATIONS if "dry_run" in member_names(request)}
    assert names == set(KEY_USAGE)
