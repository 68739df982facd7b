"""
The policy language: who may do what, why, what holds for all requests, and how AWS KMS takes and writes a key policy.

What proves properties is loaded when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from kmsmodel.policy.evaluation import decide as decide
from kmsmodel.policy.form import check_key_policy as check_key_policy
from kmsmodel.policy.writing import (
    default_key_policy as default_key_policy,
    written_anew as written_anew,
)

if TYPE_CHECKING:
    from kmsmodel.policy.proofs.answers import (
        Answer as Answer,
        Change as Change,
        Comparison as Comparison,
        Found as Found,
        Proved as Proved,
        Unknown as Unknown,
    )
    from kmsmodel.policy.proofs.callers import (
        EVERYONE as EVERYONE,
        Callers as Callers,
        deputies as deputies,
        inside as inside,
        named as named,
        outside as outside,
        services as services,
    )
    from kmsmodel.policy.proofs.key_policy import KeyPolicy as KeyPolicy

_HOMES = {
    "answers": ("Answer", "Change", "Comparison", "Found", "Proved", "Unknown"),
    "callers": ("EVERYONE", "Callers", "deputies", "inside", "named", "outside", "services"),
    "key_policy": ("KeyPolicy",),
}


def __getattr__(name: str) -> object:
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"{__name__}.proofs.{home}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
