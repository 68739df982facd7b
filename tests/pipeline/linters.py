"""
What the checks of others look at in the text of a policy, told anew from their source code and pages.

Each says whether the check passes a policy. The code is that of checkov, cfn_nag, the guard rules registry, Prowler,
cloudsploit and KICS as of 2026; of Security Hub, AWS Config and checkov's newest release, their descriptions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Statements = list[dict[str, Any]]
_ATTESTATION = "kms:RecipientAttestation:"
_ENCLAVE = {"kms:Decrypt", "kms:GenerateDataKey", "kms:*", "*"}


def _names(statement: Mapping[str, Any]) -> list[str]:
    principal: Any = statement.get("Principal", ())
    if isinstance(principal, dict):
        principal = statement["Principal"].get("AWS", ())
    return [principal] if isinstance(principal, str) else list(principal)


def _actions(statement: Mapping[str, Any]) -> set[str]:
    written = statement.get("Action", ())
    return {written} if isinstance(written, str) else set(written)


def _allows(statements: Statements) -> Statements:
    return [each for each in statements if each["Effect"] == "Allow"]


def _values(statement: Mapping[str, Any]) -> list[str]:
    return [
        value
        for block in statement.get("Condition", {}).values()
        for each in block.values()
        for value in ([each] if isinstance(each, str) else each)
    ]


def no_wildcard_without_condition(statements: Statements) -> bool:
    return not any("*" in _names(each) and "Condition" not in each for each in _allows(statements))


def only_fixed_values(statements: Statements) -> bool:
    """A statement for everyone has a condition, with neither wildcards nor variables in its values."""
    return all(
        bool(values := _values(each)) and not any("*" in one or "${" in one for one in values)
        for each in _allows(statements)
        if "*" in _names(each)
    )


def no_wildcard(statements: Statements) -> bool:
    return not any("*" in _names(each) for each in _allows(statements))


def no_star_as_text(statements: Statements) -> bool:
    return not any(each.get("Principal") == "*" for each in statements)


def no_aws_wildcard_without_condition(statements: Statements) -> bool:
    return no_wildcard_without_condition(
        [each for each in statements if isinstance(each.get("Principal"), dict)]
    )


def neither_wildcard_nor_all_actions_without_condition(statements: Statements) -> bool:
    return no_wildcard_without_condition(statements) and not any(
        _actions(each) & {"kms:*", "*"} and "Condition" not in each for each in _allows(statements)
    )


def there_is_a_policy(statements: Statements) -> bool:
    return bool(statements)


def no_decryption_on_all_keys(statements: Statements) -> bool:
    """It looks at Resource, and not at conditions."""
    return not any(
        _actions(each) & {"kms:Decrypt", "kms:ReEncryptFrom", "kms:*", "*"}
        and each.get("Resource") == "*"
        for each in _allows(statements)
    )


def _attested(statement: Mapping[str, Any]) -> set[str]:
    blocks = statement.get("Condition", {})
    return {
        name
        for used in ("StringEquals", "StringEqualsIgnoreCase")
        for name in blocks.get(used, {})
        if name.startswith(_ATTESTATION)
    }


def _sensitive(statements: Statements) -> Statements:
    return [each for each in _allows(statements) if _actions(each) & _ENCLAVE]


def attestation_enforced(statements: Statements) -> bool:
    return all(_attested(each) for each in _sensitive(statements))


def no_bypass(statements: Statements) -> bool:
    """A Deny closes it that has Null, or the negation with IfExists, whatever else it has."""
    closed = any(
        each["Effect"] == "Deny"
        and any(
            name.startswith(_ATTESTATION)
            for used in (
                "Null",
                "StringNotEqualsIfExists",
                "StringNotEqualsIgnoreCaseIfExists",
            )
            for name in each.get("Condition", {}).get(used, {})
        )
        for each in statements
    )
    return closed or attestation_enforced(statements)


def bound_to_a_deployment(statements: Statements) -> bool:
    places = {f"{_ATTESTATION}{each}" for each in ("PCR3", "PCR4", "PCR8")}
    accounts = {"aws:PrincipalAccount", "aws:ResourceAccount", "aws:PrincipalOrgID"}
    return all(
        _attested(each) & places or accounts & set(each["Condition"].get("StringEquals", {}))
        for each in _sensitive(statements)
        if _attested(each)
    )


def only_golden_values(statements: Statements) -> bool:
    return all(
        value == "9f" * 48
        for each in _sensitive(statements)
        if _attested(each)
        for value in _values(each)
    )


def no_event_of_debug_mode(statements: Statements) -> bool:
    """It reads events, of which there are none yet."""
    return True


PASSES: dict[tuple[str, str], Callable[[Statements], bool]] = {
    ("Security Hub", "KMS.1"): no_decryption_on_all_keys,
    ("Security Hub", "KMS.2"): no_decryption_on_all_keys,
    ("Security Hub", "KMS.5"): only_fixed_values,
    ("AWS Config", "KMS_KEY_POLICY_NO_PUBLIC_ACCESS"): only_fixed_values,
    ("checkov", "CKV_AWS_33"): no_wildcard_without_condition,
    ("checkov", "CKV2_AWS_64"): there_is_a_policy,
    ("cfn_nag", "F76"): no_wildcard,
    ("guard", "KMS_NO_WILDCARD_PRINCIPAL"): no_star_as_text,
    ("Prowler", "kms_key_not_publicly_accessible"): no_wildcard_without_condition,
    ("Prowler", "kms_key_enclave_attestation_not_enforced"): attestation_enforced,
    ("Prowler", "kms_key_enclave_attestation_bypassable_path"): no_bypass,
    ("Prowler", "kms_key_enclave_attestation_no_deployment_binding"): bound_to_a_deployment,
    ("Prowler", "kms_key_enclave_attestation_pcr_mismatch"): only_golden_values,
    ("Prowler", "kms_key_enclave_debug_attestation_detected"): no_event_of_debug_mode,
    ("cloudsploit", "kmsKeyPolicy"): no_aws_wildcard_without_condition,
    ("KICS", "KMS Key With Vulnerable Policy"): neither_wildcard_nor_all_actions_without_condition,
}
