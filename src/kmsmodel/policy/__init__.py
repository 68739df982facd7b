"""The policy language: who may do what, why, and how AWS KMS takes and writes a key policy."""

from kmsmodel.policy.evaluation import decide as decide
from kmsmodel.policy.form import check_key_policy as check_key_policy
from kmsmodel.policy.writing import (
    default_key_policy as default_key_policy,
    written_anew as written_anew,
)
