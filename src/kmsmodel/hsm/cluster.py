"""
The port to AWS CloudHSM clusters, in which the keys of AWS CloudHSM key stores are made and used.

AWS KMS names a key of a cluster by its label, and never has its bytes.
"""

from __future__ import annotations

from typing import Protocol, final

from kmsmodel.hsm.secret import Secret
from kmsmodel.words.enumerations import ConnectionErrorCodeType


@final
class ClusterError(Exception):
    """A cluster that is connected does not do what it is asked: it is out of reach, or has no such key."""


class Cluster(Protocol):
    """What AWS KMS asks of an AWS CloudHSM cluster. What works with its keys raises ClusterError."""

    @property
    def cluster_id(self) -> str:
        """The id, such as ``cluster-2a34b5cdefg``."""
        ...

    @property
    def trust_anchor_certificate(self) -> str:
        """The content of the file customerCA.crt; clusters that share a backup history have the same."""
        ...

    @property
    def is_active(self) -> bool:
        """Is the cluster initialized and active?"""
        ...

    @property
    def active_hsms(self) -> int:
        """How many active HSMs the cluster has, each in another Availability Zone."""
        ...

    def log_in(self, password: Secret) -> ConnectionErrorCodeType | None:
        """Log in as the crypto user ``kmsuser``: None, or why the connection fails."""
        ...

    def generate(self, label: str) -> None:
        """Generate a 256-bit AES key with this label."""
        ...

    def random(self, number_of_bytes: int, purpose: str) -> bytes:
        """Unpredictable bytes."""
        ...

    def encrypt(self, label: str, plaintext: bytes, additional_data: bytes, purpose: str) -> bytes:
        """Authenticated encryption: 28 bytes of the cluster's own, what was encrypted, and 16 more."""
        ...

    def decrypt(self, label: str, ciphertext: bytes, additional_data: bytes) -> bytes | None:
        """The plaintext of a ciphertext that `encrypt` made with equal additional data, or None for any other."""
        ...
