"""
The policies that a caller comes with.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias, cast, final

from attrs import field, frozen

from kmsmodel.policy.document import Policy, from_json, parse

Document: TypeAlias = "Policy | str | Mapping[str, object]"
"""A policy, as a value, as its JSON text, or as parsed JSON."""


def policy(document: object) -> Policy:
    """
    The policy that a document is. Raises MalformedPolicyDocumentException, or TypeError for what is no document.
    """
    if isinstance(document, Policy):
        return document
    if isinstance(document, str):
        return parse(document)
    if isinstance(document, Mapping):
        return from_json(cast("Mapping[str, object]", document))
    raise TypeError(f"a policy is a Policy, JSON or a mapping, not {type(document).__name__}")


def _optional(document: Document | None) -> Policy | None:
    return None if document is None else policy(document)


def _several(documents: Iterable[Document]) -> tuple[Policy, ...]:
    if isinstance(documents, str | Mapping):
        raise TypeError("policies are a list of documents")
    return tuple(map(policy, documents))


def _optional_several(documents: Iterable[Document] | None) -> tuple[Policy, ...] | None:
    return None if documents is None else _several(documents)


def _levels(levels: Iterable[Iterable[Document]]) -> tuple[tuple[Policy, ...], ...]:
    return tuple(map(_several, levels))


@final
@frozen(kw_only=True, cache_hash=True)
class Policies:
    """
    The policies that a caller comes with, apart from those of the resource; each may be given as its JSON.

    ``identity`` are those of the user or role, and of the user's groups. ``boundary``, ``session`` and ``endpoint`` are
    None if there is no such policy. ``scps`` has a list for each level of the organization, and each level must allow;
    ``rcps`` are those of all levels. Raises MalformedPolicyDocumentException.
    """

    identity: tuple[Policy, ...] = field(default=(), converter=_several)
    boundary: Policy | None = field(default=None, converter=_optional)
    session: tuple[Policy, ...] | None = field(default=None, converter=_optional_several)
    scps: tuple[tuple[Policy, ...], ...] = field(default=(), converter=_levels)
    rcps: tuple[Policy, ...] = field(default=(), converter=_several)
    endpoint: Policy | None = field(default=None, converter=_optional)


NO_POLICIES = Policies()
