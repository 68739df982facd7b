"""
What each key state permits: AWS's table.

Whether a KMS key in some key state takes an operation is decided here, and only here; which key state a key is in
is decided in `lifecycle`. The table is AWS's own, row by row and column by column, so that the two can be laid side
by side: *Key states of AWS KMS keys* in the Developer Guide.

A cell is ``ok`` or the refusal that AWS gives. AWS's footnotes 6, 7 and 9 speak of which KMS keys an operation
takes, by the origin of their key material, and not of key states: they are what a row ``accepts``, and are asked
first. A cell that AWS prints as N/A (a key of that kind cannot be in that state) holds what its row says elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Set as AbstractSet
from typing import Final, Protocol, final

from attrs import evolve, frozen

from kmsmodel.errors import (
    DisabledException,
    KmsError,
    KMSInvalidStateException,
    UnknownOperationException,
    UnsupportedOperationException,
)
from kmsmodel.words.enumerations import KeyState, OriginType


@final
@frozen
class Refusal:
    """The error that AWS answers with; its message is the key's ARN, if it is known, followed by ``text``."""

    error: type[KmsError]
    text: str

    def for_key(self, arn: str | None, key_state: str) -> KmsError:
        """The error, for the KMS key with this ARN in this key state."""
        return self.error(f"{arn or 'The KMS key'} {self.text}", arn=arn, key_state=key_state)


@final
@frozen
class Row:
    """What AWS's table says of one operation: a cell for each key state, and the origins it accepts."""

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
not_pending = Refusal(KMSInvalidStateException, "is not pending deletion.")
pending_import = Refusal(KMSInvalidStateException, "is pending import.")
unavailable = Refusal(KMSInvalidStateException, "is unavailable.")
creating = Refusal(KMSInvalidStateException, "is creating.")
updating = Refusal(KMSInvalidStateException, "is updating.")
external = _origin(OriginType.EXTERNAL)


def _row(*cells: Refusal | None) -> Row:
    """A row in AWS's order of columns; one column stands for both states of a key that is to be deleted."""
    # What runs while the module is imported cannot be changed afterwards: a test compares every cell with AWS's table.
    row: dict[str, Refusal | None] = dict(zip(_COLUMNS, cells, strict=True))  # pragma: no mutate
    row[KeyState.PendingReplicaDeletion] = row[KeyState.PendingDeletion]  # pragma: no mutate
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
_STATUS     = _row(ok,          ok,          ok,               external,       unavailable, ok,          ok)
# fmt: on


def _accepting(row: Row, *origins: OriginType) -> Row:
    return evolve(row, accepts=frozenset(origins))  # pragma: no mutate


# Footnote 9: a key whose material is imported. Footnote 7: no key in a custom key store. Footnote 6, and the pages
# on rotation: automatic rotation is for key material that AWS KMS generated.
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
    "GetPublicKey": _IMPORT,
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
    "UpdateAlias": _ALWAYS,  # footnote 10, onto which key the alias may move, is the operation's own
    "UpdateKeyDescription": _MANAGE,
    "UpdatePrimaryRegion": _USE,
    "Verify": _USE,
    "VerifyMac": _USE,
}


_NEWER_THAN_THE_TABLE: Mapping[str, Row] = {"Decapsulate": _USE, "Encapsulate": _USE}
"""Their errors are those of DeriveSharedSecret, and so is their row."""

ROWS: Mapping[str, Row] = {**KEY_STATE_TABLE, **_NEWER_THAN_THE_TABLE}
"""AWS's table, and the operations that are newer."""

_WITHOUT_A_ROW = frozenset(
    {
        "ConnectCustomKeyStore",
        "CreateCustomKeyStore",
        "CreateKey",
        "DeleteCustomKeyStore",
        "DescribeCustomKeyStores",
        "DisconnectCustomKeyStore",
        "GenerateRandom",
        "GetKeyLastUsage",  # its errors know no key state
        "ListKeys",
        "ListRetirableGrants",
        "UpdateCustomKeyStore",
    }
)
"""Operations on no key in particular, or on keys in every state."""


def refusal_for(operation: str, arn: str | None, origin: str, key_state: str) -> KmsError | None:
    """
    The error that AWS answers ``operation`` with, for a KMS key of this origin in this key state; or None.

    For a name that no operation of AWS KMS has, it is an UnknownOperationException.
    """
    if operation in _WITHOUT_A_ROW:
        return None
    row = ROWS.get(operation)
    if row is None:
        return UnknownOperationException(f"{operation} is not an operation of AWS KMS.")
    if origin not in row.accepts:
        return _origin(origin).for_key(arn, key_state)
    if key_state not in row.cells:  # from a newer AWS KMS than this table
        return Refusal(KMSInvalidStateException, f"is {key_state}.").for_key(arn, key_state)
    refusal = row.cells[key_state]
    return None if refusal is None else refusal.for_key(arn, key_state)


class KeyMetadataLike(Protocol):
    """
    What the table asks of a KMS key, whoever describes it.

    An absent ``key_state`` reads as Enabled, an absent ``origin`` as AWS_KMS, or as EXTERNAL for a key that is pending
    import, since no other can be.
    """

    @property
    def arn(self) -> str | None: ...
    @property
    def key_state(self) -> str | None: ...
    @property
    def origin(self) -> str | None: ...


def refusal(operation: str, metadata: KeyMetadataLike) -> KmsError | None:
    """
    The error that AWS KMS would answer ``operation`` with because of the key's state or origin, or None.

    ``metadata`` is `KeyMetadata`, or any value shaped like it; a `Lifecycle` has a method of this name. Grants, policies
    and the request itself are not asked. Raises TypeError for a key state that is neither a string nor None.
    """
    key_state = _known(metadata.key_state)
    pending_import = key_state == KeyState.PendingImport
    origin = OriginType.EXTERNAL if pending_import else OriginType.AWS_KMS
    return refusal_for(operation, metadata.arn or None, metadata.origin or origin, key_state)


def _known(key_state: object) -> str:
    if isinstance(key_state, str | None):
        return key_state or KeyState.Enabled
    kind = type(key_state).__name__
    raise TypeError(f"key_state is a {kind}, not a string or None (of a Lifecycle, ask .refusal)")
