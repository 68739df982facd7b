"""
Custom key stores: AWS CloudHSM key stores and external key stores.
"""

from __future__ import annotations

from typing import final

from attrs import field, frozen

from kmsmodel.calls import key_in_store, key_store
from kmsmodel.calls.authorization import authorize
from kmsmodel.calls.call import Call
from kmsmodel.calls.condition_keys import RequestContext
from kmsmodel.calls.request import Request
from kmsmodel.errors import (
    CustomKeyStoreHasCMKsException,
    CustomKeyStoreInvalidStateException,
    KMSInternalException,
    LimitExceededException,
    ValidationException,
)
from kmsmodel.hsm.external_keys import XksProxyConfiguration
from kmsmodel.hsm.secret import Secret
from kmsmodel.memory.custom_key_store import ClusterConfiguration, CustomKeyStore
from kmsmodel.memory.kms import Kms
from kmsmodel.memory.pages import name_in_marker, page_of, page_size
from kmsmodel.words.enumerations import (
    ConnectionErrorCodeType,
    ConnectionStateType,
    CustomKeyStoreType,
    XksProxyConnectivityType,
)
from kmsmodel.words.shapes import (
    AccountIdType,
    CloudHsmClusterIdType,
    CustomKeyStoreIdType,
    CustomKeyStoreNameType,
    DateType,
    KeyStorePasswordType,
    LimitType,
    MarkerType,
    TrustAnchorCertificateType,
    XksProxyAuthenticationAccessKeyIdType,
    XksProxyAuthenticationRawSecretAccessKeyType,
    XksProxyUriEndpointType,
    XksProxyUriPathType,
    XksProxyVpcEndpointServiceNameType,
)

_ID_DIGITS = 17


@final
@frozen(kw_only=True)
class XksProxyAuthenticationCredentialType:
    """What AWS KMS signs its requests to an external key store proxy with."""

    access_key_id: XksProxyAuthenticationAccessKeyIdType = field(repr=False)
    raw_secret_access_key: XksProxyAuthenticationRawSecretAccessKeyType = field(repr=False)


# ---- CreateCustomKeyStore


@final
@frozen(kw_only=True)
class CreateCustomKeyStoreResponse:
    custom_key_store_id: CustomKeyStoreIdType


@final
@frozen(kw_only=True)
class CreateCustomKeyStoreRequest(Request[CreateCustomKeyStoreResponse]):
    """A request to create a custom key store; by default an AWS CloudHSM key store."""

    custom_key_store_name: CustomKeyStoreNameType
    cloud_hsm_cluster_id: CloudHsmClusterIdType | None = None
    trust_anchor_certificate: TrustAnchorCertificateType | None = None
    key_store_password: KeyStorePasswordType | None = field(default=None, repr=False)
    custom_key_store_type: CustomKeyStoreType | None = None
    xks_proxy_uri_endpoint: XksProxyUriEndpointType | None = None
    xks_proxy_uri_path: XksProxyUriPathType | None = None
    xks_proxy_vpc_endpoint_service_name: XksProxyVpcEndpointServiceNameType | None = None
    xks_proxy_vpc_endpoint_service_owner: AccountIdType | None = None
    xks_proxy_authentication_credential: XksProxyAuthenticationCredentialType | None = None
    xks_proxy_connectivity: XksProxyConnectivityType | None = None


def create_custom_key_store(
    kms: Kms, request: CreateCustomKeyStoreRequest, call: Call
) -> tuple[Kms, CreateCustomKeyStoreResponse]:
    """
    Create a custom key store, which is not connected yet.
    """
    authorize(RequestContext(request.operation, request, call, kms=kms))
    cluster, proxy = _backing(request, call)
    stores = key_store.every(kms, call)
    key_store.refuse_name(request.custom_key_store_name, stores)
    if len(stores) >= call.quotas.custom_key_stores:
        raise LimitExceededException
    if cluster is not None:
        key_store.expect_cluster(cluster, call)
        key_store.refuse_cluster_in_use(cluster, stores)
    if proxy is not None:
        key_store.refuse_proxy_in_use(proxy, stores)
        key_store.expect_proxy(proxy, call, request.operation)
    drawn = call.hsm.random(_ID_DIGITS, call.purpose("custom key store id")).hex()
    store = CustomKeyStore(
        custom_key_store_id=f"cks-{drawn[:_ID_DIGITS]}",
        name=request.custom_key_store_name,
        creation_date=call.now,
        cluster=cluster,
        proxy=proxy,
    )
    if store.custom_key_store_id in {each.custom_key_store_id for each in stores}:
        raise KMSInternalException(f"Two calls have the request id {call.request_id}.")
    kms = kms.with_custom_key_store(call.caller.account, call.region, store)
    return kms, CreateCustomKeyStoreResponse(custom_key_store_id=store.custom_key_store_id)


