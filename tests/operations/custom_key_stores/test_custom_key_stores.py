"""
Creating, listing, connecting, disconnecting and deleting custom key stores.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given, strategies as st

from kmsmodel.calls.delays import Delays
from kmsmodel.errors import (
    CloudHsmClusterInUseException,
    CloudHsmClusterInvalidConfigurationException,
    CloudHsmClusterNotActiveException,
    CloudHsmClusterNotFoundException,
    CustomKeyStoreHasCMKsException,
    CustomKeyStoreInvalidStateException,
    CustomKeyStoreNameInUseException,
    CustomKeyStoreNotFoundException,
    IncorrectTrustAnchorException,
    InvalidMarkerException,
    KmsError,
    LimitExceededException,
    UnsupportedOperationException,
    ValidationException,
    XksProxyUriEndpointInUseException,
    XksProxyUriInUseException,
    XksProxyUriUnreachableException,
    XksProxyVpcEndpointServiceInUseException,
    XksProxyVpcEndpointServiceNotFoundException,
)
from kmsmodel.hsm.external_keys import EkmHealthStatus, XksFailure
from kmsmodel.local import LocalKms, Who
from kmsmodel.operations.custom_key_stores import (
    ConnectCustomKeyStoreRequest,
    DeleteCustomKeyStoreRequest,
    DescribeCustomKeyStoresRequest,
    DisconnectCustomKeyStoreRequest,
    XksProxyConfigurationType,
)
from kmsmodel.operations.data_keys import GenerateRandomRequest
from kmsmodel.operations.deletion import ScheduleKeyDeletionRequest
from kmsmodel.words.enumerations import (
    ConnectionErrorCodeType,
    CustomKeyStoreType,
    XksProxyConnectivityType,
)
from tests.basics import ACCOUNT, DAY, MICROSECOND, NOW, OTHER_ACCOUNT, OTHER_REGION
from tests.key_stores import VPC_ENDPOINT_SERVICE, behind, cluster, proxy
from tests.operations.custom_key_stores.stores import (
    CLUSTER,
    CONNECTED,
    CONNECTING,
    DISCONNECTED,
    DISCONNECTING,
    FAILED,
    MINUTE,
    PROXY,
    Thing,
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
from tests.operations.steps import refused

ELSEWHERE: tuple[Who, ...] = ({"region": OTHER_REGION}, {"account": OTHER_ACCOUNT})
BOTH = pytest.mark.parametrize("thing", [CLUSTER, PROXY], ids=["cluster", "proxy"])


# ---- creating


def test_a_new_key_store_of_a_cluster_is_disconnected_and_described() -> None:
    local = kms_before(CLUSTER)
    store = create_store(local, CLUSTER, "mine")
    entry = described(local, store)
    assert store.startswith("cks-")
    assert len(store) == len("cks-1234567890abcdef0")
    assert (entry.custom_key_store_id, entry.custom_key_store_name) == (store, "mine")
    assert entry.cloud_hsm_cluster_id == CLUSTER.cluster_id
    assert entry.trust_anchor_certificate == CLUSTER.trust_anchor_certificate
    assert (entry.connection_state, entry.connection_error_code) == (DISCONNECTED, None)
    assert (entry.creation_date, entry.xks_proxy_configuration) == (NOW, None)
    assert entry.custom_key_store_type is CustomKeyStoreType.AWS_CLOUDHSM
    assert "kmsPswd" not in repr(local.kms.accounts)


def test_a_new_external_key_store_is_disconnected_and_described() -> None:
    local = kms_before(PROXY)
    entry = described(local, create_store(local, PROXY))
    assert entry.cloud_hsm_cluster_id is entry.trust_anchor_certificate is None
    assert entry.connection_state is DISCONNECTED
    assert entry.custom_key_store_type is CustomKeyStoreType.EXTERNAL_KEY_STORE
    assert entry.xks_proxy_configuration == XksProxyConfigurationType(
        connectivity=XksProxyConnectivityType.PUBLIC_ENDPOINT,
        access_key_id=PROXY.access_key_id,
        uri_endpoint=PROXY.uri_endpoint,
        uri_path=PROXY.uri_path,
    )


def test_a_vpc_endpoint_service_is_by_default_one_of_the_callers_account() -> None:
    over_vpc = proxy("vpc", vpc_endpoint_service_name=VPC_ENDPOINT_SERVICE)
    local = kms_before(over_vpc)
    told = described(local, create_store(local, over_vpc)).xks_proxy_configuration
    assert told is not None
    assert told.vpc_endpoint_service_name == VPC_ENDPOINT_SERVICE
    assert told.vpc_endpoint_service_owner == ACCOUNT


@pytest.mark.parametrize(
    "facts, error",
    [
        ({"is_active": False}, CloudHsmClusterNotActiveException),
        ({"active_hsms": 1}, CloudHsmClusterInvalidConfigurationException),
        ({"trust_anchor_certificate": "another"}, IncorrectTrustAnchorException),
        ({"cluster_id": "cluster-elsewhere22"}, CloudHsmClusterNotFoundException),
    ],
)
def test_a_cluster_that_does_not_fit_gets_no_key_store(
    facts: dict[str, Any], error: type[KmsError]
) -> None:
    refused(kms_before(evolve(CLUSTER, **facts)), request_for(CLUSTER), error, "")


def test_a_name_is_that_of_one_key_store() -> None:
    local = kms_before(CLUSTER, PROXY)
    create_store(local, CLUSTER, "one")
    refused(local, request_for(PROXY, "one"), CustomKeyStoreNameInUseException, "")
    assert create_store(local, PROXY, "One")
    for where in ELSEWHERE:
        local.handle(request_for(PROXY, "one"), **where)


def test_a_cluster_and_those_of_its_backups_have_one_key_store() -> None:
    restored = evolve(CLUSTER, cluster_id="cluster-restored222")
    local = kms_before(CLUSTER, restored, cluster("other"))
    create_store(local, CLUSTER, "one")
    for each in (CLUSTER, restored):
        refused(local, request_for(each, "another"), CloudHsmClusterInUseException, "")
    assert create_store(local, cluster("other"), "another")


def test_an_account_has_ten_key_stores_in_a_region() -> None:
    clusters = [cluster(name) for name in "abcdefghijk"]
    local = kms_before(*clusters)
    for number, each in enumerate(clusters[:10]):
        create_store(local, each, str(number))
    refused(local, request_for(clusters[10], "eleventh"), LimitExceededException, "")
    local.handle(request_for(clusters[10], "eleventh"), region=OTHER_REGION)


@pytest.mark.parametrize(
    "missing", ["cloud_hsm_cluster_id", "trust_anchor_certificate", "key_store_password"]
)
def test_a_key_store_of_a_cluster_needs_all_that_is_about_one(missing: str) -> None:
    message = (
        "An AWS CloudHSM key store requires a CloudHsmClusterId, a KeyStorePassword "
        "and a TrustAnchorCertificate."
    )
    without: dict[str, Any] = {missing: None}
    request = request_for(CLUSTER, **without)
    refused(kms_before(CLUSTER), request, ValidationException, message)


@pytest.mark.parametrize(
    "missing",
    [
        "xks_proxy_connectivity",
        "xks_proxy_authentication_credential",
        "xks_proxy_uri_endpoint",
        "xks_proxy_uri_path",
    ],
)
def test_an_external_key_store_needs_all_that_is_about_a_proxy(missing: str) -> None:
    message = (
        "An external key store requires an XksProxyConnectivity, an "
        "XksProxyAuthenticationCredential, an XksProxyUriEndpoint and an XksProxyUriPath."
    )
    without: dict[str, Any] = {missing: None}
    request = request_for(PROXY, **without)
    refused(kms_before(PROXY), request, ValidationException, message)


def test_a_key_store_takes_nothing_that_is_for_the_other_type() -> None:
    local = kms_before(CLUSTER, PROXY)
    message = "A parameter is not valid for a custom key store of type {}."
    request = request_for(CLUSTER, xks_proxy_uri_path="/kms/xks/v1")
    refused(local, request, ValidationException, message.format("AWS_CLOUDHSM"))
    request = request_for(PROXY, key_store_password="password")
    refused(local, request, ValidationException, message.format("EXTERNAL_KEY_STORE"))


def test_a_vpc_endpoint_service_goes_with_its_connectivity() -> None:
    over_vpc = proxy("vpc", vpc_endpoint_service_name=VPC_ENDPOINT_SERVICE)
    local = kms_before(PROXY, over_vpc)
    request = request_for(over_vpc, xks_proxy_vpc_endpoint_service_name=None)
    message = (
        "XksProxyConnectivity VPC_ENDPOINT_SERVICE requires an XksProxyVpcEndpointServiceName."
    )
    refused(local, request, ValidationException, message)
    request = request_for(PROXY, xks_proxy_vpc_endpoint_service_name=VPC_ENDPOINT_SERVICE)
    message = "XksProxyConnectivity PUBLIC_ENDPOINT takes no XksProxyVpcEndpointServiceName."
    refused(local, request, ValidationException, message)


def test_two_external_key_stores_have_two_addresses() -> None:
    other_service = VPC_ENDPOINT_SERVICE[:-1] + "h"
    vpc = proxy("vpc", vpc_endpoint_service_name=VPC_ENDPOINT_SERVICE)
    same_service = evolve(vpc, uri_endpoint="https://another.example.com")
    same_endpoint = evolve(vpc, uri_path="/b/kms/xks/v1", vpc_endpoint_service_name=other_service)
    public_there = evolve(vpc, uri_path="/c/kms/xks/v1", vpc_endpoint_service_name=None)
    local = kms_before(PROXY, vpc, same_service, same_endpoint, public_there)
    create_store(local, PROXY, "public")
    create_store(local, vpc, "vpc")
    for thing, error in (
        (PROXY, XksProxyUriInUseException),
        (same_endpoint, XksProxyUriEndpointInUseException),
        (public_there, XksProxyUriEndpointInUseException),
        (same_service, XksProxyVpcEndpointServiceInUseException),
    ):
        refused(local, request_for(thing, "another"), error, "")
    other_path = request_for(PROXY, "another", xks_proxy_uri_path="/d/kms/xks/v1")
    local.key_stores = behind(evolve(PROXY, uri_path="/d/kms/xks/v1"))
    local.handle(other_path)


def test_over_a_vpc_a_proxy_is_asked_when_the_key_store_connects() -> None:
    vpc = proxy("vpc", vpc_endpoint_service_name=VPC_ENDPOINT_SERVICE, access_key_id="C" * 20)
    local = kms_before()
    refused(local, request_for(vpc), XksProxyVpcEndpointServiceNotFoundException, "")
    local.key_stores = behind(evolve(vpc, access_key_id="D" * 20))
    store = create_store(local, vpc)
    connect(local, store)
    entry = described(local, store)
    assert entry.connection_error_code is ConnectionErrorCodeType.INVALID_CREDENTIALS
    disconnect(local, store)
    local.key_stores = behind()
    connect(local, store)
    entry = described(local, store)
    assert entry.connection_error_code is ConnectionErrorCodeType.XKS_VPC_ENDPOINT_SERVICE_NOT_FOUND


def test_a_proxy_without_a_working_key_manager_gets_no_key_store() -> None:
    gone = (EkmHealthStatus.UNAVAILABLE,) * 2
    request = request_for(PROXY)
    with pytest.raises(XksProxyUriUnreachableException):
        kms_before(evolve(PROXY, health=gone)).handle(request)
    some = (EkmHealthStatus.UNAVAILABLE, EkmHealthStatus.DEGRADED)
    kms_before(evolve(PROXY, health=some)).handle(request)


# ---- listing


@given(st.integers(1, 5), st.integers(0, 4))
def test_key_stores_are_listed_once_each_in_the_order_of_their_ids(size: int, many: int) -> None:
    clusters = [cluster(name) for name in "abcd"]
    local = kms_before(*clusters)
    stores = {create_store(local, each, each.cluster_id) for each in clusters[:many]}
    listed: list[str] = []
    marker: str | None = None
    while True:
        request = DescribeCustomKeyStoresRequest(limit=size, marker=marker)
        page = local.handle(request)
        assert len(page.custom_key_stores) <= size
        listed += [each.custom_key_store_id for each in page.custom_key_stores]
        assert page.truncated is (page.next_marker is not None)
        if page.next_marker is None:
            break
        marker = page.next_marker
    assert listed == sorted(stores)


def test_one_key_store_is_found_by_its_name_or_id() -> None:
    local = kms_before(CLUSTER, PROXY)
    store, other = create_store(local, CLUSTER, "one"), create_store(local, PROXY, "other")
    for request in (
        DescribeCustomKeyStoresRequest(custom_key_store_name="one"),
        DescribeCustomKeyStoresRequest(custom_key_store_id=store),
    ):
        (entry,) = local.handle(request).custom_key_stores
        assert entry.custom_key_store_id == store != other
    for request in (
        DescribeCustomKeyStoresRequest(custom_key_store_name=store),
        DescribeCustomKeyStoresRequest(custom_key_store_id="one"),
    ):
        refused(local, request, CustomKeyStoreNotFoundException, "")
    both = DescribeCustomKeyStoresRequest(custom_key_store_id=store, custom_key_store_name="one")
    message = "CustomKeyStoreId and CustomKeyStoreName cannot both be specified."
    refused(local, both, ValidationException, message)
    refused(local, DescribeCustomKeyStoresRequest(marker="x"), InvalidMarkerException, "")


# ---- connecting


@BOTH
def test_a_key_store_connects_and_disconnects_at_once_unless_it_takes_time(thing: Thing) -> None:
    delays = Delays(connecting=3 * MINUTE, disconnecting=2 * MINUTE)
    for local in (kms_before(thing), kms_before(thing, delays=delays)):
        store = create_store(local, thing)
        connect(local, store)
        if local.delays == delays:
            assert state_of(local, store) is CONNECTING
            local.clock.advance(3 * MINUTE - MICROSECOND)
            assert state_of(local, store) is CONNECTING
            local.clock.advance(MICROSECOND)
        assert state_of(local, store) is CONNECTED
        connect(local, store)
        assert state_of(local, store) is CONNECTED
        disconnect(local, store)
        if local.delays == delays:
            assert state_of(local, store) is DISCONNECTING
            local.clock.advance(2 * MINUTE)
        assert state_of(local, store) is DISCONNECTED


ERRORS_OF_CLUSTERS = [
    "INVALID_CREDENTIALS",
    "NETWORK_ERRORS",
    "INTERNAL_ERROR",
    "INSUFFICIENT_CLOUDHSM_HSMS",
    "USER_LOCKED_OUT",
    "USER_NOT_FOUND",
    "USER_LOGGED_IN",
    "SUBNET_NOT_FOUND",
    "INSUFFICIENT_FREE_ADDRESSES_IN_SUBNET",
]


@pytest.mark.parametrize("code", ERRORS_OF_CLUSTERS)
def test_a_cluster_that_does_not_let_in_fails_the_connection(code: str) -> None:
    """It shows when connecting is over, and until the key store is disconnected."""
    local = kms_before(evolve(CLUSTER, refuses_with=code), delays=Delays(connecting=MINUTE))
    store = create_store(local, CLUSTER)
    connect(local, store)
    assert described(local, store).connection_error_code is None
    local.clock.advance(MINUTE)
    entry = described(local, store)
    assert (entry.connection_state, entry.connection_error_code) == (FAILED, code)
    local.key_stores = behind(CLUSTER)
    refused(
        local,
        ConnectCustomKeyStoreRequest(custom_key_store_id=store),
        CustomKeyStoreInvalidStateException,
        "",
    )
    disconnect(local, store)
    connect(local, store)
    local.clock.advance(MINUTE)
    assert state_of(local, store) is CONNECTED


def test_another_password_and_a_cluster_that_is_gone_fail_the_connection() -> None:
    local = kms_before(CLUSTER)
    store = local.handle(request_for(CLUSTER, key_store_password="another")).custom_key_store_id
    connect(local, store)
    assert described(local, store).connection_error_code == "INVALID_CREDENTIALS"
    disconnect(local, store)
    local.key_stores = behind()
    connect(local, store)
    assert described(local, store).connection_error_code == "CLUSTER_NOT_FOUND"


def test_each_error_code_of_a_connection_comes_of_something() -> None:
    vpc = proxy("vpc", vpc_endpoint_service_name=VPC_ENDPOINT_SERVICE)
    local = kms_before(vpc)
    store = create_store(local, vpc)
    codes = {*ERRORS_OF_CLUSTERS, "CLUSTER_NOT_FOUND"}
    for failure in XksFailure:
        local.key_stores = behind(evolve(vpc, fails_with=failure))
        connect(local, store)
        codes.add(described(local, store).connection_error_code or "")
        disconnect(local, store)
    assert codes == set(ConnectionErrorCodeType)


@pytest.mark.parametrize(
    "facts, error",
    [
        ({"is_active": False}, CloudHsmClusterNotActiveException),
        ({"active_hsms": 0}, CloudHsmClusterInvalidConfigurationException),
        ({"active_hsms": 1}, None),
    ],
)
def test_to_connect_one_active_hsm_of_an_active_cluster_is_enough(
    facts: dict[str, Any], error: type[KmsError] | None
) -> None:
    local = kms_before(CLUSTER)
    store = create_store(local, CLUSTER)
    local.key_stores = behind(evolve(CLUSTER, **facts))
    request = ConnectCustomKeyStoreRequest(custom_key_store_id=store)
    if error is None:
        local.handle(request)
        assert state_of(local, store) is CONNECTED
    else:
        refused(local, request, error, "")
        assert state_of(local, store) is DISCONNECTED


# ---- what each connection state permits: CustomKeyStoreInvalidStateException in the API Reference


def in_state(state: str, thing: Thing) -> tuple[LocalKms, str]:
    """A key store in this connection state."""
    hour = timedelta(hours=1)
    local = kms_before(thing, delays=Delays(connecting=hour, disconnecting=hour))
    store = create_store(local, thing)
    if state == "FAILED":
        local.key_stores = behind()
    if state != "DISCONNECTED":
        connect(local, store)
    if state not in {"DISCONNECTED", "CONNECTING"}:
        local.clock.advance(hour)
    if state == "DISCONNECTING":
        disconnect(local, store)
    local.key_stores = behind(thing)
    assert state_of(local, store) == state
    return local, store


ALLOWED = {
    ConnectCustomKeyStoreRequest: {"CONNECTED", "CONNECTING", "DISCONNECTED"},
    DisconnectCustomKeyStoreRequest: {"CONNECTED", "CONNECTING", "FAILED"},
    DeleteCustomKeyStoreRequest: {"DISCONNECTED"},
}


@BOTH
@pytest.mark.parametrize("request_type", ALLOWED)
@pytest.mark.parametrize(
    "state", ["CONNECTED", "CONNECTING", "FAILED", "DISCONNECTED", "DISCONNECTING"]
)
def test_a_connection_state_permits_what_aws_says(
    state: str, request_type: Any, thing: Thing
) -> None:
    local, store = in_state(state, thing)
    request = request_type(custom_key_store_id=store)
    if state in ALLOWED[request_type]:
        local.handle(request)
    else:
        refused(local, request, CustomKeyStoreInvalidStateException, "")


@pytest.mark.parametrize("request_type", ALLOWED)
def test_a_key_store_of_another_account_or_region_is_not_there(request_type: Any) -> None:
    local = kms_before(CLUSTER)
    request = request_type(custom_key_store_id=create_store(local, CLUSTER))
    for where in ELSEWHERE:
        with pytest.raises(CustomKeyStoreNotFoundException):
            local.handle(request, **where)
    refused(local, request_type(custom_key_store_id="x"), CustomKeyStoreNotFoundException, "")


# ---- deleting


@BOTH
def test_a_key_store_is_deleted_when_its_last_key_is(thing: Thing) -> None:
    local = kms_before(thing)
    store = connected(local, thing)
    key_id = create_key(local, store, thing).key_id
    disconnect(local, store)
    delete = DeleteCustomKeyStoreRequest(custom_key_store_id=store)
    refused(local, delete, CustomKeyStoreHasCMKsException, "")
    local.handle(ScheduleKeyDeletionRequest(key_id=key_id, pending_window_in_days=7))
    local.clock.advance(7 * DAY - MICROSECOND)
    refused(local, delete, CustomKeyStoreHasCMKsException, "")
    local.clock.advance(MICROSECOND)
    local.handle(delete)
    assert local.handle(DescribeCustomKeyStoresRequest()).custom_key_stores == ()
    assert create_store(local, thing)


# ---- random bytes


def test_random_bytes_come_from_the_cluster_that_is_named() -> None:
    local = kms_before(CLUSTER)
    store = connected(local, CLUSTER)
    request = GenerateRandomRequest(number_of_bytes=32, custom_key_store_id=store)
    drawn = {local.handle(request).plaintext for _ in range(5)}
    assert {len(each) for each in drawn} == {32}
    assert len(drawn) == 5
    for key_stores in (behind(), behind(evolve(CLUSTER, is_reachable=False))):
        local.key_stores = key_stores
        message = "KMS cannot communicate with your CloudHSM cluster"
        refused(local, request, CustomKeyStoreInvalidStateException, message)
    disconnect(local, store)
    refused(local, request, CustomKeyStoreInvalidStateException, "")


def test_an_external_key_store_has_no_random_bytes() -> None:
    local = kms_before(PROXY)
    request = GenerateRandomRequest(number_of_bytes=32, custom_key_store_id=connected(local, PROXY))
    refused(local, request, UnsupportedOperationException, "")
