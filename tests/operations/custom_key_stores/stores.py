"""
Steps with custom key stores.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from attrs import evolve

from kmsmodel.calls.delays import Delays
from kmsmodel.clock import Clock
from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.crypto.software_cluster import SoftwareCluster
from kmsmodel.crypto.software_xks_proxy import SoftwareXksProxy
from kmsmodel.key.key_metadata import KeyMetadata
from kmsmodel.local import LocalKms
from kmsmodel.operations.custom_key_stores import (
    ConnectCustomKeyStoreRequest,
    CreateCustomKeyStoreRequest,
    CustomKeyStoresListEntry,
    DescribeCustomKeyStoresRequest,
    DisconnectCustomKeyStoreRequest,
)
from kmsmodel.operations.keys import CreateKeyRequest
from kmsmodel.words.enumerations import ConnectionStateType, OriginType
from tests.basics import NOW
from tests.key_stores import behind, cluster, of_cluster, of_proxy, proxy

CLUSTER, PROXY = cluster("a"), proxy("a")
CONNECTED = ConnectionStateType.CONNECTED
CONNECTING = ConnectionStateType.CONNECTING
FAILED = ConnectionStateType.FAILED
DISCONNECTED = ConnectionStateType.DISCONNECTED
DISCONNECTING = ConnectionStateType.DISCONNECTING
MINUTE = timedelta(minutes=1)

Thing = SoftwareCluster | SoftwareXksProxy


def kms_before(*them: Thing, delays: Delays | None = None) -> LocalKms:
    """A KMS that finds these clusters and proxies."""
    return LocalKms(
        clock=Clock(NOW), hsm=SeededHsm(), key_stores=behind(*them), delays=delays or Delays()
    )


def request_for(thing: Thing, name: str = "a store", **changes: Any) -> CreateCustomKeyStoreRequest:
    if isinstance(thing, SoftwareCluster):
        return evolve(of_cluster(thing, name), **changes)
    return evolve(of_proxy(thing, name), **changes)


def create_store(local: LocalKms, thing: Thing, name: str = "a store") -> str:
    return local.handle(request_for(thing, name)).custom_key_store_id


def connect(local: LocalKms, store: str) -> None:
    local.handle(ConnectCustomKeyStoreRequest(custom_key_store_id=store))


def disconnect(local: LocalKms, store: str) -> None:
    local.handle(DisconnectCustomKeyStoreRequest(custom_key_store_id=store))


def described(local: LocalKms, store: str) -> CustomKeyStoresListEntry:
    request = DescribeCustomKeyStoresRequest(custom_key_store_id=store)
    (entry,) = local.handle(request).custom_key_stores
    return entry


def state_of(local: LocalKms, store: str) -> ConnectionStateType:
    return described(local, store).connection_state


def connected(local: LocalKms, thing: Thing, name: str = "a store") -> str:
    """The id of a new custom key store that is connected."""
    store = create_store(local, thing, name)
    connect(local, store)
    assert state_of(local, store) is CONNECTED
    return store


def key_request(store: str, thing: Thing, xks_key_id: str = "key-0") -> CreateKeyRequest:
    if isinstance(thing, SoftwareCluster):
        return CreateKeyRequest(origin=OriginType.AWS_CLOUDHSM, custom_key_store_id=store)
    return CreateKeyRequest(
        origin=OriginType.EXTERNAL_KEY_STORE, custom_key_store_id=store, xks_key_id=xks_key_id
    )


def create_key(local: LocalKms, store: str, thing: Thing, xks_key_id: str = "key-0") -> KeyMetadata:
    return local.handle(key_request(store, thing, xks_key_id)).key_metadata