def _backing(
    request: CreateCustomKeyStoreRequest, call: Call
) -> tuple[ClusterConfiguration | None, XksProxyConfiguration | None]:
    """The cluster or the proxy of the new key store. Raises ValidationException unless its members are there."""
    if request.custom_key_store_type is CustomKeyStoreType.EXTERNAL_KEY_STORE:
        key_store.refuse_members(request, key_store.OF_CLUSTERS, "EXTERNAL_KEY_STORE")
        return None, _new_proxy(request, call)
    key_store.refuse_members(request, key_store.OF_PROXIES, "AWS_CLOUDHSM")
    return _new_cluster(request), None


def _new_cluster(request: CreateCustomKeyStoreRequest) -> ClusterConfiguration:
    cluster_id, certificate, password = (
        request.cloud_hsm_cluster_id,
        request.trust_anchor_certificate,
        request.key_store_password,
    )
    if cluster_id is None or certificate is None or password is None:
        raise ValidationException(
            "An AWS CloudHSM key store requires a CloudHsmClusterId, a KeyStorePassword "
            "and a TrustAnchorCertificate."
        )
    return ClusterConfiguration(
        cluster_id=cluster_id,
        trust_anchor_certificate=certificate,
        key_store_password=Secret(password.encode()),
    )


def _new_proxy(request: CreateCustomKeyStoreRequest, call: Call) -> XksProxyConfiguration:
    connectivity, credential, endpoint, path = (
        request.xks_proxy_connectivity,
        request.xks_proxy_authentication_credential,
        request.xks_proxy_uri_endpoint,
        request.xks_proxy_uri_path,
    )
    if connectivity is None or credential is None or endpoint is None or path is None:
        raise ValidationException(
            "An external key store requires an XksProxyConnectivity, an "
            "XksProxyAuthenticationCredential, an XksProxyUriEndpoint and an XksProxyUriPath."
        )
    return key_store.with_vpc_endpoint_service(
        XksProxyConfiguration(
            connectivity=connectivity,
            credential=key_store.credential(
                credential.access_key_id, credential.raw_secret_access_key
            ),
            uri_endpoint=endpoint,
            uri_path=path,
        ),
        request.xks_proxy_vpc_endpoint_service_name,
        request.xks_proxy_vpc_endpoint_service_owner,
        call,
    )


# ---- DescribeCustomKeyStores


@final
@frozen(kw_only=True)
class XksProxyConfigurationType:
    """How AWS KMS communicates with the proxy of an external key store."""

    connectivity: XksProxyConnectivityType | None = None
    access_key_id: XksProxyAuthenticationAccessKeyIdType | None = field(default=None, repr=False)
    uri_endpoint: XksProxyUriEndpointType | None = None
    uri_path: XksProxyUriPathType | None = None
    vpc_endpoint_service_name: XksProxyVpcEndpointServiceNameType | None = None
    vpc_endpoint_service_owner: AccountIdType | None = None


@final
@frozen(kw_only=True)
class CustomKeyStoresListEntry:
    """A custom key store in a list; ``connection_error_code`` says why its connection failed."""

    custom_key_store_id: CustomKeyStoreIdType
    custom_key_store_name: CustomKeyStoreNameType
    cloud_hsm_cluster_id: CloudHsmClusterIdType | None = None
    trust_anchor_certificate: TrustAnchorCertificateType | None = None
    connection_state: ConnectionStateType
    connection_error_code: ConnectionErrorCodeType | None = None
    creation_date: DateType
    custom_key_store_type: CustomKeyStoreType
    xks_proxy_configuration: XksProxyConfigurationType | None = None


@final
@frozen(kw_only=True)
class DescribeCustomKeyStoresResponse:
    custom_key_stores: tuple[CustomKeyStoresListEntry, ...]
    next_marker: MarkerType | None = None
    truncated: bool


@final
@frozen(kw_only=True)
class DescribeCustomKeyStoresRequest(Request[DescribeCustomKeyStoresResponse]):
    custom_key_store_id: CustomKeyStoreIdType | None = None
    custom_key_store_name: CustomKeyStoreNameType | None = None
    limit: LimitType | None = None
    marker: MarkerType | None = None


def describe_custom_key_stores(
    kms: Kms, request: DescribeCustomKeyStoresRequest, call: Call
) -> tuple[Kms, DescribeCustomKeyStoresResponse]:
    """
    List the custom key stores of the caller's account and Region in the order of their ids, or the one that is named.
    """
    authorize(RequestContext(request.operation, request, call, kms=kms))
    named = (request.custom_key_store_id, request.custom_key_store_name)
    if None not in named:
        raise ValidationException(
            "CustomKeyStoreId and CustomKeyStoreName cannot both be specified."
        )
    after = name_in_marker(request.operation, request.marker)
    size = page_size(request.limit, 100)
    of = kms.account_in_region(call.caller.account, call.region)
    if named == (None, None):
        found = of.custom_key_stores.page_after(after, size + 1)
        page = page_of(request.operation, found, size)
        stores, next_marker = page.entries, page.next_marker
    else:

        def is_named(store: CustomKeyStore) -> bool:
            return named in {(store.custom_key_store_id, None), (None, store.name)}

        stores = tuple(filter(is_named, key_store.every(kms, call)))
        next_marker = None
        if not stores:
            raise key_in_store.missing(kms, call, is_named)
    return kms, DescribeCustomKeyStoresResponse(
        custom_key_stores=tuple(_entry(store, call) for store in stores),
        next_marker=next_marker,
        truncated=next_marker is not None,
    )


