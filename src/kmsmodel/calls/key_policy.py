"""
Key policies as a call puts and sees them.

Where a directory of IAM tells who exists, AWS KMS keeps users and roles in a key policy by their unique ids, so that a
role that is deleted and made again is another principal. Source: *Principal* in the IAM User Guide.
"""

from __future__ import annotations

from kmsmodel.calls.call import Call
from kmsmodel.errors import MalformedPolicyDocumentException
from kmsmodel.policy import written_anew
from kmsmodel.policy.writing import with_principals
from kmsmodel.words.arn import partition


def put(policy: str, call: Call) -> str:
    """
    A key policy as AWS KMS keeps it.

    Raises what `check_key_policy` raises, and MalformedPolicyDocumentException for a principal that does not exist, or
    not in the partition of the call.
    """
    written = written_anew(policy, call.region)
    try:
        return with_principals(written, lambda name: _remembered(name, call))
    except ValueError as error:
        raise MalformedPolicyDocumentException(
            "Policy contains a statement with one or more invalid principals."
        ).with_note(str(error)) from None


def _remembered(principal: str, call: Call) -> str:
    """A principal as a key policy keeps it. Raises ValueError."""
    if principal.startswith("arn:") and principal.split(":")[1] != partition(call.region):
        raise ValueError(f"{principal} is not in the partition {partition(call.region)}")
    return principal if call.iam is None else call.iam.remembered(principal)


def shown(policy: str, call: Call) -> str:
    """A key policy that is kept, as a caller sees it: with the ARNs of the users and roles that still exist."""
    return policy if call.iam is None else with_principals(policy, call.iam.shown)
