"""The policy language: what a key policy may be, and how AWS KMS writes one."""

from kmsmodel.policy.form import check_key_policy as check_key_policy
from kmsmodel.policy.writing import (
    default_key_policy as default_key_policy,
    written_anew as written_anew,
)
