"""
What each key state permits: AWS's table.

This module alone decides whether a KMS key in some key state takes an operation; `facts` decides which key state a
key is in. The table has the rows and columns of AWS's own, so that the two can be laid side by side: *Key states of AWS
KMS keys* in the Developer Guide.

A cell is ``ok`` or the refusal that AWS gives. AWS's footnotes 6, 7 and 9 are not about key states: they say which KMS
keys an operation takes, by the origin of their key material. A row ``accepts`` these origins, which are checked first.
A cell that AWS prints as N/A (a key of that kind cannot be in that state) holds what its row says elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set as AbstractSet
from typing import Final, Protocol, final

from attrs import evolve, frozen

from kmsmodel.errors import (
    DisabledException,
    KmsError,
    KMSInvalidStateException,
    UnknownOperationException,
    UnsupportedOperationException,
)
from kmsmodel.words.arguments import another, expect
from kmsmodel.words.enumerations import KeyState, OriginType


@final
@frozen
class Refusal:
    """An error that AWS answers with; its message is the key's ARN, if it is known, followed by ``text``."""

    error: type[KmsError]
    text: str

    def for_key(self, arn: str | None, key_state: str) -> KmsError:
        """The error, for the KMS key with this ARN in this key state."""
        return self.error(f"{arn or 'The KMS key'} {self.text}", arn=arn, key_state=key_state)


@final
@frozen
class Row:
    """What AWS's table says about one operation: a cell for each key state, and the origins it accepts."""

    cells: Mapping[str, Refusal | None]
    accepts: AbstractSet[str] = frozenset(OriginType)

    def __getitem__(self, key_state: str) -> Refusal | None:
        return self.cells[key_state]


def _origin(origin: str) -> Refusal:
    return Refusal(
        UnsupportedOperationException, f"origin is {origin} which is not valid for this operation."
    )


ok: Final = None
disabled = Refusal(DisabledException, "is disabled.")
pending_deletion = Refusal(KMSInvalidStateException, "is pending deletion.")
pending_replica_deletion = Refusal(KMSInvalidStateException, "is pending replica deletion.")
not_pending = Refusal(KMSInvalidStateException, "is not pending deletion.")
pending_import = Refusal(KMSInvalidStateException, "is pending import.")
unavailable = Refusal(KMSInvalidStateException, "is unavailable.")
creating = Refusal(KMSInvalidStateException, "is creating.")
updating = Refusal(KMSInvalidStateException, "is updating.")


def _row(*cells: Refusal | None) -> Row:
    """A row in AWS's order of columns; one column stands for both states of a key that will be deleted."""
    # What runs during the import cannot be mutated afterwards; instead, a test compares each cell with AWS's table.
    row: dict[str, Refusal | None] = dict(zip(_COLUMNS, cells, strict=True))  # pragma: no mutate
    deletion = row[KeyState.PendingDeletion]  # pragma: no mutate
    refused = deletion is pending_deletion  # pragma: no mutate
    of_primary = pending_replica_deletion if refused else deletion  # pragma: no mutate
    row[KeyState.PendingReplicaDeletion] = of_primary  # pragma: no mutate
    return Row(row)  # pragma: no mutate


_COLUMNS = (
    KeyState.Enabled,
    KeyState.Disabled,
    KeyState.PendingDeletion,
    KeyState.PendingImport,
    KeyState.Unavailable,
    KeyState.Creating,
    KeyState.Updating,
)

