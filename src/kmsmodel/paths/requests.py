"""
The requests of a path as Python source: an operation of AWS KMS, and its members by AWS's names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias, final

from attrs import frozen

from kmsmodel.policy.access import Access
from kmsmodel.policy.proofs import keys
from kmsmodel.policy.proofs.answers import context_keys
from kmsmodel.policy.proofs.moves import Move
from kmsmodel.policy.question import Value

Members: TypeAlias = "dict[str, str]"
"""The members of a request by AWS's names, each as Python source."""

SECRET = b"secret"
ENCRYPTED, SIGNED, AUTHENTICATED = "encrypted", "signature", "mac"
"""What the owner of the key made with it before its key policy was put, by its name in the program."""


class NoProgramError(Exception):
    """A request that no program here can make; the message says why."""


@final
@frozen(kw_only=True)
class Place:
    """Where a request is made: which KMS key it is about, in which Region, and what is so of the key."""

    key: str
    region: str
    key_spec: str
    other_region: str


def members(move: Move, at: Place) -> tuple[str, Members]:
    """The operation of a request and its members. Raises NoProgramError."""
    action = move.access.action.removeprefix("kms:")
    make = MAKERS.get(action)
    if make is None:
        raise NoProgramError(f"a request for kms:{action}")
    if any(name.startswith("kms:recipientattestation:") for name in context_keys(move.access)):
        raise NoProgramError("an attestation document")
    operation = action if action not in {"ReEncryptFrom", "ReEncryptTo"} else "ReEncrypt"
    return operation, make(move, at)


_Maker: TypeAlias = "Callable[[Move, Place], Members]"


def text(value: object) -> str:
    """A value as Python source."""
    return repr(value)


def context_of_encryption(access: Access) -> Members:
    """The encryption context, if there is one."""
    pairs = dict(access.encryption_context or {})
    return {"EncryptionContext": text(pairs)} if pairs else {}


def _value(move: Move, name: str) -> str | None:
    value = context_keys(move.access).get(name)
    return value if isinstance(value, str) else None


def _if_said(move: Move, **members: str) -> Members:
    """The members that condition keys tell, where the request has them."""
    found = {member: _value(move, name) for member, name in members.items()}
    return {member: text(value) for member, value in found.items() if value is not None}


def _key(move: Move, at: Place) -> Members:
    alias = _value(move, "kms:requestalias")
    if alias is None:
        return {"KeyId": at.key}
    account = move.before.world.owner
    return {"KeyId": text(f"arn:aws:kms:{at.region}:{account}:{alias}")}


def _algorithm(move: Move, at: Place) -> str:
    said = _value(move, "kms:encryptionalgorithm")
    default = "SYMMETRIC_DEFAULT" if at.key_spec == "SYMMETRIC_DEFAULT" else "RSAES_OAEP_SHA_256"
    return said or default


def _encrypt(move: Move, at: Place) -> Members:
    return {
        **_key(move, at),
        "Plaintext": text(SECRET),
        "EncryptionAlgorithm": text(_algorithm(move, at)),
        **context_of_encryption(move.access),
    }


def _decrypt(move: Move, at: Place) -> Members:
    return {
        **_key(move, at),
        "CiphertextBlob": ENCRYPTED,
        "EncryptionAlgorithm": text(_algorithm(move, at)),
        **context_of_encryption(move.access),
    }


def _re_encrypt_from(move: Move, at: Place) -> Members:
    same = _value(move, "kms:reencryptonsamekey") == "true"
    pairs = context_of_encryption(move.access)
    return {
        "SourceKeyId": _key(move, at)["KeyId"],
        "SourceEncryptionAlgorithm": text(_algorithm(move, at)),
        "CiphertextBlob": ENCRYPTED,
        **({"SourceEncryptionContext": pairs["EncryptionContext"]} if pairs else {}),
        "DestinationKeyId": at.key if same else "own",
    }


def _re_encrypt_to(move: Move, at: Place) -> Members:
    pairs = context_of_encryption(move.access)
    return {
        "CiphertextBlob": "encrypted_before",
        "DestinationKeyId": _key(move, at)["KeyId"],
        "DestinationEncryptionAlgorithm": text(_algorithm(move, at)),
        **({"DestinationEncryptionContext": pairs["EncryptionContext"]} if pairs else {}),
    }


def _data_key(move: Move, at: Place) -> Members:
    spec = {"KeySpec": text("AES_256")}
    return {**_key(move, at), **spec, **context_of_encryption(move.access)}


def _data_key_pair(move: Move, at: Place) -> Members:
    spec = _value(move, "kms:datakeypairspec") or "ECC_NIST_P256"
    return {**_key(move, at), "KeyPairSpec": text(spec), **context_of_encryption(move.access)}


def _signing_algorithm(move: Move, at: Place) -> str:
    return _value(move, "kms:signingalgorithm") or signing_algorithm(at.key_spec)


def signing_algorithm(key_spec: str) -> str:
    """A signing algorithm of a key spec."""
    return _SIGNING.get(key_spec, "RSASSA_PSS_SHA_256")


_SIGNING = {
    "ECC_NIST_P256": "ECDSA_SHA_256",
    "ECC_NIST_P384": "ECDSA_SHA_384",
    "ECC_NIST_P521": "ECDSA_SHA_512",
}


def _sign(move: Move, at: Place) -> Members:
    return {
        **_key(move, at),
        "Message": text(SECRET),
        "SigningAlgorithm": text(_signing_algorithm(move, at)),
        **_if_said(move, MessageType="kms:messagetype"),
    }


def _verify(move: Move, at: Place) -> Members:
    return {**_sign(move, at), "Signature": SIGNED}


