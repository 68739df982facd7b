"""
Changing the properties of a custom key store.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

from attrs import evolve, field, frozen

from kmsmodel.calls import key_in_store, key_store
from kmsmodel.calls.authorization import authorize
from kmsmodel.calls.call import Call
from kmsmodel.calls.condition_keys import RequestContext
from kmsmodel.calls.request import Request
from kmsmodel.errors import (
    CloudHsmClusterNotRelatedException,
    CustomKeyStoreInvalidStateException,
    ValidationException,
)
from kmsmodel.hsm.external_keys import XksProxyConfiguration
from kmsmodel.hsm.secret import Secret
from kmsmodel.memory.custom_key_store import ClusterConfiguration, CustomKeyStore
from kmsmodel.memory.kms import Kms
from kmsmodel.operations.custom_key_stores import XksProxyAuthenticationCredentialType
from kmsmodel.words.enumerations import ConnectionStateType, XksProxyConnectivityType
from kmsmodel.words.shapes import (
    AccountIdType,
    CloudHsmClusterIdType,
    CustomKeyStoreIdType,
    CustomKeyStoreNameType,
    KeyStorePasswordType,
    XksProxyUriEndpointType,
    XksProxyUriPathType,
    XksProxyVpcEndpointServiceNameType,
)

# ---- UpdateCustomKeyStore


@final
@frozen(kw_only=True)
class UpdateCustomKeyStoreResponse:
    pass


@final
@frozen(kw_only=True)
class UpdateCustomKeyStoreRequest(Request[UpdateCustomKeyStoreResponse]):
    """A request to change properties of a custom key store; what is left out stays."""

    custom_key_store_id: CustomKeyStoreIdType
    new_custom_key_store_name: CustomKeyStoreNameType | None = None
    key_store_password: KeyStorePasswordType | None = field(default=None, repr=False)
    cloud_hsm_cluster_id: CloudHsmClusterIdType | None = None
    xks_proxy_uri_endpoint: XksProxyUriEndpointType | None = None
    xks_proxy_uri_path: XksProxyUriPathType | None = None
    xks_proxy_vpc_endpoint_service_name: XksProxyVpcEndpointServiceNameType | None = None
    xks_proxy_vpc_endpoint_service_owner: AccountIdType | None = None
    xks_proxy_authentication_credential: XksProxyAuthenticationCredentialType | None = None
    xks_proxy_connectivity: XksProxyConnectivityType | None = None


def update_custom_key_store(
    kms: Kms, request: UpdateCustomKeyStoreRequest, call: Call
) -> tuple[Kms, UpdateCustomKeyStoreResponse]:
    """
    Change the properties of a custom key store.

    While it is connected, only the name can be changed, and of an external key store the credential and the path.
    """
    authorize(RequestContext(request.operation, request, call, kms=kms))
    store = key_in_store.find(kms, request.custom_key_store_id, call)
    foreign = key_store.OF_PROXIES if store.proxy is None else key_store.OF_CLUSTERS
    key_store.refuse_members(request, foreign, store.store_type)
    _refuse_state(store, request, call)
    others = [each for each in key_store.every(kms, call) if each != store]
    updated = store
    if request.new_custom_key_store_name is not None:
        key_store.refuse_name(request.new_custom_key_store_name, others)
        updated = evolve(updated, name=request.new_custom_key_store_name)
    if store.cluster is not None and key_store.given(request, key_store.OF_CLUSTERS):
        updated = evolve(updated, cluster=_updated_cluster(store.cluster, request, call))
    if store.proxy is not None and key_store.given(request, key_store.OF_PROXIES):
        proxy = _updated_proxy(store.proxy, request, others, call)
        is_connected = store.is_connected(call.now)
        key_store.expect_proxy(proxy, call, request.operation, is_connected=is_connected)
        updated = evolve(updated, proxy=proxy)
    kms = kms.with_custom_key_store(call.caller.account, call.region, updated)
    return kms, UpdateCustomKeyStoreResponse()


_WHILE_CONNECTED = frozenset(
    {"new_custom_key_store_name", "xks_proxy_authentication_credential", "xks_proxy_uri_path"}
)
"""What can be changed while the key store is connected, too."""


def _refuse_state(store: CustomKeyStore, request: UpdateCustomKeyStoreRequest, call: Call) -> None:
    """Refuse a change that the connection state does not allow."""
    state = store.connection.state(call.now)
    fixed = (key_store.OF_CLUSTERS | key_store.OF_PROXIES) - _WHILE_CONNECTED
    may_be_connected = not key_store.given(request, fixed)
    if state is ConnectionStateType.CONNECTED and may_be_connected:
        return
    if state is not ConnectionStateType.DISCONNECTED:
        raise CustomKeyStoreInvalidStateException


def _updated_cluster(
    cluster: ClusterConfiguration, request: UpdateCustomKeyStoreRequest, call: Call
) -> ClusterConfiguration:
    """The same or a related cluster. Raises CloudHsmClusterNotRelatedException for another one."""
    if request.key_store_password is not None:
        password = Secret(request.key_store_password.encode())
        cluster = evolve(cluster, key_store_password=password)
    if request.cloud_hsm_cluster_id is None:
        return cluster
    found = key_store.existing_cluster(request.cloud_hsm_cluster_id, call)
    if found.trust_anchor_certificate != cluster.trust_anchor_certificate:
        raise CloudHsmClusterNotRelatedException
    key_store.expect_active(found)
    return evolve(cluster, cluster_id=found.cluster_id)


def _updated_proxy(
    proxy: XksProxyConfiguration,
    request: UpdateCustomKeyStoreRequest,
    others: Sequence[CustomKeyStore],
    call: Call,
) -> XksProxyConfiguration:
    """The configuration with what the request changes; no other key store may have its endpoint or service."""
    credential = request.xks_proxy_authentication_credential
    service = request.xks_proxy_vpc_endpoint_service_name
    connectivity = request.xks_proxy_connectivity or proxy.connectivity
    stays = connectivity is proxy.connectivity
    if not stays and request.xks_proxy_uri_endpoint is None:
        raise ValidationException("Another XksProxyConnectivity requires an XksProxyUriEndpoint.")
    changed = XksProxyConfiguration(
        connectivity=connectivity,
        credential=(
            proxy.credential
            if credential is None
            else key_store.credential(credential.access_key_id, credential.raw_secret_access_key)
        ),
        uri_endpoint=request.xks_proxy_uri_endpoint or proxy.uri_endpoint,
        uri_path=request.xks_proxy_uri_path or proxy.uri_path,
    )
    changed = key_store.with_vpc_endpoint_service(
        changed,
        service or (proxy.vpc_endpoint_service_name if stays else None),
        request.xks_proxy_vpc_endpoint_service_owner or proxy.vpc_endpoint_service_owner,
        call,
    )
    key_store.refuse_proxy_in_use(changed, others)
    return changed
