"""
The reference of the state machine: nothing but a few facts for each key and each custom key store.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import final

from attrs import Factory, define

from kmsmodel.crypto.software_cluster import SoftwareCluster
from kmsmodel.crypto.software_xks_proxy import SoftwareXksProxy
from kmsmodel.operations.grants import CreateGrantResponse
from kmsmodel.words.enumerations import (
    ConnectionErrorCodeType,
    ConnectionStateType,
    KeySpec,
    KeyState,
    KeyUsageType,
    OriginType,
)

FOREVER = datetime.max.replace(tzinfo=UTC)


@final
@define(eq=False)
class ExpectedStore:
    """The facts of one custom key store."""

    store_id: str
    name: str
    behind: SoftwareCluster | SoftwareXksProxy
    knows_password: bool
    """Has AWS KMS the password of a cluster's user ``kmsuser``?"""
    connection_state: ConnectionStateType = ConnectionStateType.DISCONNECTED
    error_code: ConnectionErrorCodeType | None = None
    is_deleted: bool = False

    @property
    def origin(self) -> OriginType:
        """That of its keys."""
        in_cluster = isinstance(self.behind, SoftwareCluster)
        return OriginType.AWS_CLOUDHSM if in_cluster else OriginType.EXTERNAL_KEY_STORE

    @property
    def is_connected(self) -> bool:
        return self.connection_state is ConnectionStateType.CONNECTED


@final
@define(eq=False)
class Expected:
    """The facts of one key. A material is a number, with the time until which it is there."""

    key_id: str
    arn: str
    origin: OriginType
    key_spec: KeySpec = KeySpec.SYMMETRIC_DEFAULT
    enabled: bool = True
    deletion_date: datetime | None = None
    permanent: dict[int, datetime] = Factory(dict[int, datetime])
    current: int | None = None
    pending: tuple[int, datetime] | None = None
    rotations: int = 0
    rotation_period: timedelta | None = None
    next_rotation: datetime = FOREVER
    automatic_rotations: int = 0
    tags: dict[str, str] = Factory(dict[str, str])
    grants: dict[str, CreateGrantResponse] = Factory(dict[str, CreateGrantResponse])
    store: ExpectedStore | None = None
    xks_key_id: str | None = None

    @property
    def is_symmetric_encryption_key(self) -> bool:
        return self.key_spec is KeySpec.SYMMETRIC_DEFAULT

    def rotate_by_itself(self, now: datetime) -> None:
        """Not while it is disabled or pending deletion. Its materials have numbers below zero."""
        if self.rotation_period is None or not self.enabled or self.deletion_date is not None:
            return
        while self.next_rotation <= now:
            self.automatic_rotations += 1
            self.current = -self.automatic_rotations
            self.permanent[self.current] = FOREVER
            self.next_rotation += self.rotation_period

    def key_state(self, now: datetime) -> KeyState | None:
        if self.deletion_date is not None:
            return KeyState.PendingDeletion if now < self.deletion_date else None
        if self.store is not None and not self.store.is_connected:
            return KeyState.Unavailable
        if self.origin is OriginType.EXTERNAL:
            missing = [until for until in self.permanent.values() if until <= now]
            if missing or not self.permanent:
                return KeyState.PendingImport
        return KeyState.Enabled if self.enabled else KeyState.Disabled

    def valid_to(self, now: datetime) -> datetime | None:
        if not self.permanent or any(until <= now for until in self.permanent.values()):
            return None
        first = min(self.permanent.values())
        return None if first == FOREVER else first


REFUSALS: Mapping[str, Mapping[KeyState | None, str]] = {
    "use": {
        None: "NotFoundException",
        KeyState.Disabled: "DisabledException",
        KeyState.PendingDeletion: "KMSInvalidStateException",
        KeyState.PendingImport: "KMSInvalidStateException",
        KeyState.Unavailable: "KMSInvalidStateException",
    },
    "grant": {
        None: "NotFoundException",
        KeyState.Disabled: "DisabledException",
        KeyState.PendingDeletion: "KMSInvalidStateException",
        KeyState.PendingImport: "KMSInvalidStateException",
    },
    "switch": {
        None: "NotFoundException",
        KeyState.PendingDeletion: "KMSInvalidStateException",
        KeyState.PendingImport: "KMSInvalidStateException",
    },
    "manage": {None: "NotFoundException", KeyState.PendingDeletion: "KMSInvalidStateException"},
    "any": {None: "NotFoundException"},
    "cancel": {
        None: "NotFoundException",
        KeyState.Enabled: "KMSInvalidStateException",
        KeyState.Disabled: "KMSInvalidStateException",
        KeyState.PendingImport: "KMSInvalidStateException",
        KeyState.Unavailable: "KMSInvalidStateException",
    },
}


KINDS: Mapping[KeySpec, KeyUsageType] = {
    KeySpec.SYMMETRIC_DEFAULT: KeyUsageType.ENCRYPT_DECRYPT,
    KeySpec.HMAC_256: KeyUsageType.GENERATE_VERIFY_MAC,
    KeySpec.ECC_NIST_P256: KeyUsageType.SIGN_VERIFY,
}