# Rows that several operations share.
# fmt: off
#                  Enabled      Disabled     Pending           Pending         Unavailable  Creating     Updating
#                                            deletion          import
_ALWAYS     = _row(ok,          ok,          ok,               ok,             ok,          ok,          ok)
_MANAGE     = _row(ok,          ok,          pending_deletion, ok,             ok,          ok,          ok)
_USE        = _row(ok,          disabled,    pending_deletion, pending_import, unavailable, creating,    ok)
_GRANT      = _row(ok,          disabled,    pending_deletion, pending_import, ok,          creating,    ok)
_SWITCH     = _row(ok,          ok,          pending_deletion, pending_import, ok,          creating,    updating)
_SCHEDULE   = _row(ok,          ok,          pending_deletion, ok,             ok,          ok,          updating)
_CANCEL     = _row(not_pending, not_pending, ok,               not_pending,    not_pending, not_pending, not_pending)
_PARAMETERS = _row(ok,          ok,          pending_deletion, ok,             unavailable, creating,    updating)
_IMPORT     = _row(ok,          ok,          pending_deletion, ok,             unavailable, creating,    ok)
_DELETE     = _row(ok,          ok,          ok,               ok,             unavailable, creating,    updating)
_REPLICATE  = _row(ok,          disabled,    pending_deletion, pending_import, unavailable, creating,    updating)
_STATUS     = _row(ok,          ok,          ok,               ok,             unavailable, ok,          ok)
_PUBLIC_KEY = _row(ok,          ok,          pending_deletion, pending_import, unavailable, creating,    ok)
# fmt: on


def _accepting(row: Row, *origins: OriginType) -> Row:
    return evolve(row, accepts=frozenset(origins))  # pragma: no mutate


# Footnote 9: only keys with imported key material. Footnote 7: no keys in a custom key store. Footnote 6, and the pages
# on rotation: automatic rotation is only for key material that AWS KMS generated.
_imported = (OriginType.EXTERNAL,)
_no_custom_key_store = (OriginType.AWS_KMS, OriginType.EXTERNAL)
_generated = (OriginType.AWS_KMS,)

KEY_STATE_TABLE: Mapping[str, Row] = {
    "CancelKeyDeletion": _CANCEL,
    "CreateAlias": _MANAGE,
    "CreateGrant": _GRANT,
    "Decrypt": _USE,
    "DeleteAlias": _ALWAYS,
    "DeleteImportedKeyMaterial": _accepting(_DELETE, *_imported),
    "DeriveSharedSecret": _USE,
    "DescribeKey": _ALWAYS,
    "DisableKey": _SWITCH,
    "DisableKeyRotation": _accepting(_USE, *_generated),
    "EnableKey": _SWITCH,
    "EnableKeyRotation": _accepting(_USE, *_generated),
    "Encrypt": _USE,
    "GenerateDataKey": _USE,
    "GenerateDataKeyPair": _accepting(_USE, *_no_custom_key_store),
    "GenerateDataKeyPairWithoutPlaintext": _accepting(_USE, *_no_custom_key_store),
    "GenerateDataKeyWithoutPlaintext": _USE,
    "GenerateMac": _USE,
    "GetKeyPolicy": _ALWAYS,
    "GetKeyRotationStatus": _accepting(_STATUS, *_no_custom_key_store),
    "GetParametersForImport": _accepting(_PARAMETERS, *_imported),
    "GetPublicKey": _PUBLIC_KEY,
    "ImportKeyMaterial": _accepting(_IMPORT, *_imported),
    "ListAliases": _ALWAYS,
    "ListGrants": _ALWAYS,
    "ListKeyPolicies": _ALWAYS,
    "ListKeyRotations": _accepting(_ALWAYS, *_no_custom_key_store),
    "ListResourceTags": _ALWAYS,
    "PutKeyPolicy": _ALWAYS,
    "ReEncrypt": _USE,
    "ReplicateKey": _REPLICATE,
    "RetireGrant": _ALWAYS,
    "RevokeGrant": _ALWAYS,
    "RotateKeyOnDemand": _accepting(_USE, *_no_custom_key_store),
    "ScheduleKeyDeletion": _SCHEDULE,
    "Sign": _USE,
    "TagResource": _MANAGE,
    "UntagResource": _MANAGE,
    "UpdateAlias": _ALWAYS,  # the operation itself checks footnote 10: to which key the alias may move
    "UpdateKeyDescription": _MANAGE,
    "UpdatePrimaryRegion": _USE,
    "Verify": _USE,
    "VerifyMac": _USE,
}


