"""
What every request to AWS KMS has: an operation, and a type of response.
"""

from __future__ import annotations

from typing import ClassVar, Generic, TypeVar

from attrs import frozen

ResponseT_co = TypeVar("ResponseT_co", covariant=True)


@frozen(kw_only=True)
class Request(Generic[ResponseT_co]):
    """
    A request to AWS KMS, which is answered with a ``ResponseT_co``.

    ``operation`` is AWS's name of the operation.
    """

    operation: ClassVar[str] = ""

    def __init_subclass__(cls) -> None:
        cls.operation = cls.__name__.removesuffix("Request")
