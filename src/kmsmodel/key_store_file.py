"""
What lies behind custom key stores, in a file, as TOML or JSON; ``docs/key-stores.schema.json`` has its format as a
JSON Schema.
"""

from __future__ import annotations

import ssl
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, final
from urllib.parse import urlsplit

from attrs import field, frozen

from kmsmodel.crypto.software_cluster import CERTIFICATE, PASSWORD, SoftwareCluster
from kmsmodel.crypto.software_xks_proxy import ExternalKey, SoftwareXksProxies, SoftwareXksProxy
from kmsmodel.hsm.external_keys import XksProxy, XksProxyConfiguration
from kmsmodel.hsm.key_stores import KeyStores
from kmsmodel.hsm.port import Hsm
from kmsmodel.hsm.secret import Secret
from kmsmodel.storage.forms import DIALECT, Malformed, structure
from kmsmodel.words import strict_json
from kmsmodel.xks.client import HttpXksProxies

_SECRET_BYTES = 32
_BYTE_ORDER_MARK = "\ufeff"


@final
class KeyStoreFileError(ValueError):
    """What is wrong with a file, and where."""


@final
@frozen(kw_only=True)
class ClusterInFile:
    """
    An AWS CloudHSM cluster in software.

    Clusters with the same ``trust_anchor_certificate`` were made from backups of one another, and have the same keys.
    """

    cluster_id: str
    kmsuser_password: str = field(default=PASSWORD, repr=False)
    trust_anchor_certificate: str = CERTIFICATE
    active_hsms: int = 2


@final
@frozen(kw_only=True)
class XksProxyInFile:
    """An external key store proxy in software, with the ids of its external keys."""

    uri_endpoint: str
    uri_path: str
    access_key_id: str
    raw_secret_access_key: str = field(repr=False)
    keys: tuple[str, ...] = ()
    vpc_endpoint_service_name: str | None = None


@final
@frozen(kw_only=True)
class TlsInFile:
    """
    PEM files for TLS with real proxies, found from the folder of this file.

    ``certificate_authorities`` are trusted in the place of the system's. ``client_certificate`` is for a proxy that
    asks for one; its ``client_key`` may stand in the same file, and is not encrypted.
    """

    certificate_authorities: str | None = None
    client_certificate: str | None = None
    client_key: str | None = None


@final
@frozen(kw_only=True)
class KeyStoreFile:
    """
    The clusters and proxies in a file; ``addresses`` says where the proxies at these endpoints are really found.
    """

    clusters: tuple[ClusterInFile, ...] = ()
    xks_proxies: tuple[XksProxyInFile, ...] = ()
    addresses: Mapping[str, str] = field(factory=dict[str, str])
    tls: TlsInFile | None = None


@final
@frozen
class SomeXksProxies:
    """Proxies in software, and others over HTTP, which are those whose addresses are known."""

    software: SoftwareXksProxies
    http: HttpXksProxies

    def at(self, configuration: XksProxyConfiguration) -> XksProxy:
        if configuration.uri_endpoint in self.http.addresses:
            return self.http.at(configuration)
        return self.software.at(configuration)

    def find_vpc_endpoint_service(self, configuration: XksProxyConfiguration) -> None:
        if configuration.uri_endpoint in self.http.addresses:
            self.http.find_vpc_endpoint_service(configuration)
        else:
            self.software.find_vpc_endpoint_service(configuration)


