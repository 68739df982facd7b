"""
Changing the properties of a custom key store.
"""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from kmsmodel.errors import (
    CloudHsmClusterInvalidConfigurationException,
    CloudHsmClusterNotActiveException,
    CloudHsmClusterNotFoundException,
    CloudHsmClusterNotRelatedException,
    CustomKeyStoreInvalidStateException,
    CustomKeyStoreNameInUseException,
    CustomKeyStoreNotFoundException,
    KmsError,
    ValidationException,
    XksProxyIncorrectAuthenticationCredentialException,
    XksProxyInvalidConfigurationException,
    XksProxyUriInUseException,
    XksProxyVpcEndpointServiceNotFoundException,
)
from kmsmodel.hsm.secret import Secret
from kmsmodel.local import LocalKms
from kmsmodel.operations.custom_key_store_updates import UpdateCustomKeyStoreRequest
from kmsmodel.operations.custom_key_stores import XksProxyAuthenticationCredentialType
from kmsmodel.operations.encryption import DecryptRequest, EncryptRequest
from kmsmodel.words.enumerations import XksProxyConnectivityType
from tests.basics import OTHER_ACCOUNT
from tests.key_stores import VPC_ENDPOINT_SERVICE, behind, credential_of, proxy
from tests.operations.custom_key_stores.stores import (
    CLUSTER,
    CONNECTED,
    DISCONNECTED,
    PROXY,
    connect,
    connected,
    create_key,
    create_store,
    described,
    disconnect,
    kms_before,
    request_for,
    state_of,
)
from tests.operations.custom_key_stores.test_custom_key_stores import BOTH, in_state
from tests.operations.steps import refused

PUBLIC = XksProxyConnectivityType.PUBLIC_ENDPOINT
VPC = XksProxyConnectivityType.VPC_ENDPOINT_SERVICE


def update(local: LocalKms, store: str, **changes: Any) -> None:
    local.handle(UpdateCustomKeyStoreRequest(custom_key_store_id=store, **changes))


# ---- which connection state it takes


OF_CLUSTER: dict[str, Any] = {
    "new_custom_key_store_name": "new",
    "key_store_password": "another",
    "cloud_hsm_cluster_id": CLUSTER.cluster_id,
}
OF_PROXY: dict[str, Any] = {
    "new_custom_key_store_name": "new",
    "xks_proxy_authentication_credential": credential_of(PROXY),
    "xks_proxy_uri_path": PROXY.uri_path,
    "xks_proxy_uri_endpoint": PROXY.uri_endpoint,
    "xks_proxy_connectivity": PUBLIC,
}
WHILE_CONNECTED = {
    "new_custom_key_store_name",
    "xks_proxy_authentication_credential",
    "xks_proxy_uri_path",
}


@BOTH
@pytest.mark.parametrize(
    "state", ["CONNECTED", "CONNECTING", "FAILED", "DISCONNECTED", "DISCONNECTING"]
)
def test_a_property_is_changed_in_the_connection_states_that_aws_says(
    state: str, thing: Any
) -> None:
    for name, value in (OF_CLUSTER if thing is CLUSTER else OF_PROXY).items():
        local, store = in_state(state, thing)
        request = UpdateCustomKeyStoreRequest(custom_key_store_id=store, **{name: value})
        if state == "DISCONNECTED" or (state == "CONNECTED" and name in WHILE_CONNECTED):
            local.handle(request)
            assert state_of(local, store) == state
        else:
            refused(local, request, CustomKeyStoreInvalidStateException, "")


def test_a_key_store_takes_no_change_that_is_for_the_other_type() -> None:
    local = kms_before(CLUSTER, PROXY)
    message = "A parameter is not valid for a custom key store of type {}."
    for thing, changes in ((CLUSTER, OF_PROXY), (PROXY, OF_CLUSTER)):
        store = create_store(local, thing, thing.__class__.__name__)
        request = UpdateCustomKeyStoreRequest(custom_key_store_id=store, **changes)
        kind = "AWS_CLOUDHSM" if thing is CLUSTER else "EXTERNAL_KEY_STORE"
        refused(local, request, ValidationException, message.format(kind))


