"""
The policies that a caller comes with.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias, cast, final

from attrs import field, frozen

from kmsmodel.policy.document import Policy, from_json, malformed, parse

Document: TypeAlias = "Policy | str | Mapping[str, object]"
"""A policy, as a value, as its JSON text, or as parsed JSON."""


def policy(document: object, *, resource: bool = True) -> Policy:
    """
    The policy that a document is; see `kmsmodel.policy.document.parse`.

    Raises MalformedPolicyDocumentException, or TypeError for anything that is not a document.
    """
    if isinstance(document, Policy):
        return document
    if isinstance(document, str):
        return parse(document, resource=resource)
    if isinstance(document, Mapping):
        found = cast("Mapping[str, object]", document)  # pragma: no mutate
        return from_json(found, resource=resource)
    raise TypeError(f"a policy is a Policy, JSON or a mapping, not {type(document).__name__}")


def of_an_identity(document: Document) -> Policy:
    """
    An identity-based policy, permissions boundary, session policy or SCP, whose statements name no principals.

    Raises MalformedPolicyDocumentException also for a statement that names none of its actions or resources. Source:
    *Grammar of the IAM JSON policy language* in the IAM User Guide.
    """
    found = policy(document)
    for statement in found.statements:
        if statement.principals is not None:
            raise malformed(f"{statement.title}: only a resource-based policy has a Principal")
        if statement.actions is None:
            raise malformed(f"{statement.title}: Action or NotAction is expected")
        if statement.resources is None:
            raise malformed(f"{statement.title}: Resource or NotResource is expected")
    return found


def trust(document: Document) -> Policy:
    """
    The trust policy of a role, whose statements name principals and no resources.

    Raises MalformedPolicyDocumentException.
    """
    found = policy(document, resource=False)
    for statement in found.statements:
        if statement.principals is None:
            raise malformed(f"{statement.title}: Principal or NotPrincipal is expected")
        if statement.actions is None:
            raise malformed(f"{statement.title}: Action or NotAction is expected")
    return found


def optional(document: Document | None) -> Policy | None:
    """As `of_an_identity`; None if there is no such policy."""
    return None if document is None else of_an_identity(document)


def several(documents: Iterable[Document]) -> tuple[Policy, ...]:
    """As `of_an_identity`, of each of these."""
    return tuple(map(of_an_identity, _listed(documents)))


def levels(given: Iterable[Iterable[Document]]) -> tuple[tuple[Policy, ...], ...]:
    """The SCPs of each level of an organization."""
    return tuple(map(several, given))


def of_resources(documents: Iterable[Document]) -> tuple[Policy, ...]:
    """Policies whose statements name principals, such as RCPs. Raises MalformedPolicyDocumentException."""
    return tuple(map(policy, _listed(documents)))


def _listed(documents: Iterable[Document]) -> Iterable[Document]:
    if isinstance(documents, str | Mapping | Policy):
        raise TypeError("policies are a list of documents")
    return documents


def _optional_several(documents: Iterable[Document] | None) -> tuple[Policy, ...] | None:
    return None if documents is None else several(documents)


def _endpoint(document: Document | None) -> Policy | None:
    return None if document is None else policy(document)


@final
@frozen(kw_only=True, cache_hash=True)
class Policies:
    """
    The policies that a caller comes with, apart from those of the resource; each may be given as its JSON.

    ``identity`` are those of the user or role, and of the user's groups. ``boundary``, ``session`` and ``endpoint`` are
    None if there is no such policy. ``scps`` has a list for each level of the organization, and each level must allow;
    ``rcps`` are those of all levels. Raises MalformedPolicyDocumentException.
    """

    identity: tuple[Policy, ...] = field(default=(), converter=several)
    boundary: Policy | None = field(default=None, converter=optional)
    session: tuple[Policy, ...] | None = field(default=None, converter=_optional_several)
    scps: tuple[tuple[Policy, ...], ...] = field(default=(), converter=levels)
    rcps: tuple[Policy, ...] = field(default=(), converter=of_resources)
    endpoint: Policy | None = field(default=None, converter=_endpoint)


NO_POLICIES = Policies()
