"""
What a cluster or a proxy must be for a custom key store, and whether AWS KMS can connect to it.

Sources: `CreateCustomKeyStore`, `ConnectCustomKeyStore` and `UpdateCustomKeyStore` in the API Reference.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set as AbstractSet

from attrs import evolve

from kmsmodel.calls import external_keys
from kmsmodel.calls.call import Call
from kmsmodel.calls.key_in_store import HSMS_FOR_A_KEY, expect_usable
from kmsmodel.calls.request import Request
from kmsmodel.errors import (
    CloudHsmClusterInUseException,
    CloudHsmClusterNotActiveException,
    CloudHsmClusterNotFoundException,
    CustomKeyStoreNameInUseException,
    IncorrectTrustAnchorException,
    ValidationException,
    XksProxyUriEndpointInUseException,
    XksProxyUriInUseException,
    XksProxyVpcEndpointServiceInUseException,
)
from kmsmodel.hsm.cluster import Cluster
from kmsmodel.hsm.external_keys import (
    XksProxyAuthenticationCredential,
    XksProxyConfiguration,
    XksProxyError,
)
from kmsmodel.hsm.secret import Secret
from kmsmodel.memory.account import every as every_record
from kmsmodel.memory.custom_key_store import ClusterConfiguration, CustomKeyStore
from kmsmodel.memory.kms import Kms
from kmsmodel.words.enumerations import ConnectionErrorCodeType, XksProxyConnectivityType

OF_CLUSTERS = frozenset({"cloud_hsm_cluster_id", "trust_anchor_certificate", "key_store_password"})
"""The members of requests that are about an AWS CloudHSM cluster."""

OF_PROXIES = frozenset(
    {
        "xks_proxy_uri_endpoint",
        "xks_proxy_uri_path",
        "xks_proxy_vpc_endpoint_service_name",
        "xks_proxy_vpc_endpoint_service_owner",
        "xks_proxy_authentication_credential",
        "xks_proxy_connectivity",
    }
)
"""The members of requests that are about an external key store proxy."""

_HSMS_FOR_A_CONNECTION = 1
_VPC = XksProxyConnectivityType.VPC_ENDPOINT_SERVICE


def every(kms: Kms, call: Call) -> Sequence[CustomKeyStore]:
    """The custom key stores of the caller's account and Region, in the order of their ids."""
    of = kms.account_in_region(call.caller.account, call.region)
    return tuple(every_record(of.custom_key_stores))


def given(request: Request[object], members: AbstractSet[str]) -> bool:
    """Has the request any of these members?"""
    return any(getattr(request, name, None) is not None for name in members)


def refuse_members(request: Request[object], members: AbstractSet[str], store_type: str) -> None:
    """Refuse members that are for key stores of the other type. Raises ValidationException."""
    if given(request, members):
        raise ValidationException(
            f"A parameter is not valid for a custom key store of type {store_type}."
        )


def refuse_name(name: str, others: Iterable[CustomKeyStore]) -> None:
    """Refuse the name of another custom key store."""
    if any(each.name == name for each in others):
        raise CustomKeyStoreNameInUseException


# ---- clusters


def existing_cluster(cluster_id: str, call: Call) -> Cluster:
    """The cluster with this id. Raises CloudHsmClusterNotFoundException."""
    cluster = call.key_stores.cluster(cluster_id)
    if cluster is None:
        raise CloudHsmClusterNotFoundException
    return cluster


def expect_active(cluster: Cluster, hsms: int = HSMS_FOR_A_KEY) -> None:
    """Refuse a cluster that is not active, or has not so many active HSMs."""
    if not cluster.is_active:
        raise CloudHsmClusterNotActiveException
    expect_usable(cluster, hsms)


def expect_cluster(configuration: ClusterConfiguration, call: Call) -> None:
    """Refuse a cluster that is not there, not active, too small, or has another trust anchor certificate."""
    cluster = existing_cluster(configuration.cluster_id, call)
    expect_active(cluster)
    if cluster.trust_anchor_certificate != configuration.trust_anchor_certificate:
        raise IncorrectTrustAnchorException