def read(file: Path, hsm: Hsm) -> KeyStores:
    """
    What the file says is there; one whose name ends in ``.json`` is JSON. Raises KeyStoreFileError or OSError.

    The ``hsm`` draws the keys of clusters and external key managers, so that a `SeededHsm` repeats them.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise KeyStoreFileError(f"{file}: {error}") from None
    return parse(text, str(file), hsm, is_json=file.suffix.lower() == ".json")


def parse(text: str, name: str, hsm: Hsm, *, is_json: bool = False) -> KeyStores:
    """What the text of a file of this name says is there. Raises KeyStoreFileError."""
    text = text.removeprefix(_BYTE_ORDER_MARK)
    try:
        content = strict_json.loads(text) if is_json else tomllib.loads(text)
        given: KeyStoreFile = structure(KeyStoreFile).read(content, "", ())
        _expect(given)
        context = None if given.tls is None else _context(given.tls, Path(name).parent)
    except Malformed as error:
        place = error.at.lstrip(".") or "the file"
        raise KeyStoreFileError(f"{name}: {place} must be {error.what}") from None
    except (ValueError, RecursionError) as error:
        raise KeyStoreFileError(f"{name}: {error}") from None
    certificates = dict.fromkeys(each.trust_anchor_certificate for each in given.clusters)
    secrets = {each: _drawn(hsm, f"keys of the clusters of {each}") for each in certificates}
    return KeyStores(
        tuple(
            _cluster(each, secrets[each.trust_anchor_certificate], hsm) for each in given.clusters
        ),
        SomeXksProxies(
            SoftwareXksProxies(tuple(_proxy(each, hsm) for each in given.xks_proxies)),
            HttpXksProxies(addresses=given.addresses, context=context),
        ),
    )


def schema() -> dict[str, Any]:
    """The JSON schema of a file."""
    file = structure(KeyStoreFile).schema()
    return {"$schema": DIALECT, "title": "What lies behind custom key stores", **file}


def _expect(given: KeyStoreFile) -> None:
    """Raise ValueError if two are called alike, or if an address is invalid."""
    _expect_one_of_each("clusters", (each.cluster_id for each in given.clusters))
    endpoints = [each.uri_endpoint for each in given.xks_proxies]
    _expect_one_of_each("proxies", [*endpoints, *given.addresses])
    for address in given.addresses.values():
        if not _is_address(address):
            raise ValueError(f"{address} is not an address such as http://127.0.0.1:9000")


def _expect_one_of_each(kind: str, names: Iterable[str]) -> None:
    seen = set[str]()
    for name in names:
        if name in seen:
            raise ValueError(f"two {kind} are called {name}")
        seen.add(name)


def _is_address(address: str) -> bool:
    try:
        split = urlsplit(address)
        return split.scheme in {"http", "https"} and bool(split.hostname) and split.port != 0
    except ValueError:
        return False


def _context(given: TlsInFile, folder: Path) -> ssl.SSLContext:
    """What is trusted, and who AWS KMS is. Raises ValueError if a file cannot be used."""
    if given.client_key is not None and given.client_certificate is None:
        raise ValueError("tls has a client_key without its client_certificate")
    authorities, certificate, key = (
        None if each is None else folder / each
        for each in (given.certificate_authorities, given.client_certificate, given.client_key)
    )
    try:
        context = ssl.create_default_context(cafile=authorities)
        if certificate is not None:
            context.load_cert_chain(
                certificate, key, password=""
            )  # or OpenSSL asks at the terminal
    except OSError as error:  # and so is ssl.SSLError
        raise ValueError(f"tls: {error}") from None
    return context


def _drawn(hsm: Hsm, purpose: str) -> Secret:
    return Secret(hsm.random(_SECRET_BYTES, purpose))


def _cluster(given: ClusterInFile, secret: Secret, hsm: Hsm) -> SoftwareCluster:
    return SoftwareCluster(
        cluster_id=given.cluster_id,
        kmsuser_password=given.kmsuser_password,
        trust_anchor_certificate=given.trust_anchor_certificate,
        active_hsms=given.active_hsms,
        secret=secret,
        hsm=hsm,
    )


def _proxy(given: XksProxyInFile, hsm: Hsm) -> SoftwareXksProxy:
    purpose = f"external key at {given.uri_endpoint}"
    return SoftwareXksProxy(
        uri_endpoint=given.uri_endpoint,
        uri_path=given.uri_path,
        access_key_id=given.access_key_id,
        raw_secret_access_key=Secret(given.raw_secret_access_key.encode()),
        keys={
            key_id: ExternalKey(secret=_drawn(hsm, f"{purpose}: {key_id}")) for key_id in given.keys
        },
        vpc_endpoint_service_name=given.vpc_endpoint_service_name,
        hsm=hsm,
    )
