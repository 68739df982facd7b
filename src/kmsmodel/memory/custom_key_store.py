"""
A custom key store, as AWS KMS remembers it.

Its connection state is read from facts, as a key state is: whether it is to be connected, until when that takes, and
why it fails. Sources: *ConnectionState* and *ConnectionErrorCode* in the API Reference; *Connect and disconnect
external key stores* in the Developer Guide.
"""

from __future__ import annotations

from datetime import datetime
from typing import final

from attrs import evolve, field, frozen
from attrs.converters import optional

from kmsmodel.hsm.external_keys import XksProxyConfiguration
from kmsmodel.hsm.secret import Secret
from kmsmodel.words.dates import in_utc
from kmsmodel.words.enumerations import (
    ConnectionErrorCodeType,
    ConnectionStateType,
    CustomKeyStoreType,
)


@final
@frozen(kw_only=True)
class Connection:
    """
    Whether a custom key store is to be connected to its backing key store, and what came of it.

    ``until`` is when connecting or disconnecting is over; ``error_code`` says why connecting fails then.
    """

    is_wanted: bool = False
    until: datetime | None = field(default=None, converter=optional(in_utc))
    error_code: ConnectionErrorCodeType | None = None

    def state(self, now: datetime) -> ConnectionStateType:
        """The connection state at ``now``."""
        if self.until is not None and in_utc(now) < self.until:
            return (
                ConnectionStateType.CONNECTING
                if self.is_wanted
                else ConnectionStateType.DISCONNECTING
            )
        if not self.is_wanted:
            return ConnectionStateType.DISCONNECTED
        return (
            ConnectionStateType.CONNECTED if self.error_code is None else ConnectionStateType.FAILED
        )


@final
@frozen(kw_only=True)
class ClusterConfiguration:
    """How AWS KMS logs into the AWS CloudHSM cluster of an AWS CloudHSM key store."""

    cluster_id: str
    trust_anchor_certificate: str
    key_store_password: Secret


@final
@frozen(kw_only=True)
class CustomKeyStore:
    """
    What AWS KMS remembers of a custom key store, which has either a ``cluster`` or a ``proxy``.
    """

    custom_key_store_id: str
    name: str
    creation_date: datetime
    cluster: ClusterConfiguration | None = None
    proxy: XksProxyConfiguration | None = None
    connection: Connection = Connection()

    def __attrs_post_init__(self) -> None:
        if (self.cluster is None) is (self.proxy is None):
            raise ValueError("a custom key store has either a cluster or a proxy")

    @property
    def store_type(self) -> CustomKeyStoreType:
        return (
            CustomKeyStoreType.EXTERNAL_KEY_STORE
            if self.cluster is None
            else CustomKeyStoreType.AWS_CLOUDHSM
        )

    def connection_state(self, now: datetime) -> ConnectionStateType:
        return self.connection.state(now)

    def is_connected(self, now: datetime) -> bool:
        """Can its KMS keys be created and used?"""
        return self.connection.state(now) is ConnectionStateType.CONNECTED

    def connected(
        self, until: datetime, error_code: ConnectionErrorCodeType | None
    ) -> CustomKeyStore:
        """This store connecting ``until`` then, and failing if there is an error code."""
        connection = Connection(is_wanted=True, until=until, error_code=error_code)
        return evolve(self, connection=connection)

    def disconnected(self, until: datetime) -> CustomKeyStore:
        """This store disconnecting ``until`` then."""
        return evolve(self, connection=Connection(until=until))