def _entry(store: CustomKeyStore, call: Call) -> CustomKeyStoresListEntry:
    state, cluster, proxy = store.connection.state(call.now), store.cluster, store.proxy
    return CustomKeyStoresListEntry(
        custom_key_store_id=store.custom_key_store_id,
        custom_key_store_name=store.name,
        cloud_hsm_cluster_id=None if cluster is None else cluster.cluster_id,
        trust_anchor_certificate=None if cluster is None else cluster.trust_anchor_certificate,
        connection_state=state,
        connection_error_code=(
            store.connection.error_code if state is ConnectionStateType.FAILED else None
        ),
        creation_date=store.creation_date,
        custom_key_store_type=store.store_type,
        xks_proxy_configuration=None if proxy is None else _configuration(proxy),
    )


def _configuration(proxy: XksProxyConfiguration) -> XksProxyConfigurationType:
    return XksProxyConfigurationType(
        connectivity=proxy.connectivity,
        access_key_id=proxy.credential.access_key_id,
        uri_endpoint=proxy.uri_endpoint,
        uri_path=proxy.uri_path,
        vpc_endpoint_service_name=proxy.vpc_endpoint_service_name,
        vpc_endpoint_service_owner=proxy.vpc_endpoint_service_owner,
    )


# ---- ConnectCustomKeyStore


@final
@frozen(kw_only=True)
class ConnectCustomKeyStoreResponse:
    pass


@final
@frozen(kw_only=True)
class ConnectCustomKeyStoreRequest(Request[ConnectCustomKeyStoreResponse]):
    custom_key_store_id: CustomKeyStoreIdType


def connect_custom_key_store(
    kms: Kms, request: ConnectCustomKeyStoreRequest, call: Call
) -> tuple[Kms, ConnectCustomKeyStoreResponse]:
    """
    Connect a custom key store to its cluster or its proxy. Whether that fails shows in its connection state.
    """
    authorize(RequestContext(request.operation, request, call, kms=kms))
    store = key_in_store.find(kms, request.custom_key_store_id, call)
    state = store.connection.state(call.now)
    if state in {ConnectionStateType.FAILED, ConnectionStateType.DISCONNECTING}:
        raise CustomKeyStoreInvalidStateException
    if state is ConnectionStateType.DISCONNECTED:
        error_code = key_store.connection_error(store, call)
        store = store.connected(call.now + call.delays.connecting, error_code)
        kms = kms.with_custom_key_store(call.caller.account, call.region, store)
    return kms, ConnectCustomKeyStoreResponse()


# ---- DisconnectCustomKeyStore


@final
@frozen(kw_only=True)
class DisconnectCustomKeyStoreResponse:
    pass


@final
@frozen(kw_only=True)
class DisconnectCustomKeyStoreRequest(Request[DisconnectCustomKeyStoreResponse]):
    custom_key_store_id: CustomKeyStoreIdType


def disconnect_custom_key_store(
    kms: Kms, request: DisconnectCustomKeyStoreRequest, call: Call
) -> tuple[Kms, DisconnectCustomKeyStoreResponse]:
    """
    Disconnect a custom key store. Its KMS keys are unavailable until it is connected again.
    """
    authorize(RequestContext(request.operation, request, call, kms=kms))
    store = key_in_store.find(kms, request.custom_key_store_id, call)
    state = store.connection.state(call.now)
    if state in {ConnectionStateType.DISCONNECTED, ConnectionStateType.DISCONNECTING}:
        raise CustomKeyStoreInvalidStateException
    store = store.disconnected(call.now + call.delays.disconnecting)
    kms = kms.with_custom_key_store(call.caller.account, call.region, store)
    return kms, DisconnectCustomKeyStoreResponse()


# ---- DeleteCustomKeyStore


@final
@frozen(kw_only=True)
class DeleteCustomKeyStoreResponse:
    pass


@final
@frozen(kw_only=True)
class DeleteCustomKeyStoreRequest(Request[DeleteCustomKeyStoreResponse]):
    custom_key_store_id: CustomKeyStoreIdType


def delete_custom_key_store(
    kms: Kms, request: DeleteCustomKeyStoreRequest, call: Call
) -> tuple[Kms, DeleteCustomKeyStoreResponse]:
    """
    Delete a custom key store that is disconnected and contains no KMS key.
    """
    authorize(RequestContext(request.operation, request, call, kms=kms))
    store = key_in_store.find(kms, request.custom_key_store_id, call)
    account, region = call.caller.account, call.region
    for _ in kms.keys_in_store(account, region, store.custom_key_store_id, call.now):
        raise CustomKeyStoreHasCMKsException
    if store.connection.state(call.now) is not ConnectionStateType.DISCONNECTED:
        raise CustomKeyStoreInvalidStateException
    return kms.without_custom_key_store(account, region, store), DeleteCustomKeyStoreResponse()
