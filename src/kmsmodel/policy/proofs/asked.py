"""
Grants that are asked for: what a request for CreateGrant would permit, as far as its condition keys tell.

Sources: *AWS KMS condition keys* and *Creating grants* in the Developer Guide.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import final

from attrs import frozen

from kmsmodel.policy.grant import GrantConstraints
from kmsmodel.policy.proofs import keys
from kmsmodel.policy.question import Value
from kmsmodel.words.enumerations import GrantOperation

CREATE_GRANT = "kms:CreateGrant"
OPERATIONS = "kms:grantoperations"
CONSTRAINT_TYPE = "kms:grantconstrainttype"
CONSTRAINT_SOURCE = "kms:grantconstraintsourcearn"
EQUALS = "EncryptionContextEquals"


@final
@frozen
class Asked:
    """What a request asks a grant to permit."""

    operations: tuple[GrantOperation, ...]
    constraints: GrantConstraints | None = None


def asked(action: str, context: Mapping[str, Value]) -> Asked | None:
    """What a request asks for; None if it asks for no grant, or if its condition keys do not tell which operations."""
    if action != CREATE_GRANT or OPERATIONS not in context:
        return None
    told = context[OPERATIONS]
    known = set(map(str, GrantOperation))
    operations = ((told,) if isinstance(told, str) else told) if told else ()
    return Asked(
        tuple(GrantOperation(each) for each in operations if each in known), constraints(context)
    )


def constraints(context: Mapping[str, Value]) -> GrantConstraints | None:
    """The constraints of the grant that is asked for."""
    named = context.get(keys.ENCRYPTION_CONTEXT_KEYS, ())
    pairs = {
        each: text(context.get(keys.ENCRYPTION_CONTEXT + each.lower())) or ""
        for each in ((named,) if isinstance(named, str) else named)
    }
    kind = context.get(CONSTRAINT_TYPE)
    source = text(context.get(CONSTRAINT_SOURCE))
    if kind is not None and not pairs:
        pairs = {"purpose": "any"}  # a constraint has at least one pair
    if not pairs and source is None:
        return None
    is_equal = kind == EQUALS
    return GrantConstraints(
        encryption_context_equals=pairs if pairs and is_equal else None,
        encryption_context_subset=pairs if pairs and not is_equal else None,
        source_arn=source,
    )


def text(value: Value | None) -> str | None:
    """A value that is one text."""
    return value if isinstance(value, str) else None