def refuse_cluster_in_use(
    configuration: ClusterConfiguration, others: Iterable[CustomKeyStore]
) -> None:
    """Refuse a cluster that has a key store, or shares a backup history, and so its certificate, with one that has."""
    for other in (each.cluster for each in others if each.cluster is not None):
        same = other.cluster_id == configuration.cluster_id
        if same or other.trust_anchor_certificate == configuration.trust_anchor_certificate:
            raise CloudHsmClusterInUseException


# ---- proxies


def credential(access_key_id: str, raw_secret_access_key: str) -> XksProxyAuthenticationCredential:
    """The credential, as AWS KMS keeps it."""
    secret = Secret(raw_secret_access_key.encode())
    return XksProxyAuthenticationCredential(access_key_id, secret)


def with_vpc_endpoint_service(
    proxy: XksProxyConfiguration, name: str | None, owner: str | None, call: Call
) -> XksProxyConfiguration:
    """
    The configuration with its Amazon VPC endpoint service, by default one of the caller's account.

    Raises ValidationException if the connectivity needs one that is not there, or has one that it does not need.
    """
    if proxy.connectivity is not _VPC:
        if name is not None:
            raise ValidationException(
                f"XksProxyConnectivity {proxy.connectivity} takes no XksProxyVpcEndpointServiceName."
            )
        return proxy
    if name is None:
        raise ValidationException(
            f"XksProxyConnectivity {proxy.connectivity} requires an XksProxyVpcEndpointServiceName."
        )
    owner = call.caller.account if owner is None else owner
    return evolve(proxy, vpc_endpoint_service_name=name, vpc_endpoint_service_owner=owner)


def refuse_proxy_in_use(proxy: XksProxyConfiguration, others: Iterable[CustomKeyStore]) -> None:
    """Refuse the address, the private DNS name or the VPC endpoint service of another key store's proxy."""
    for other in (each.proxy for each in others if each.proxy is not None):
        if other.uri_endpoint == proxy.uri_endpoint:
            if other.uri_path == proxy.uri_path:
                raise XksProxyUriInUseException
            if _VPC in {other.connectivity, proxy.connectivity}:
                raise XksProxyUriEndpointInUseException
        service = proxy.vpc_endpoint_service_name
        if service is not None and other.vpc_endpoint_service_name == service:
            raise XksProxyVpcEndpointServiceInUseException


def expect_proxy(
    proxy: XksProxyConfiguration, call: Call, operation: str, *, is_connected: bool = False
) -> None:
    """
    Refuse a proxy that does not answer as it must.

    To a VPC endpoint service, AWS KMS connects only with the key store; before that, it looks for the service.
    """
    try:
        _reach(proxy, call, operation, over_vpc=is_connected)
    except XksProxyError as error:
        raise external_keys.error_of_store(error.failure) from None


def _reach(proxy: XksProxyConfiguration, call: Call, operation: str, *, over_vpc: bool) -> None:
    if proxy.connectivity is _VPC:
        call.key_stores.proxies.find_vpc_endpoint_service(proxy)
        if not over_vpc:
            return
    external_keys.check_health(proxy, call, operation)


# ---- connecting


def connection_error(store: CustomKeyStore, call: Call) -> ConnectionErrorCodeType | None:
    """
    Why a connection to the cluster or the proxy fails, or None.

    Raises CloudHsmClusterNotActiveException or CloudHsmClusterInvalidConfigurationException.
    """
    if store.cluster is not None:
        cluster = call.key_stores.cluster(store.cluster.cluster_id)
        if cluster is None:
            return ConnectionErrorCodeType.CLUSTER_NOT_FOUND
        expect_active(cluster, _HSMS_FOR_A_CONNECTION)
        return cluster.log_in(store.cluster.key_store_password)
    if store.proxy is not None:
        try:
            _reach(store.proxy, call, "ConnectCustomKeyStore", over_vpc=True)
        except XksProxyError as error:
            return external_keys.connection_error(error.failure)
    return None
