"""
What lies behind custom key stores: AWS CloudHSM clusters, and external key store proxies.
"""

from __future__ import annotations

from typing import Never, final

from attrs import frozen

from kmsmodel.hsm.cluster import Cluster
from kmsmodel.hsm.external_keys import (
    XksFailure,
    XksProxies,
    XksProxyConfiguration,
    XksProxyError,
)


@final
@frozen
class NoXksProxies:
    """There are no external key store proxies."""

    def at(self, configuration: XksProxyConfiguration) -> Never:
        raise XksProxyError(XksFailure.Unreachable)

    def find_vpc_endpoint_service(self, configuration: XksProxyConfiguration) -> Never:
        raise XksProxyError(XksFailure.VpcEndpointServiceNotFound)


@final
@frozen
class KeyStores:
    """The AWS CloudHSM clusters and external key store proxies that AWS KMS finds; by default, there are none."""

    clusters: tuple[Cluster, ...] = ()
    proxies: XksProxies = NoXksProxies()

    def cluster(self, cluster_id: str) -> Cluster | None:
        """The cluster with this id, or None."""
        return next((each for each in self.clusters if each.cluster_id == cluster_id), None)


NO_KEY_STORES = KeyStores()