def test_a_key_store_that_is_not_there_is_not_changed() -> None:
    request = UpdateCustomKeyStoreRequest(custom_key_store_id="x", new_custom_key_store_name="y")
    refused(kms_before(), request, CustomKeyStoreNotFoundException, "")


# ---- the name


def test_a_new_name_is_that_of_no_other_key_store() -> None:
    local = kms_before(CLUSTER, PROXY)
    store = create_store(local, CLUSTER, "one")
    create_store(local, PROXY, "other")
    request = UpdateCustomKeyStoreRequest(
        custom_key_store_id=store, new_custom_key_store_name="other"
    )
    refused(local, request, CustomKeyStoreNameInUseException, "")
    for name in ("one", "two"):
        update(local, store, new_custom_key_store_name=name)
        assert described(local, store).custom_key_store_name == name


# ---- clusters


def test_a_new_password_lets_a_key_store_connect() -> None:
    local = kms_before(CLUSTER)
    store = local.handle(request_for(CLUSTER, key_store_password="forgotten")).custom_key_store_id
    update(local, store, key_store_password=CLUSTER.kmsuser_password)
    connect(local, store)
    assert state_of(local, store) is CONNECTED


def test_a_key_store_moves_to_a_cluster_that_was_made_from_a_backup() -> None:
    """There, its keys still open what they encrypted."""
    restored = evolve(CLUSTER, cluster_id="cluster-restored222")
    local = kms_before(CLUSTER, restored)
    store = connected(local, CLUSTER)
    key = create_key(local, store, CLUSTER)
    sealed = local.handle(EncryptRequest(key_id=key.key_id, plaintext=b"kept")).ciphertext_blob
    disconnect(local, store)
    update(local, store, cloud_hsm_cluster_id=restored.cluster_id)
    local.key_stores = behind(restored)
    connect(local, store)
    assert local.handle(DecryptRequest(ciphertext_blob=sealed)).plaintext == b"kept"
    assert described(local, store).cloud_hsm_cluster_id == restored.cluster_id


@pytest.mark.parametrize(
    "facts, error",
    [
        ({"cluster_id": "cluster-elsewhere22"}, CloudHsmClusterNotFoundException),
        ({"trust_anchor_certificate": "another"}, CloudHsmClusterNotRelatedException),
        ({"is_active": False}, CloudHsmClusterNotActiveException),
        ({"active_hsms": 1}, CloudHsmClusterInvalidConfigurationException),
    ],
)
def test_a_key_store_moves_to_no_cluster_that_does_not_fit(
    facts: dict[str, Any], error: type[KmsError]
) -> None:
    restored = {"cluster_id": "cluster-restored222"}
    local = kms_before(CLUSTER, evolve(CLUSTER, **(restored | facts)))
    store = create_store(local, CLUSTER)
    request = UpdateCustomKeyStoreRequest(
        custom_key_store_id=store, cloud_hsm_cluster_id="cluster-restored222"
    )
    refused(local, request, error, "")


# ---- proxies


ROTATED = evolve(
    PROXY, access_key_id="ROTATED2ROTATED2ROTATED2", raw_secret_access_key=Secret(b"r" * 43)
)


def test_a_credential_is_rotated_while_the_key_store_is_connected() -> None:
    local = kms_before(PROXY)
    store = connected(local, PROXY)
    key = create_key(local, store, PROXY)
    request = UpdateCustomKeyStoreRequest(
        custom_key_store_id=store, xks_proxy_authentication_credential=credential_of(ROTATED)
    )
    with pytest.raises(XksProxyIncorrectAuthenticationCredentialException):
        local.handle(request)
    local.key_stores = behind(ROTATED)
    local.handle(request)
    told = described(local, store).xks_proxy_configuration
    assert told is not None
    assert told.access_key_id == ROTATED.access_key_id
    local.handle(EncryptRequest(key_id=key.key_id, plaintext=b"a"))


