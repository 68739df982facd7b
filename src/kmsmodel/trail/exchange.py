"""
An exchange: one request and its answer, with the states before and after it.
"""

from __future__ import annotations

from typing import Any, final

from attrs import AttrsInstance, field, frozen

from kmsmodel import wire
from kmsmodel.calls.call import Call
from kmsmodel.calls.request import Request
from kmsmodel.errors import KmsError
from kmsmodel.key.event import Event, rotations
from kmsmodel.memory.kms import Kms
from kmsmodel.service import handle
from kmsmodel.trail.traits import keys_of
from kmsmodel.wire import HttpResponse
from kmsmodel.words.arn import KeyArn


@final
@frozen(kw_only=True)
class Exchange:
    """
    A request and its answer, which is an error if AWS KMS refused it.

    ``request`` is None for a body that is not a request of this model.
    """

    call: Call
    before: Kms = field(repr=False)
    after: Kms = field(repr=False)
    request: Request[Any] | None
    answer: AttrsInstance | KmsError

    @classmethod
    def of(cls, kms: Kms, request: Request[Any], call: Call) -> Exchange:
        """Answer one request, as `handle` does, and tell all of it."""
        try:
            after, answer = handle(kms, request, call)
        except KmsError as error:
            return cls(call=call, before=kms, after=kms, request=request, answer=error)
        return cls(call=call, before=kms, after=after, request=request, answer=answer)

    @property
    def response(self) -> HttpResponse:
        """The answer on the wire."""
        return wire.render(self.answer, self.call.request_id)

    @property
    def keys(self) -> tuple[KeyArn, ...]:
        """The KMS keys that it is about, as far as they exist; one that it made is among them."""
        if self.request is None:
            return ()
        made = getattr(self.answer, "key_metadata", None)
        if made is not None:
            return (KeyArn(made.aws_account_id, self.call.region, made.key_id),)
        named = keys_of(self.before, self.request, self.call)
        # The first use of an alias of AWS makes its key.
        return named or keys_of(self.after, self.request, self.call)

    @property
    def events(self) -> tuple[Event, ...]:
        """What AWS KMS did by itself because of the request, and at its time: a rotation that takes no time."""
        if self.after is self.before:
            return ()
        return tuple(
            event
            for name in self.keys
            for event in self._rotations_of(self.after, name)
            if event not in self._rotations_of(self.before, name)
        )

    def _rotations_of(self, kms: Kms, name: KeyArn) -> tuple[Event, ...]:
        key = kms.key(name, self.call.now)
        return () if key is None else rotations(key)


def exchange(kms: Kms, target: str, body: bytes, call: Call) -> Exchange:
    """Answer one request of the AWS JSON 1.1 protocol, as `respond` does, and tell all of it."""
    try:
        request = wire.parse(target, body)
    except KmsError as error:
        return Exchange(call=call, before=kms, after=kms, request=None, answer=error)
    return Exchange.of(kms, request, call)
