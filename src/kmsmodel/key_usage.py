"""
Whether a KMS key is of the kind that an operation uses, and takes the algorithm that it is asked for.
"""

from __future__ import annotations

from enum import StrEnum

from kmsmodel.errors import InvalidKeyUsageException
from kmsmodel.key import Key
from kmsmodel.key_spec import ALGORITHMS
from kmsmodel.request import Request
from kmsmodel.shapes import KeyUsageType


def check(key: Key, request: Request[object], key_usage: KeyUsageType, algorithm: StrEnum) -> None:
    """
    Refuse a KMS key of another key usage, and an algorithm that is not one of its key spec's.

    Raises InvalidKeyUsageException.
    """
    if key.key_usage is not key_usage:
        raise InvalidKeyUsageException(
            f"{key.arn} key usage is {key.key_usage} which is not valid for {request.operation}.",
            arn=key.arn,
        )
    if algorithm not in ALGORITHMS[key.key_spec][key_usage]:
        raise InvalidKeyUsageException(
            f"Algorithm {algorithm} is incompatible with key spec {key.key_spec}.", arn=key.arn
        )
