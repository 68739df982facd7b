"""
The custom key store in which a KMS key is created, and what it must be for that.

Sources: `CreateKey` in the API Reference; *Create a KMS key in an AWS CloudHSM key store* and *Create a KMS key in
external key stores* in the Developer Guide.
"""

from __future__ import annotations

from collections.abc import Callable

from kmsmodel.calls import elsewhere, external_keys
from kmsmodel.calls.call import Call
from kmsmodel.calls.ciphers import label_of
from kmsmodel.errors import (
    CloudHsmClusterInvalidConfigurationException,
    CustomKeyStoreInvalidStateException,
    CustomKeyStoreNotFoundException,
    XksKeyAlreadyInUseException,
    XksKeyInvalidConfigurationException,
)
from kmsmodel.hsm.cluster import Cluster, ClusterError
from kmsmodel.hsm.external_keys import (
    ExternalKeyMetadata,
    XksFailure,
    XksProxyConfiguration,
    XksProxyError,
)
from kmsmodel.key.key import Key
from kmsmodel.memory.account import every as every_record
from kmsmodel.memory.custom_key_store import CustomKeyStore
from kmsmodel.memory.kms import Kms

HSMS_FOR_A_KEY = 2
"""How many active HSMs a cluster must have, each in another Availability Zone, for a key store or a key."""

_AES_256 = "AES_256"
_ENABLED = "ENABLED"
_USAGE = frozenset({"ENCRYPT", "DECRYPT"})


def find(kms: Kms, custom_key_store_id: str, call: Call) -> CustomKeyStore:
    """The custom key store with this id in the caller's account and Region. Raises CustomKeyStoreNotFoundException."""
    of = kms.account_in_region(call.caller.account, call.region)
    store = of.custom_key_stores.get(custom_key_store_id)
    if store is None:
        raise missing(kms, call, lambda each: each.custom_key_store_id == custom_key_store_id)
    return store


def missing(
    kms: Kms, call: Call, is_meant: Callable[[CustomKeyStore], bool]
) -> CustomKeyStoreNotFoundException:
    """The error for a custom key store that is not there."""
    account = call.caller.account

    def is_there(region: str) -> bool:
        stores = every_record(kms.account_in_region(account, region).custom_key_stores)
        return any(map(is_meant, stores))

    return elsewhere.told(
        CustomKeyStoreNotFoundException(),
        "such a custom key store",
        kms,
        call,
        account=account,
        is_there=is_there,
    )


def expect_connected(store: CustomKeyStore, call: Call) -> None:
    """Raise CustomKeyStoreInvalidStateException unless a custom key store is connected."""
    if not store.is_connected(call.now):
        external = store.proxy is not None
        raise CustomKeyStoreInvalidStateException(external_keys.NOT_CONNECTED if external else "")


def expect_usable(cluster: Cluster | None, hsms: int) -> Cluster:
    """The cluster, if it has so many active HSMs. Raises CloudHsmClusterInvalidConfigurationException."""
    if cluster is None or not cluster.is_active or cluster.active_hsms < hsms:
        raise CloudHsmClusterInvalidConfigurationException
    return cluster


def with_key(kms: Kms, store: CustomKeyStore, key: Key, call: Call) -> Kms:
    """
    The state with a new KMS key in this store; the key material of one in a cluster is generated there.

    Raises CloudHsmClusterInvalidConfigurationException if the cluster cannot.
    """
    if store.cluster is not None:
        cluster = expect_usable(call.key_stores.cluster(store.cluster.cluster_id), HSMS_FOR_A_KEY)
        try:
            for backing_key in key.backing_keys:
                if backing_key.secret is not None:
                    cluster.generate(label_of(backing_key.secret))
        except ClusterError:
            raise CloudHsmClusterInvalidConfigurationException from None
    former = _with_external_key(kms, store, key.xks_key_id, call)
    return (kms if former is None else kms.without_key(former)).with_key(key)


def _with_external_key(
    kms: Kms, store: CustomKeyStore, xks_key_id: str | None, call: Call
) -> Key | None:
    """The KMS key that is remembered with this external key, even if it is deleted by now."""
    of = kms.account_in_region(call.caller.account, call.region)
    if xks_key_id is None:
        return None
    return of.key_with_external_key(store.custom_key_store_id, xks_key_id)


def expect_external_key(
    kms: Kms, store: CustomKeyStore, proxy: XksProxyConfiguration, xks_key_id: str, call: Call
) -> None:
    """
    Refuse an external key that no KMS key can have: another has it, or the proxy says that it does not fit.

    Raises XksKeyAlreadyInUseException, XksKeyInvalidConfigurationException, or the error of what the proxy answers.
    """
    other = _with_external_key(kms, store, xks_key_id, call)
    if other is not None and kms.key(other.arn, call.now) is not None:
        raise XksKeyAlreadyInUseException
    try:
        asked = external_keys.metadata(call, "CreateKey")
        told = call.key_stores.proxies.at(proxy).get_key_metadata(xks_key_id, asked)
    except XksProxyError as error:
        raise external_keys.error_of_new_key(error.failure) from None
    _expect_fitting(told)


def _expect_fitting(told: ExternalKeyMetadata) -> None:
    if told.key_spec != _AES_256:
        raise XksKeyInvalidConfigurationException
    if not set(told.key_usage) >= _USAGE:
        raise external_keys.error_of_new_key(XksFailure.InvalidKeyUsageException)
    if told.key_status != _ENABLED:
        raise external_keys.error_of_new_key(XksFailure.InvalidStateException)
