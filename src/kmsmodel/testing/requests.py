"""
Hypothesis strategies for the requests of all operations, given a model.

Requests are built from the hints of their classes. What names a KMS key mostly names one of the model's; the rest is
within its constraints (`requests`), just outside of them (`nearly_valid_requests`), or what no caller should send
(`hostile_requests`). A valid request may still be refused: its key may be disabled, or its ciphertext nobody's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import strategies as st

from kmsmodel.calls.request import Request
from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.local import LocalKms
from kmsmodel.operations import OPERATIONS
from kmsmodel.testing.values import (
    hints_of,
    hostile,
    is_required,
    members_of,
    nearly,
    values,
)
from kmsmodel.words.enumerations import KeySpec

REQUESTS: Mapping[str, type[Request[Any]]] = {cls.operation: cls for cls in OPERATIONS}
"""The request class of each operation."""

_NAMES_OF_KEYS = frozenset({"key_id", "target_key_id", "source_key_id", "destination_key_id"})
_NEEDED = frozenset({"ciphertext_blob"})
"""It can be left out in dry runs of some kinds only."""

_NOBODY = "1234abcd-12ab-34cd-56ef-1234567890ab"


def requests(local: LocalKms, operation: str | None = None) -> st.SearchStrategy[Request[Any]]:
    """
    Requests of an operation, or of any, whose members are within their constraints.

    Raises KeyError for an unknown operation.
    """
    return _drawn(local, operation, st.just(frozenset()), nearly)


def nearly_valid_requests(
    local: LocalKms, operation: str | None = None
) -> st.SearchStrategy[Request[Any]]:
    """The same, but for a member or two that may be just outside of their constraints."""
    return _drawn(local, operation, _one_or_two, nearly)


def hostile_requests(
    local: LocalKms, operation: str | None = None
) -> st.SearchStrategy[Request[Any]]:
    """The same, but for a member or two that are what no caller should send."""
    return _drawn(local, operation, _one_or_two, hostile)


_FEWEST = 50
"""The most entries of a page that each list takes: 50 tags, 100 grants, and 1,000 of the rest."""

_one_or_two = st.frozensets(st.integers(0, 30), min_size=1, max_size=2)
_now_and_then = st.sampled_from([False, False, False, True])
_Values = Callable[[Any], st.SearchStrategy[Any]]


def _drawn(
    local: LocalKms,
    operation: str | None,
    spoils: st.SearchStrategy[frozenset[int]],
    spoiled: _Values,
) -> st.SearchStrategy[Request[Any]]:
    classes = list(REQUESTS.values()) if operation is None else [REQUESTS[operation]]

    @st.composite
    def one(draw: st.DrawFn) -> Request[Any]:
        cls = draw(st.sampled_from(classes))
        hints, members = hints_of(cls), members_of(cls)
        at = {number % max(len(members), 1) for number in draw(spoils)}
        given: dict[str, Any] = {}
        for number, member in enumerate(members):
            if number in at:
                given[member.name] = draw(spoiled(hints[member.name]))
            elif is_required(member) or member.name in _NEEDED or draw(_now_and_then):
                given[member.name] = draw(_member(local, member.name, hints[member.name]))
        made: Request[Any] = cls(**given)
        return made

    return one()


def _member(local: LocalKms, name: str, hint: Any) -> st.SearchStrategy[Any]:
    """Names are read when they are drawn, so that keys that were made meanwhile are named too."""
    if name in _NAMES_OF_KEYS:
        return st.just(local).map(_names_of_keys).flatmap(st.sampled_from)
    if name == "alias_name":
        return st.just(local).map(_aliases).flatmap(st.sampled_from)
    if name == "limit":
        return st.integers(1, _FEWEST)
    return encryption_contexts() if name.endswith("encryption_context") else values(hint)


def _names_of_keys(local: LocalKms) -> list[str]:
    found = [
        name for key in local.kms.keys(local.clock.now()) for name in (key.key_arn.key_id, key.arn)
    ]
    return [*found, *_aliases(local)[:-1], _NOBODY]


def _aliases(local: LocalKms) -> list[str]:
    kms = local.kms
    found = [each.alias_name for key in kms.keys(local.clock.now()) for each in kms.aliases_of(key)]
    return [*found, "alias/another"]


def encryption_contexts() -> st.SearchStrategy[dict[str, str]]:
    """Encryption contexts of few pairs, so that equal ones come again; some differ only in where a pair ends."""
    text = st.sampled_from(["a", "ab", "bc", "tenant", "acme", "\u20ac"])
    return st.dictionaries(text, text, max_size=3)


def key_material(key_spec: KeySpec = KeySpec.SYMMETRIC_DEFAULT) -> st.SearchStrategy[bytes]:
    """
    Key material that can be imported into a key of this key spec, in the form that is wrapped.

    That of an asymmetric key is a private key in PKCS #8. Raises the KmsError of a key spec that is not supported.
    """
    made = [SeededHsm("key material").generate(key_spec, f"{n}").reveal() for n in range(4)]
    return st.sampled_from(made)
