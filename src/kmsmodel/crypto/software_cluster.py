"""
An AWS CloudHSM cluster in software.
"""

from __future__ import annotations

import hmac
import os
from typing import final

from attrs import field, frozen
from attrs.converters import optional

from kmsmodel.crypto.software_hsm import SoftwareHsm
from kmsmodel.hsm.cluster import ClusterError
from kmsmodel.hsm.port import Hsm
from kmsmodel.hsm.secret import Secret
from kmsmodel.words.enumerations import ConnectionErrorCodeType

CLUSTER_ID = "cluster-2a34b5cdefg"
PASSWORD = "kmsPswd1"
CERTIFICATE = "-----BEGIN CERTIFICATE-----\n(customerCA.crt)\n-----END CERTIFICATE-----\n"


def _new_secret() -> Secret:
    return Secret(os.urandom(32))


@final
@frozen(kw_only=True)
class SoftwareCluster:
    """
    An AWS CloudHSM cluster in software: a value, of which `attrs.evolve` makes others.

    Its keys are derived from its ``secret`` and their labels. One of another id with the same secret and the same
    ``trust_anchor_certificate`` is a cluster that was made from its backup. ``refuses_with`` is why it lets AWS KMS not
    log in; ``is_reachable`` is whether it then does what it is asked, and ``deleted`` are the labels of keys that are
    gone. Its ``hsm`` draws and encrypts.
    """

    cluster_id: str = CLUSTER_ID
    trust_anchor_certificate: str = CERTIFICATE
    kmsuser_password: str = field(default=PASSWORD, repr=False)
    secret: Secret = field(factory=_new_secret)
    is_active: bool = True
    active_hsms: int = 2
    refuses_with: ConnectionErrorCodeType | None = field(
        default=None, converter=optional(ConnectionErrorCodeType)
    )
    is_reachable: bool = True
    deleted: frozenset[str] = frozenset()
    hsm: Hsm = field(factory=SoftwareHsm)

    def log_in(self, password: Secret) -> ConnectionErrorCodeType | None:
        if self.refuses_with is not None:
            return self.refuses_with
        fits = password == Secret(self.kmsuser_password.encode())
        return None if fits else ConnectionErrorCodeType.INVALID_CREDENTIALS

    def generate(self, label: str) -> None:
        self._key(label)

    def random(self, number_of_bytes: int, purpose: str) -> bytes:
        self._expect_reachable()
        return self.hsm.random(number_of_bytes, f"{self.cluster_id} {purpose}")

    def encrypt(self, label: str, plaintext: bytes, additional_data: bytes, purpose: str) -> bytes:
        return self.hsm.encrypt(self._key(label), plaintext, additional_data, purpose)

    def decrypt(self, label: str, ciphertext: bytes, additional_data: bytes) -> bytes | None:
        return self.hsm.decrypt(self._key(label), ciphertext, additional_data)

    def _key(self, label: str) -> Secret:
        self._expect_reachable()
        if label in self.deleted:
            raise ClusterError
        return Secret(hmac.digest(self.secret.reveal(), b"key\0" + label.encode(), "sha256"))

    def _expect_reachable(self) -> None:
        if not self.is_reachable or not self.is_active or not self.active_hsms:
            raise ClusterError
