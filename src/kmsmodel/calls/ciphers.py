"""
What encrypts under a KMS key in a custom key store: its AWS CloudHSM cluster, or AWS KMS and the external key manager.

Source: *AWS CloudHSM key stores* and *External key stores* (*Double encryption*) in the Developer Guide.
"""

from __future__ import annotations

import hashlib
from typing import final

from attrs import frozen

from kmsmodel.calls import external_keys
from kmsmodel.calls.call import Call
from kmsmodel.errors import CustomKeyStoreNotFoundException, KMSInvalidStateException
from kmsmodel.hsm.cluster import Cluster, ClusterError
from kmsmodel.hsm.external_keys import (
    ExternalCiphertext,
    XksFailure,
    XksProxy,
    XksProxyError,
    XksRequestMetadata,
)
from kmsmodel.hsm.port import Cipher, Hsm
from kmsmodel.hsm.secret import Secret
from kmsmodel.key.key import Key
from kmsmodel.memory.custom_key_store import CustomKeyStore
from kmsmodel.memory.kms import Kms

_CLEAR = 28
"""The salt and the nonce, with which a ciphertext begins."""
_TAG = 16
_VECTORS = (12, 16)
_LONGEST_METADATA = 20


def cipher(kms: Kms, key: Key, call: Call, operation: str) -> Cipher:
    """
    What encrypts and decrypts under a KMS key that can be used now.

    Raises KMSInvalidStateException where its cluster or its proxy is out of reach, now or when it is used.
    """
    if key.custom_key_store_id is None:  # most are in none
        return call.hsm
    store = kms.custom_key_store_of(key)
    if store is None:
        raise CustomKeyStoreNotFoundException
    if store.cluster is not None:
        return _ClusterCipher(key.arn, call.key_stores.cluster(store.cluster.cluster_id))
    return _double(store, key, call, operation)


# Guide, "How to respond to a cryptographic operation failure"
OUT_OF_REACH = "KMS cannot communicate with your CloudHSM cluster"
"""What is told of a cluster that does not do what it is asked."""


@final
@frozen
class _ClusterCipher:
    """An AWS CloudHSM cluster; its keys are named by their labels."""

    key_arn: str
    cluster: Cluster | None

    def encrypt(self, key: Secret, plaintext: bytes, additional_data: bytes, purpose: str) -> bytes:
        if self.cluster is None:
            raise KMSInvalidStateException(OUT_OF_REACH, arn=self.key_arn)
        try:
            return self.cluster.encrypt(label_of(key), plaintext, additional_data, purpose)
        except ClusterError:
            raise KMSInvalidStateException(OUT_OF_REACH, arn=self.key_arn) from None

    def decrypt(self, key: Secret, ciphertext: bytes, additional_data: bytes) -> bytes | None:
        if self.cluster is None:
            raise KMSInvalidStateException(OUT_OF_REACH, arn=self.key_arn)
        try:
            return self.cluster.decrypt(label_of(key), ciphertext, additional_data)
        except ClusterError:
            raise KMSInvalidStateException(OUT_OF_REACH, arn=self.key_arn) from None


def label_of(key: Secret) -> str:
    """The label of a key in a cluster, which AWS KMS holds in the place of its bytes."""
    return key.reveal().decode()


def _double(store: CustomKeyStore, key: Key, call: Call, operation: str) -> Cipher:
    if store.proxy is None or key.xks_key_id is None:
        raise external_keys.error_of_use(XksFailure.KeyNotFoundException, key.arn)
    try:
        proxy = call.key_stores.proxies.at(store.proxy)
    except XksProxyError as error:
        raise external_keys.error_of_use(error.failure, key.arn) from None
    metadata = external_keys.metadata(call, operation, key.arn)
    return _DoubleCipher(key.arn, call.hsm, proxy, key.xks_key_id, metadata)


@final
@frozen
class _DoubleCipher:
    """First AWS KMS encrypts with its key material, then the external key manager with the external key."""

    key_arn: str
    hsm: Hsm
    proxy: XksProxy
    external_key_id: str
    metadata: XksRequestMetadata

    def encrypt(self, key: Secret, plaintext: bytes, additional_data: bytes, purpose: str) -> bytes:
        inner = self.hsm.encrypt(key, plaintext, additional_data, purpose)
        clear, sealed = inner[:_CLEAR], inner[_CLEAR:]
        try:
            outer = self.proxy.encrypt(
                self.external_key_id, sealed, _digest(additional_data), self.metadata
            )
        except XksProxyError as error:
            raise external_keys.error_of_use(error.failure, self.key_arn) from None
        if not _is_possible(outer, sealed):
            raise external_keys.error_of_use(XksFailure.InvalidResponse, self.key_arn)
        return clear + _written(outer)

    def decrypt(self, key: Secret, ciphertext: bytes, additional_data: bytes) -> bytes | None:
        outer = _read(ciphertext[_CLEAR:])
        if outer is None:
            return None
        try:
            sealed = self.proxy.decrypt(
                self.external_key_id, outer, _digest(additional_data), self.metadata
            )
        except XksProxyError as error:
            raise external_keys.error_of_use(error.failure, self.key_arn) from None
        plaintext = self.hsm.decrypt(key, ciphertext[:_CLEAR] + sealed, additional_data)
        if plaintext is None:
            raise external_keys.error_of_use(XksFailure.InvalidCiphertext, self.key_arn)
        return plaintext


def _digest(additional_data: bytes) -> bytes:
    """What a proxy authenticates: it need not take more than 8,192 bytes, and need not see an encryption context."""
    return hashlib.sha256(additional_data).digest()


def _is_possible(outer: ExternalCiphertext, sealed: bytes) -> bool:
    """Is this what AES-GCM makes of as many bytes, with no more than the proxy may add?"""
    return (
        len(outer.ciphertext) == len(sealed)
        and len(outer.initialization_vector) in _VECTORS
        and len(outer.authentication_tag) == _TAG
        and len(outer.metadata) <= _LONGEST_METADATA
    )


def _written(outer: ExternalCiphertext) -> bytes:
    vector, metadata = outer.initialization_vector, outer.metadata
    head = bytes([len(vector)]) + vector + bytes([len(metadata)]) + metadata
    return head + outer.ciphertext + outer.authentication_tag


def _read(written: bytes) -> ExternalCiphertext | None:
    """What `_written` wrote, or None for anything else."""
    vector, rest = _prefixed(written)
    metadata, rest = _prefixed(rest)
    ciphertext, tag = rest[:-_TAG], rest[-_TAG:]
    outer = ExternalCiphertext(ciphertext, vector, tag, metadata)
    return outer if _is_possible(outer, ciphertext) and _written(outer) == written else None


def _prefixed(written: bytes) -> tuple[bytes, bytes]:
    """What stands after its length in one byte, and the rest."""
    end = 1 + int.from_bytes(written[:1], "big")
    return written[1:end], written[end:]
