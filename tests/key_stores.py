"""
The clusters and the proxies that the tests' custom key stores have, the same each time.
"""

from __future__ import annotations

from typing import Any

from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.crypto.software_cluster import SoftwareCluster
from kmsmodel.crypto.software_xks_proxy import ExternalKey, SoftwareXksProxies, SoftwareXksProxy
from kmsmodel.hsm.key_stores import KeyStores
from kmsmodel.hsm.secret import Secret
from kmsmodel.operations.custom_key_stores import (
    CreateCustomKeyStoreRequest,
    XksProxyAuthenticationCredentialType,
)
from kmsmodel.words.enumerations import CustomKeyStoreType, XksProxyConnectivityType

HSM = SeededHsm("behind custom key stores")
VPC_ENDPOINT_SERVICE = "com.amazonaws.vpce.us-west-2.vpce-svc-0123456789abcdefg"


def cluster(name: str, **facts: Any) -> SoftwareCluster:
    """A cluster of this name."""
    named: dict[str, Any] = {
        "cluster_id": f"cluster-{name:a<11}",
        "trust_anchor_certificate": f"certificate of {name}",
        "secret": Secret(HSM.random(32, f"cluster {name}")),
        "hsm": HSM,
    }
    return SoftwareCluster(**named | facts)


def external_key(name: str, **facts: Any) -> ExternalKey:
    named: dict[str, Any] = {"secret": Secret(HSM.random(32, f"external key {name}"))}
    return ExternalKey(**named | facts)


def proxy(name: str, **facts: Any) -> SoftwareXksProxy:
    """A proxy of this name, with external keys ``key-0`` to ``key-9``."""
    keys = {f"key-{number}": external_key(f"{name} {number}") for number in range(10)}
    named: dict[str, Any] = {
        "uri_endpoint": f"https://{name}.example.com",
        "keys": keys,
        "hsm": HSM,
    }
    return SoftwareXksProxy(**named | facts)


def behind(*them: SoftwareCluster | SoftwareXksProxy) -> KeyStores:
    """These clusters and proxies."""
    return KeyStores(
        tuple(each for each in them if isinstance(each, SoftwareCluster)),
        SoftwareXksProxies(tuple(each for each in them if isinstance(each, SoftwareXksProxy))),
    )


def of_cluster(of: SoftwareCluster, name: str) -> CreateCustomKeyStoreRequest:
    """The request for a key store of this cluster."""
    return CreateCustomKeyStoreRequest(
        custom_key_store_name=name,
        cloud_hsm_cluster_id=of.cluster_id,
        trust_anchor_certificate=of.trust_anchor_certificate,
        key_store_password=of.kmsuser_password,
    )


def credential_of(of: SoftwareXksProxy) -> XksProxyAuthenticationCredentialType:
    return XksProxyAuthenticationCredentialType(
        access_key_id=of.access_key_id,
        raw_secret_access_key=of.raw_secret_access_key.reveal().decode(),
    )


def of_proxy(of: SoftwareXksProxy, name: str) -> CreateCustomKeyStoreRequest:
    """The request for a key store of this proxy."""
    service = of.vpc_endpoint_service_name
    return CreateCustomKeyStoreRequest(
        custom_key_store_name=name,
        custom_key_store_type=CustomKeyStoreType.EXTERNAL_KEY_STORE,
        xks_proxy_connectivity=(
            XksProxyConnectivityType.PUBLIC_ENDPOINT
            if service is None
            else XksProxyConnectivityType.VPC_ENDPOINT_SERVICE
        ),
        xks_proxy_authentication_credential=credential_of(of),
        xks_proxy_uri_endpoint=of.uri_endpoint,
        xks_proxy_uri_path=of.uri_path,
        xks_proxy_vpc_endpoint_service_name=service,
    )


CLUSTERS = tuple(map(cluster, ("connected", "disconnected", "failed", "unused")))
PROXIES = tuple(map(proxy, ("connected", "disconnected", "unused")))
KEY_STORES = behind(*CLUSTERS, *PROXIES)
"""What is behind the custom key stores of the first world."""
