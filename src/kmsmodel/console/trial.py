"""
A trial: a call in which requests are tried, of which nothing remains, in AWS KMS and outside of it.
"""

from __future__ import annotations

from typing import final

from attrs import evolve, frozen

from kmsmodel.calls.call import Call
from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.hsm.cluster import Cluster
from kmsmodel.hsm.secret import Secret
from kmsmodel.words.enumerations import ConnectionErrorCodeType


def trial(call: Call) -> Call:
    """
    The same call for a trial: RSA keys are made from prepared primes, and no key is generated in a cluster.

    External key store proxies are asked as AWS KMS asks them.
    """
    clusters = tuple(_Trial(each) for each in call.key_stores.clusters)
    key_stores = evolve(call.key_stores, clusters=clusters)
    return evolve(call, hsm=SeededHsm("kmsmodel console"), key_stores=key_stores)


@final
@frozen
class _Trial:
    """A cluster in which no key is generated: it tells by random bytes whether it does what it is asked."""

    cluster: Cluster

    @property
    def cluster_id(self) -> str:
        return self.cluster.cluster_id

    @property
    def trust_anchor_certificate(self) -> str:
        return self.cluster.trust_anchor_certificate

    @property
    def is_active(self) -> bool:
        return self.cluster.is_active

    @property
    def active_hsms(self) -> int:
        return self.cluster.active_hsms

    def generate(self, label: str) -> None:
        self.cluster.random(1, f"trial {label}")

    def log_in(self, password: Secret) -> ConnectionErrorCodeType | None:
        return self.cluster.log_in(password)

    def random(self, number_of_bytes: int, purpose: str) -> bytes:
        return self.cluster.random(number_of_bytes, purpose)

    def encrypt(self, label: str, plaintext: bytes, additional_data: bytes, purpose: str) -> bytes:
        return self.cluster.encrypt(label, plaintext, additional_data, purpose)

    def decrypt(self, label: str, ciphertext: bytes, additional_data: bytes) -> bytes | None:
        return self.cluster.decrypt(label, ciphertext, additional_data)