_NEWER_THAN_THE_TABLE: Mapping[str, Row] = {"Decapsulate": _USE, "Encapsulate": _USE}
"""The operations that the table does not have yet; their errors, and so their row, are those of DeriveSharedSecret."""

ROWS: Mapping[str, Row] = {**KEY_STATE_TABLE, **_NEWER_THAN_THE_TABLE}
"""AWS's table, and the operations that are newer than it."""

_WITHOUT_A_ROW = frozenset(
    {
        "ConnectCustomKeyStore",
        "CreateCustomKeyStore",
        "CreateKey",
        "DeleteCustomKeyStore",
        "DescribeCustomKeyStores",
        "DisconnectCustomKeyStore",
        "GenerateRandom",
        "GetKeyLastUsage",  # no error in its API is about a key state
        "ListKeys",
        "ListRetirableGrants",
        "UpdateCustomKeyStore",
    }
)
"""Operations that are not about one key, or take a key in any state."""


def refusal_for(operation: str, arn: str | None, origin: str, key_state: str) -> KmsError | None:
    """
    AWS's error for ``operation`` on a KMS key of this origin in this key state, or None.

    If AWS KMS has no operation of this name, the error is an UnknownOperationException.
    """
    if operation in _WITHOUT_A_ROW:
        return None
    row = ROWS.get(operation)
    if row is None:
        return UnknownOperationException(f"{operation} is not an operation of AWS KMS.")
    if origin not in row.accepts:
        return _origin(origin).for_key(arn, key_state)
    if key_state not in row.cells:  # AWS KMS is newer than this table
        return Refusal(KMSInvalidStateException, f"is {key_state}.").for_key(arn, key_state)
    refusal = row.cells[key_state]
    return None if refusal is None else refusal.for_key(arn, key_state)


class KeyMetadataLike(Protocol):
    """
    What the table needs of a KMS key, in any description of it.

    A ``key_state`` of None is read as Enabled. An ``origin`` of None is read as AWS_KMS, but as EXTERNAL for a key that
    is pending import, because no other key can be.
    """

    @property
    def arn(self) -> str | None: ...
    @property
    def key_state(self) -> str | None: ...
    @property
    def origin(self) -> str | None: ...


def refusal(operation: str, metadata: KeyMetadataLike) -> KmsError | None:
    """
    AWS's error for ``operation`` because of the key's state or origin, or None.

    ``metadata`` is a `KeyMetadata`, or any value with such attributes; a `Lifecycle` has a method of this name. Grants,
    policies and the request itself are not checked. Raises TypeError for a value without these attributes and for a key
    state that is neither a string nor None, and ValueError for a key state or an origin that is AWS's word but for its
    case.
    """
    expect("operation", operation, str)
    for name in ("arn", "key_state", "origin"):
        if not hasattr(metadata, name):
            wanted, hint = "a KeyMetadata", "KeyMetadata.from_json reads one from a dict"
            raise another("metadata", wanted, metadata, hint)
    key_state = _known(metadata.key_state)
    pending_import = key_state == KeyState.PendingImport
    origin = metadata.origin or (OriginType.EXTERNAL if pending_import else OriginType.AWS_KMS)
    _expect_case("key_state", key_state, KeyState)
    _expect_case("origin", origin, OriginType)
    return refusal_for(operation, metadata.arn or None, origin, key_state)


def _expect_case(name: str, word: str, words: Iterable[str]) -> None:
    """Raise ValueError for a word that is one of AWS's but for its case."""
    for each in words:
        if word != each and word.lower() == each.lower():
            raise ValueError(f"{name} is {word!r}; AWS's word is {str(each)!r}")


def _known(key_state: object) -> str:
    if isinstance(key_state, str | None):
        return key_state or KeyState.Enabled
    kind = type(key_state).__name__
    raise TypeError(f"key_state is a {kind}, not a string or None (of a Lifecycle, ask .refusal)")
