"""
The seams of moto: whose call it is answering, and what of it `kmsmodel.moto` puts other code in the place of.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from contextvars import ContextVar
from importlib.metadata import version
from typing import Any, TypeAlias, final

from attrs import frozen
from moto.core.responses import BaseResponse
from moto.kms.models import kms_backends

from kmsmodel.calls.caller import Caller, named
from kmsmodel.local import LocalKms

Method: TypeAlias = Callable[..., Any]

Replacement: TypeAlias = tuple[Sequence[str], Callable[[Method], Method]]
"""The first parameters that a method must have, and what makes another of it."""

Replacements: TypeAlias = Mapping[tuple[type, str], Replacement]
"""Replacements by class and method."""

KNOWN = "5.2.5"
"""The version of moto whose seams these are; a later one that still has them will do."""


@final
class MotoChangedError(RuntimeError):
    """moto is not what `kmsmodel.moto` knows."""


@final
@frozen
class Asking:
    """Whose request moto is answering."""

    access_key_id: str
    session_token: str | None
    account: str

    def caller(self, local: LocalKms, region: str) -> Caller:
        """The caller with this access key, or else the root user of moto's account. Raises a `KmsError`."""
        who = local.who(self.access_key_id, self.session_token)
        return who.get("caller") or named(region, account=who.get("account") or self.account)


_ASKING: ContextVar[Asking | None] = ContextVar("kmsmodel.moto asking", default=None)


def caller_through(service: str, local: LocalKms, account: str, region: str) -> Caller:
    """The caller whose request moto is answering, for whom a service of AWS asks. Raises a `KmsError`."""
    asking = _ASKING.get() or Asking("", None, account)
    return asking.caller(local, region).through(f"{service}.{region}.amazonaws.com")


def asking_of(response: Any) -> Asking:
    """Whose request this is: moto has read it."""
    presigned = response.querystring
    signed = response.headers.get("Authorization") or ""
    signed = signed or f"Credential={_first(presigned, 'X-Amz-Credential')}"
    token = response.headers.get("X-Amz-Security-Token") or _first(
        presigned, "X-Amz-Security-Token"
    )
    found = _ACCESS_KEY_ID.search(signed)
    return Asking("" if found is None else found[1], token or None, response.current_account)


def _first(parameters: Mapping[str, Sequence[str]], name: str) -> str:
    return next(iter(parameters.get(name, ())), "")


_ACCESS_KEY_ID = re.compile("Credential=([^/]+)/")
"""moto itself knows only those of twenty characters."""


def _remembering(set_up: Method) -> Method:
    def setup_class(self: Any, *args: Any, **kwargs: Any) -> None:
        set_up(self, *args, **kwargs)
        _ASKING.set(asking_of(self))
        with suppress(KeyError):  # the tagging API asks only the services that have been used
            kms_backends[self.current_account][self.region]

    return setup_class


WHO_ASKS: Replacements = {
    (BaseResponse, "setup_class"): (("request", "full_url", "headers"), _remembering)
}


@contextmanager
def replaced(replacements: Replacements) -> Generator[None]:
    """
    Moto with other methods in the place of these, until the end.

    Raises MotoChangedError, and replaces nothing, if one of them is not there or takes other arguments.
    """
    for (cls, name), (parameters, _) in replacements.items():
        _expect(cls, name, parameters)
    with ExitStack() as undo:
        for (cls, name), (_, make) in replacements.items():
            inherited = name not in vars(cls)
            before = getattr(cls, name)
            if inherited:
                undo.callback(delattr, cls, name)
            else:
                undo.callback(setattr, cls, name, vars(cls)[name])
            setattr(cls, name, make(before))
        yield


def _expect(cls: type, name: str, parameters: Sequence[str]) -> None:
    method = getattr(cls, name, None)
    found = [] if method is None else list(inspect.signature(method).parameters)
    found = [each for each in found if each != "self"]
    if method is None or tuple(found[: len(parameters)]) != tuple(parameters):
        raise MotoChangedError(
            f"moto {version('moto')} has no {cls.__module__}.{cls.__name__}.{name}({', '.join(parameters)}): "
            f"kmsmodel.moto knows moto {KNOWN}"
        )