def _mac(move: Move, at: Place) -> Members:
    said = _value(move, "kms:macalgorithm")
    algorithm = said or f"HMAC_SHA_{at.key_spec.removeprefix('HMAC_')}"
    return {**_key(move, at), "Message": text(SECRET), "MacAlgorithm": text(algorithm)}


def _verify_mac(move: Move, at: Place) -> Members:
    return {**_mac(move, at), "Mac": AUTHENTICATED}


def _create_grant(move: Move, at: Place) -> Members:
    grant = move.grant
    if grant is None:
        grantee = _value(move, "kms:granteeprincipal") or move.access.principal.arn
        listed = _several(context_keys(move.access).get("kms:grantoperations")) or ("DescribeKey",)
        return {
            "KeyId": at.key,
            "GranteePrincipal": text(grantee),
            "Operations": text(list(listed)),
        }
    made = {
        "KeyId": at.key,
        "GranteePrincipal": text(grant.grantee_principal),
        "Operations": text([str(each) for each in grant.operations]),
    }
    if grant.retiring_principal is not None:
        made["RetiringPrincipal"] = text(grant.retiring_principal)
    if grant.constraints is not None:
        of = grant.constraints
        constraints: dict[str, object] = {
            "EncryptionContextSubset": of.encryption_context_subset,
            "EncryptionContextEquals": of.encryption_context_equals,
            "SourceArn": of.source_arn,
        }
        made["Constraints"] = text({k: v for k, v in constraints.items() if v is not None})
    return made


def _several(value: Value | None) -> tuple[str, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else value


def _put_key_policy(move: Move, at: Place) -> Members:  # noqa: ARG001
    return {"KeyId": at.key, "Policy": "everything_to_everybody"}


def _replicate_key(move: Move, at: Place) -> Members:  # noqa: ARG001
    return {
        "KeyId": at.key,
        "ReplicaRegion": text(at.other_region),
        "Policy": "everything_to_everybody",
    }


def _tag_resource(move: Move, at: Place) -> Members:
    pairs: Mapping[str, str] = move.tags or {"Name": "any"}
    tags = [{"TagKey": key, "TagValue": value} for key, value in pairs.items()]
    return {"KeyId": at.key, "Tags": text(tags)}


def _untag_resource(move: Move, at: Place) -> Members:
    return {"KeyId": at.key, "TagKeys": text(list(move.tags) or ["Name"])}


def _create_alias(move: Move, at: Place) -> Members:
    return {"AliasName": text(move.alias or "alias/new"), "TargetKeyId": at.key}


def _delete_alias(move: Move, at: Place) -> Members:  # noqa: ARG001
    if move.alias is None:
        raise NoProgramError("a request for kms:DeleteAlias")
    return {"AliasName": text(move.alias)}


def _only_the_key(move: Move, at: Place) -> Members:  # noqa: ARG001
    return {"KeyId": at.key}


def _described(move: Move, at: Place) -> Members:
    return _key(move, at)


def _schedule_key_deletion(move: Move, at: Place) -> Members:
    days = _value(move, "kms:schedulekeydeletionpendingwindowindays")
    return {"KeyId": at.key, **({} if days is None else {"PendingWindowInDays": days})}


def _update_description(move: Move, at: Place) -> Members:  # noqa: ARG001
    return {"KeyId": at.key, "Description": text("another")}


MAKERS: Mapping[str, _Maker] = {
    "CreateAlias": _create_alias,
    "CreateGrant": _create_grant,
    "Decrypt": _decrypt,
    "DeleteAlias": _delete_alias,
    "DescribeKey": _described,
    "DisableKey": _only_the_key,
    "EnableKey": _only_the_key,
    "Encrypt": _encrypt,
    "GenerateDataKey": _data_key,
    "GenerateDataKeyPair": _data_key_pair,
    "GenerateDataKeyPairWithoutPlaintext": _data_key_pair,
    "GenerateDataKeyWithoutPlaintext": _data_key,
    "GenerateMac": _mac,
    "GetKeyPolicy": _only_the_key,
    "GetKeyRotationStatus": _only_the_key,
    "GetPublicKey": _described,
    "ListGrants": _only_the_key,
    "ListKeyPolicies": _only_the_key,
    "ListKeyRotations": _only_the_key,
    "ListResourceTags": _only_the_key,
    "PutKeyPolicy": _put_key_policy,
    "ReEncryptFrom": _re_encrypt_from,
    "ReEncryptTo": _re_encrypt_to,
    "ReplicateKey": _replicate_key,
    "ScheduleKeyDeletion": _schedule_key_deletion,
    "Sign": _sign,
    "TagResource": _tag_resource,
    "UntagResource": _untag_resource,
    "UpdateKeyDescription": _update_description,
    "Verify": _verify,
    "VerifyMac": _verify_mac,
}
"""How the members of each request are written; a path to any other access is found, and has no program."""

NEEDS = {
    "kms:Decrypt": ENCRYPTED,
    "kms:ReEncryptFrom": ENCRYPTED,
    "kms:Verify": SIGNED,
    "kms:VerifyMac": AUTHENTICATED,
}
"""What an action needs that the owner of the key made before."""


def caller_context(access: Access, known: Mapping[str, Value]) -> dict[str, Value]:
    """The condition keys that a caller comes with: those that AWS KMS cannot know."""
    return {
        name: value
        for name, value in context_keys(access).items()
        if name not in known
        and not name.startswith(_OF_THE_REQUEST)
        and (not name.startswith("kms:") or name == "kms:viaservice")
    }


_OF_THE_REQUEST = (
    "aws:requesttag/",
    "aws:resourcetag/",
    "aws:tagkeys",
    "aws:currenttime",
    "aws:epochtime",
    "aws:requestedregion",
    "aws:resourceaccount",
    keys.ENCRYPTION_CONTEXT,
)
