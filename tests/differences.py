"""
How this model differs from AWS's service model on purpose, each with its reason.
"""

from __future__ import annotations

from collections.abc import Mapping

NOT_RAISED: Mapping[str, str] = {}
"""Errors that AWS lists for one of the operations, and that do not exist here."""

BY_A_FAULT: Mapping[str, str] = {
    "DependencyTimeoutException": "the model of AWS KMS depends on no other service",
    "KeyUnavailableException": "key material is there or is not; it is never late",
    "ThrottlingException": "the model has no quota of requests",
}
"""Errors that exist here only for `LocalKms.fail`."""

COMMON: Mapping[str, str] = {
    "AccessDeniedException": "Common Error Types",
    "ThrottlingException": "Common Error Types",
    "ExpiredTokenException": "Common Error Types",
    "UnrecognizedClientException": "other services of the protocol",
    "ValidationException": "Common Error Types",
    "SerializationException": "the protocol, recorded from the service",
    "UnknownOperationException": "the protocol, recorded from the service",
    "IncompleteSignatureException": "Common Error Types",
    "InvalidSignatureException": "other services of the protocol",
    "RequestEntityTooLargeException": "Common Error Types",
}
"""Errors that AWS does not list for each operation."""

PATTERNS: Mapping[str, str] = {"KeyIdType": r"^\p{ASCII}+$"}
"""Patterns of shapes that AWS does not print: a report quotes a violation (floci-io/floci pull request 3968)."""

ANSWERED_AS: Mapping[tuple[str, str], str] = {
    ("KeyMetadata", "CustomerMasterKeySpec"): "KeySpec",
    ("GetPublicKeyResponse", "CustomerMasterKeySpec"): "KeySpec",
}
"""Members of answers that hold values of another shape: recorded 2026-09-12 with ``ML_DSA_44`` and Ed25519."""