def test_a_path_where_no_proxy_is_is_refused() -> None:
    local = kms_before(PROXY)
    store = connected(local, PROXY)
    request = UpdateCustomKeyStoreRequest(
        custom_key_store_id=store, xks_proxy_uri_path="/elsewhere/kms/xks/v1"
    )
    with pytest.raises(XksProxyInvalidConfigurationException):
        local.handle(request)
    update(local, store, new_custom_key_store_name="no proxy is asked for a name")


def test_a_proxy_of_another_key_store_is_refused() -> None:
    other = proxy("other")
    local = kms_before(PROXY, other)
    store = create_store(local, PROXY, "one")
    create_store(local, other, "other")
    request = UpdateCustomKeyStoreRequest(
        custom_key_store_id=store, xks_proxy_uri_endpoint=other.uri_endpoint
    )
    refused(local, request, XksProxyUriInUseException, "")
    update(local, store, xks_proxy_uri_endpoint=PROXY.uri_endpoint)


def test_another_connectivity_comes_with_another_endpoint() -> None:
    over_vpc = proxy("vpc", vpc_endpoint_service_name=VPC_ENDPOINT_SERVICE)
    local = kms_before(PROXY, over_vpc)
    store = create_store(local, PROXY)
    to_vpc: dict[str, Any] = {
        "xks_proxy_connectivity": VPC,
        "xks_proxy_uri_endpoint": over_vpc.uri_endpoint,
        "xks_proxy_vpc_endpoint_service_name": VPC_ENDPOINT_SERVICE,
    }
    for missing, message in (
        (
            "xks_proxy_uri_endpoint",
            "Another XksProxyConnectivity requires an XksProxyUriEndpoint.",
        ),
        (
            "xks_proxy_vpc_endpoint_service_name",
            "XksProxyConnectivity VPC_ENDPOINT_SERVICE requires an XksProxyVpcEndpointServiceName.",
        ),
    ):
        given = {name: value for name, value in to_vpc.items() if name != missing}
        request = UpdateCustomKeyStoreRequest(custom_key_store_id=store, **given)
        refused(local, request, ValidationException, message)
    update(local, store, **to_vpc, xks_proxy_vpc_endpoint_service_owner=OTHER_ACCOUNT)
    told = described(local, store).xks_proxy_configuration
    assert told is not None
    assert (told.connectivity, told.vpc_endpoint_service_owner) == (VPC, OTHER_ACCOUNT)
    assert told.vpc_endpoint_service_name == VPC_ENDPOINT_SERVICE
    update(local, store, xks_proxy_connectivity=PUBLIC, xks_proxy_uri_endpoint=PROXY.uri_endpoint)
    told = described(local, store).xks_proxy_configuration
    assert told is not None
    assert (told.vpc_endpoint_service_name, told.vpc_endpoint_service_owner) == (None, None)


def test_over_a_vpc_a_proxy_is_probed_while_it_is_connected() -> None:
    over_vpc = proxy("vpc", vpc_endpoint_service_name=VPC_ENDPOINT_SERVICE)
    local = kms_before(over_vpc)
    store = create_store(local, over_vpc)
    request = UpdateCustomKeyStoreRequest(
        custom_key_store_id=store, xks_proxy_authentication_credential=credential_of(ROTATED)
    )
    local.handle(request)  # before there is a connection, only the service is looked for
    local.key_stores = behind(
        evolve(
            over_vpc,
            access_key_id=ROTATED.access_key_id,
            raw_secret_access_key=ROTATED.raw_secret_access_key,
        )
    )
    connect(local, store)
    assert state_of(local, store) is CONNECTED
    wrong = XksProxyAuthenticationCredentialType(
        access_key_id="W" * 20, raw_secret_access_key="w" * 43
    )
    with pytest.raises(XksProxyIncorrectAuthenticationCredentialException):
        local.handle(evolve(request, xks_proxy_authentication_credential=wrong))
    disconnect(local, store)
    assert state_of(local, store) is DISCONNECTED
    local.key_stores = behind()
    refused(local, request, XksProxyVpcEndpointServiceNotFoundException, "")
