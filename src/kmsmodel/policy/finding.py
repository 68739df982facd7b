"""
A finding: one thing that AWS takes in a policy and its author hardly means, with its kind and AWS's page about it.

Source: *IAM Access Analyzer policy check reference* in the IAM User Guide, whose issue codes name the kinds.
"""

from __future__ import annotations

from enum import StrEnum
from typing import final

from attrs import frozen

from kmsmodel.policy.document import Statement
from kmsmodel.policy.places import Path, Place

_CHECKS = (
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html"
)
_KMS_CONDITIONS = "https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html"
_RETIRING = "https://docs.aws.amazon.com/kms/latest/developerguide/grant-delete.html"
_KEY_POLICIES = "https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html"


@final
class FindingKind(StrEnum):
    """What is found: by AWS's issue code where Access Analyzer has one."""

    ALLOW_WITH_NOT_PRINCIPAL = "ALLOW_WITH_NOT_PRINCIPAL"
    CONDITION_KEY_NEVER_CARRIED = "CONDITION_KEY_NEVER_CARRIED"
    DUPLICATE_KEYS_WITH_DIFFERENT_CASE = "DUPLICATE_KEYS_WITH_DIFFERENT_CASE"
    EMPTY_ARRAY_ACTION = "EMPTY_ARRAY_ACTION"
    EMPTY_ARRAY_CONDITION = "EMPTY_ARRAY_CONDITION"
    EMPTY_ARRAY_PRINCIPAL = "EMPTY_ARRAY_PRINCIPAL"
    EMPTY_ARRAY_RESOURCE = "EMPTY_ARRAY_RESOURCE"
    FORALLVALUES_WITH_SINGLE_VALUED_KEY = "FORALLVALUES_WITH_SINGLE_VALUED_KEY"
    INERT_ACTION = "INERT_ACTION"
    INVALID_ACTION = "INVALID_ACTION"
    INVALID_CONDITION_OPERATOR = "INVALID_CONDITION_OPERATOR"
    INVALID_GLOBAL_CONDITION_KEY = "INVALID_GLOBAL_CONDITION_KEY"
    INVALID_SERVICE_CONDITION_KEY = "INVALID_SERVICE_CONDITION_KEY"
    INVALID_VALUE = "INVALID_VALUE"
    MISSING_ACTION = "MISSING_ACTION"
    MISSING_QUALIFIER = "MISSING_QUALIFIER"
    MISSING_RESOURCE = "MISSING_RESOURCE"
    MISSING_VERSION = "MISSING_VERSION"
    NULL_WITH_IF_EXISTS = "NULL_WITH_IF_EXISTS"
    RETIRE_GRANT_IN_KEY_POLICY = "RETIRE_GRANT_IN_KEY_POLICY"
    TYPE_MISMATCH = "TYPE_MISMATCH"
    UNKNOWN_VALUE = "UNKNOWN_VALUE"
    UNSUPPORTED_VARIABLE = "UNSUPPORTED_VARIABLE"


_PAGES = {
    FindingKind.ALLOW_WITH_NOT_PRINCIPAL: "security-warning-allow-with-not-principal",
    FindingKind.DUPLICATE_KEYS_WITH_DIFFERENT_CASE: "error-duplicate-keys-with-different-case",
    FindingKind.EMPTY_ARRAY_ACTION: "suggestion-empty-array-action",
    FindingKind.EMPTY_ARRAY_CONDITION: "suggestion-empty-array-condition",
    FindingKind.EMPTY_ARRAY_PRINCIPAL: "suggestion-empty-array-principal",
    FindingKind.EMPTY_ARRAY_RESOURCE: "suggestion-empty-array-resource",
    FindingKind.FORALLVALUES_WITH_SINGLE_VALUED_KEY: (
        "security-warning-forallvalues-with-single-valued-key"
    ),
    FindingKind.INVALID_ACTION: "error-invalid-action",
    FindingKind.INVALID_CONDITION_OPERATOR: "error-invalid-condition-operator",
    FindingKind.INVALID_GLOBAL_CONDITION_KEY: "error-invalid-global-condition-key",
    FindingKind.INVALID_SERVICE_CONDITION_KEY: "error-invalid-service-condition-key",
    FindingKind.MISSING_QUALIFIER: "error-missing-qualifier",
    FindingKind.NULL_WITH_IF_EXISTS: "error-null-with-if-exists",
}
"""The sections of AWS's page, where they are known."""

_OTHER_PAGES = {
    FindingKind.CONDITION_KEY_NEVER_CARRIED: _KMS_CONDITIONS,
    FindingKind.UNKNOWN_VALUE: _KMS_CONDITIONS,
    FindingKind.INERT_ACTION: _KEY_POLICIES,
    FindingKind.RETIRE_GRANT_IN_KEY_POLICY: _RETIRING,
}


@final
@frozen(kw_only=True)
class Finding:
    """
    One thing that AWS takes and no author means.

    ``statement`` is None for the policy as a whole. ``path`` leads to the value in the policy, and ``place`` is its
    line and column if the policy was read from a text.
    """

    kind: FindingKind
    text: str
    path: Path
    statement: Statement | None = None
    place: Place | None = None

    @property
    def page(self) -> str:
        """AWS's page about it."""
        section = _PAGES.get(self.kind)
        anchor = "" if section is None else f"#access-analyzer-reference-policy-checks-{section}"
        return _OTHER_PAGES.get(self.kind, f"{_CHECKS}{anchor}")

    def __str__(self) -> str:
        who = "" if self.statement is None else f"{self.statement.title}: "
        where = "" if self.place is None else f"{self.place}: "
        return f"{where}{who}{self.text} [{self.kind}]"
