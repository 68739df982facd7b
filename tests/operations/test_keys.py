"""
Creating, viewing, enabling and disabling KMS keys.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta
from functools import partial
from operator import attrgetter
from typing import Any

import pytest
from attrs import evolve
from hypothesis import example, given, strategies as st

from kmsmodel.calls.access import key_of_ciphertext
from kmsmodel.calls.call import Call
from kmsmodel.calls.request import Request
from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.errors import (
    AccessDeniedException,
    CustomKeyStoreNotFoundException,
    DisabledException,
    IncorrectKeyException,
    InvalidArnException,
    InvalidMarkerException,
    KmsError,
    KMSInternalException,
    KMSInvalidStateException,
    NotFoundException,
    SerializationException,
    TagException,
    UnsupportedOperationException,
    ValidationException,
)
from kmsmodel.key.key_metadata import KeyMetadata, MultiRegionConfiguration, MultiRegionKey
from kmsmodel.key.key_spec import ALGORITHMS, SUPPORTED
from kmsmodel.key.tag import Tag
from kmsmodel.local import LocalKms
from kmsmodel.memory.kms import Kms
from kmsmodel.memory.pages import marker
from kmsmodel.operations.aliases import ListAliasesRequest
from kmsmodel.operations.deletion import CancelKeyDeletionRequest, ScheduleKeyDeletionRequest
from kmsmodel.operations.encryption import DecryptRequest, EncryptRequest
from kmsmodel.operations.importing import (
    DeleteImportedKeyMaterialRequest,
    GetParametersForImportRequest,
    ImportKeyMaterialRequest,
)
from kmsmodel.operations.key_policies import (
    GetKeyPolicyRequest,
    ListKeyPoliciesRequest,
    PutKeyPolicyRequest,
)
from kmsmodel.operations.keys import (
    CreateKeyRequest,
    DescribeKeyRequest,
    DisableKeyRequest,
    DisableKeyResponse,
    EnableKeyRequest,
    EnableKeyResponse,
    KeyListEntry,
    ListKeysRequest,
    ListKeysResponse,
    UpdateKeyDescriptionRequest,
    UpdateKeyDescriptionResponse,
)
from kmsmodel.operations.rotation import (
    GetKeyRotationStatusRequest,
    ListKeyRotationsRequest,
    RotateKeyOnDemandRequest,
)
from kmsmodel.operations.tags import (
    ListResourceTagsRequest,
    TagResourceRequest,
    UntagResourceRequest,
)
from kmsmodel.service import handle
from kmsmodel.words.arn import KeyArn
from kmsmodel.words.enumerations import (
    AlgorithmSpec,
    CustomerMasterKeySpec,
    EncryptionAlgorithmSpec,
    KeyManagerType,
    KeySpec,
    KeyState,
    KeyUsageType,
    MultiRegionKeyType,
    OriginType,
    ResourceOwnerType,
    WrappingKeySpec,
)
from tests.basics import ACCOUNT, NOBODY, NOW, OTHER_ACCOUNT, REGION
from tests.operations.encryption.ciphers import INCORRECT_KEY
from tests.operations.steps import (
    FIRST,
    arn_of,
    create,
    create_external,
    decrypt,
    describe,
    encrypt,
    local_kms,
    refused,
)

# ---- CreateKey


def test_by_default_a_key_is_a_single_region_symmetric_encryption_key_with_generated_material(
    local: LocalKms,
) -> None:
    metadata = create(local)
    assert metadata == KeyMetadata(
        aws_account_id=ACCOUNT,
        key_id=metadata.key_id,
        arn=f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{metadata.key_id}",
        creation_date=NOW,
        enabled=True,
        description="",
        key_usage=KeyUsageType.ENCRYPT_DECRYPT,
        key_state=KeyState.Enabled,
        origin=OriginType.AWS_KMS,
        key_manager=KeyManagerType.CUSTOMER,
        customer_master_key_spec=KeySpec.SYMMETRIC_DEFAULT,
        key_spec=KeySpec.SYMMETRIC_DEFAULT,
        encryption_algorithms=(EncryptionAlgorithmSpec.SYMMETRIC_DEFAULT,),
        multi_region=False,
        current_key_material_id=metadata.current_key_material_id,
    )
    assert re.fullmatch("[0-9a-f]{64}", metadata.current_key_material_id or "")
    assert re.fullmatch(
        "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", metadata.key_id
    )


def test_a_key_of_origin_external_is_pending_import_and_has_no_key_material(
    local: LocalKms,
) -> None:
    metadata = create(local, origin=OriginType.EXTERNAL)
    assert metadata == evolve(
        create(local_kms()),
        key_id=metadata.key_id,
        arn=metadata.arn,
        origin=OriginType.EXTERNAL,
        key_state=KeyState.PendingImport,
        enabled=False,
        current_key_material_id=None,
    )


def test_what_create_key_tells_is_what_describe_key_tells(local: LocalKms) -> None:
    metadata = create(local, description="for the vault", origin=OriginType.EXTERNAL)
    assert metadata.description == "for the vault"
    assert describe(local, metadata.key_id) == metadata


def test_each_default_may_be_said_aloud(local: LocalKms) -> None:
    said = create(
        local,
        description="",
        key_usage="ENCRYPT_DECRYPT",
        key_spec="SYMMETRIC_DEFAULT",
        origin="AWS_KMS",
        multi_region=False,
        tags=(),
        bypass_policy_lockout_safety_check=True,
    )
    assert said == create(local_kms())


def test_the_older_name_of_the_key_spec_will_do(local: LocalKms) -> None:
    older = create(local, customer_master_key_spec=CustomerMasterKeySpec.SYMMETRIC_DEFAULT)
    assert older == create(local_kms())


@pytest.mark.parametrize("older", [CustomerMasterKeySpec.RSA_2048, CustomerMasterKeySpec.HMAC_256])
def test_the_two_names_of_the_key_spec_do_not_go_together_whether_they_agree_or_not(
    local: LocalKms, older: CustomerMasterKeySpec
) -> None:
    request = CreateKeyRequest(key_spec=KeySpec.RSA_2048, customer_master_key_spec=older)
    message = (
        "You cannot specify KeySpec and CustomerMasterKeySpec in the same request. "
        "CustomerMasterKeySpec is deprecated."
    )
    refused(local, request, ValidationException, message)


def test_a_multi_region_primary_key_has_an_id_of_its_own_kind_and_no_replicas(
    local: LocalKms,
) -> None:
    metadata = create(local, multi_region=True)
    assert re.fullmatch("mrk-[0-9a-f]{32}", metadata.key_id)
    assert metadata == evolve(
        create(local_kms()),
        key_id=metadata.key_id,
        arn=metadata.arn,
        current_key_material_id=metadata.current_key_material_id,
        multi_region=True,
        multi_region_configuration=MultiRegionConfiguration(
            multi_region_key_type=MultiRegionKeyType.PRIMARY,
            primary_key=MultiRegionKey(arn=arn_of(metadata), region=REGION),
            replica_keys=(),
        ),
    )
    assert describe(local, metadata.key_id) == metadata


@pytest.mark.parametrize("key_spec", sorted(set(KeySpec) - {KeySpec.SYMMETRIC_DEFAULT}))
def test_every_key_spec_but_the_symmetric_default_needs_a_key_usage(
    local: LocalKms, key_spec: KeySpec
) -> None:
    message = (
        "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys."
    )
    refused(local, CreateKeyRequest(key_spec=key_spec), ValidationException, message)


NOT_SUPPORTED = {KeySpec.SM2}
"""Key specs that AWS has in the China Regions alone."""

ALGORITHM_MEMBERS = {
    KeyUsageType.ENCRYPT_DECRYPT: "encryption_algorithms",
    KeyUsageType.SIGN_VERIFY: "signing_algorithms",
    KeyUsageType.GENERATE_VERIFY_MAC: "mac_algorithms",
    KeyUsageType.KEY_AGREEMENT: "key_agreement_algorithms",
    KeyUsageType.ENCAPSULATE_DECAPSULATE: "encapsulation_algorithms",
}


@pytest.mark.parametrize(
    "key_spec, key_usage",
    [(spec, usage) for spec in KeySpec for usage in ALGORITHMS[spec] if spec in SUPPORTED],
)
def test_a_key_of_each_key_spec_and_key_usage_tells_of_its_algorithms_and_no_others(
    local: LocalKms, key_spec: KeySpec, key_usage: KeyUsageType
) -> None:
    """And says its key spec twice, also where the older enumeration lacks it."""
    metadata = create(local, key_spec=key_spec, key_usage=key_usage)
    algorithms: dict[str, Any] = dict.fromkeys(ALGORITHM_MEMBERS.values())
    algorithms[ALGORITHM_MEMBERS[key_usage]] = ALGORITHMS[key_spec][key_usage].every
    symmetric = key_spec is KeySpec.SYMMETRIC_DEFAULT
    assert metadata == evolve(
        create(local_kms()),
        key_id=metadata.key_id,
        arn=metadata.arn,
        key_spec=key_spec,
        customer_master_key_spec=key_spec,
        key_usage=key_usage,
        current_key_material_id=metadata.current_key_material_id if symmetric else None,
        **algorithms,
    )


@pytest.mark.parametrize(
    "key_spec, key_usage",
    [(spec, usage) for spec in KeySpec for usage in KeyUsageType if usage not in ALGORITHMS[spec]],
)
def test_a_key_usage_must_be_one_of_the_key_spec(
    local: LocalKms, key_spec: KeySpec, key_usage: KeyUsageType
) -> None:
    request = CreateKeyRequest(key_spec=key_spec, key_usage=key_usage)
    message = f"KeyUsage {key_usage} is not compatible with KeySpec {key_spec}"
    refused(local, request, ValidationException, message)


@pytest.mark.parametrize("origin", [OriginType.AWS_KMS, OriginType.EXTERNAL])
@pytest.mark.parametrize(
    "key_spec, key_usage",
    [(spec, usage) for spec in sorted(NOT_SUPPORTED) for usage in ALGORITHMS[spec]],
)
def test_a_key_spec_of_the_china_regions_is_refused_elsewhere(
    local: LocalKms, key_spec: KeySpec, key_usage: KeyUsageType, origin: OriginType
) -> None:
    request = CreateKeyRequest(key_spec=key_spec, key_usage=key_usage, origin=origin)
    message = f"KeySpec {key_spec} is not supported in Region {REGION}."
    refused(local, request, UnsupportedOperationException, message)


def test_the_older_name_of_a_key_spec_is_checked_as_the_newer_is(local: LocalKms) -> None:
    request = CreateKeyRequest(
        customer_master_key_spec=CustomerMasterKeySpec.RSA_2048,
        key_usage=KeyUsageType.KEY_AGREEMENT,
    )
    message = "KeyUsage KEY_AGREEMENT is not compatible with KeySpec RSA_2048"
    refused(local, request, ValidationException, message)


@pytest.mark.parametrize("origin", [OriginType.AWS_CLOUDHSM, OriginType.EXTERNAL_KEY_STORE])
def test_a_key_in_a_custom_key_store_needs_a_store_that_there_is(
    local: LocalKms, origin: OriginType
) -> None:
    message = f"Origin {origin} requires a CustomKeyStoreId."
    refused(local, CreateKeyRequest(origin=origin), ValidationException, message)
    request = CreateKeyRequest(origin=origin, custom_key_store_id="cks-1234567890abcdef0")
    refused(local, request, CustomKeyStoreNotFoundException, "")


@pytest.mark.parametrize("origin", [None, OriginType.AWS_KMS, OriginType.EXTERNAL])
@pytest.mark.parametrize("store", [{"custom_key_store_id": "cks-1"}, {"xks_key_id": "xks-1"}])
def test_a_key_of_another_origin_is_in_no_custom_key_store(
    local: LocalKms, origin: OriginType | None, store: dict[str, str]
) -> None:
    members: dict[str, Any] = {"origin": origin, **store}
    message = f"Origin {origin or 'AWS_KMS'} is not compatible with a custom key store."
    refused(local, CreateKeyRequest(**members), ValidationException, message)


def test_tags_are_remembered(local: LocalKms) -> None:
    tags = (Tag(tag_key="Team", tag_value="vault"), Tag(tag_key="team", tag_value=""))
    request = ListResourceTagsRequest(key_id=create(local, tags=tags).key_id)
    assert local.handle(request).tags == tags


def _tags(*keys: str) -> tuple[Tag, ...]:
    return tuple(Tag(tag_key=key, tag_value="") for key in keys)


@pytest.mark.parametrize(
    "tags, message",
    [
        (_tags("a", "b", "a"), "Duplicate tag keys"),
        (_tags("aws:cloudformation:stack-name"), "Tags beginning with aws: are reserved"),
        (_tags("ok", "AwS:"), "Tags beginning with aws: are reserved"),
        (_tags(*map(str, range(51))), "Too many tags"),
    ],
    ids=["duplicate", "reserved", "reserved in any case", "fifty-one"],
)
def test_a_key_refuses_tags_that_cannot_be_its_own(
    local: LocalKms, tags: tuple[Tag, ...], message: str
) -> None:
    refused(local, CreateKeyRequest(tags=tags), TagException, message)


def test_a_key_has_up_to_fifty_tags(local: LocalKms) -> None:
    assert create(local, tags=_tags(*map(str, range(50)))).key_state is KeyState.Enabled


def test_every_violation_of_a_constraint_is_told_at_once(local: LocalKms) -> None:
    request = CreateKeyRequest(
        description="x" * 8193, policy="\u20ac", tags=_tags("") + _tags("k" * 129)
    )
    message = (
        "4 validation errors detected: "
        "Value '\u20ac' at 'policy' failed to satisfy constraint: "
        r"Member must satisfy regular expression pattern: [\u0009\u000A\u000D\u0020-\u00FF]+; "
        f"Value '{'x' * 8193}' at 'description' failed to satisfy constraint: "
        "Member must have length less than or equal to 8192; "
        "Value '' at 'tags.1.member.tagKey' failed to satisfy constraint: "
        "Member must have length greater than or equal to 1; "
        f"Value '{'k' * 129}' at 'tags.2.member.tagKey' failed to satisfy constraint: "
        "Member must have length less than or equal to 128"
    )
    refused(local, request, ValidationException, message)


def test_two_keys_of_one_request_id_cannot_be(local: LocalKms) -> None:
    call = Call(now=NOW, hsm=SeededHsm(), request_id="once")
    kms, _ = handle(Kms(), CreateKeyRequest(), call)
    with pytest.raises(KMSInternalException, match=r"^Two calls have the request id once\.$"):
        handle(kms, CreateKeyRequest(), call)


# ---- the identifier of a key, in every operation that takes one


def _blob() -> bytes:
    local = local_kms()
    return encrypt(local, create(local).key_id)


_BLOB = _blob()

_KEY_ONLY: dict[str, Any] = {
    "EnableKey": EnableKeyRequest,
    "DisableKey": DisableKeyRequest,
    "ScheduleKeyDeletion": ScheduleKeyDeletionRequest,
    "CancelKeyDeletion": CancelKeyDeletionRequest,
    "RotateKeyOnDemand": RotateKeyOnDemandRequest,
    "ListKeyRotations": ListKeyRotationsRequest,
    "GetKeyRotationStatus": GetKeyRotationStatusRequest,
    "DeleteImportedKeyMaterial": DeleteImportedKeyMaterialRequest,
    "UpdateKeyDescription": partial(UpdateKeyDescriptionRequest, description="another"),
    "TagResource": partial(TagResourceRequest, tags=(Tag(tag_key="a", tag_value=""),)),
    "UntagResource": partial(UntagResourceRequest, tag_keys=("a",)),
    "ListResourceTags": ListResourceTagsRequest,
    "ListAliases": ListAliasesRequest,
    "GetKeyPolicy": GetKeyPolicyRequest,
    "PutKeyPolicy": partial(PutKeyPolicyRequest, policy="{}"),
    "ListKeyPolicies": ListKeyPoliciesRequest,
    "GetParametersForImport": partial(
        GetParametersForImportRequest,
        wrapping_algorithm=AlgorithmSpec.RSAES_OAEP_SHA_256,
        wrapping_key_spec=WrappingKeySpec.RSA_2048,
    ),
    "ImportKeyMaterial": partial(
        ImportKeyMaterialRequest, import_token=b"token", encrypted_key_material=b"wrapped"
    ),
}
_ALIASES_TOO: dict[str, Any] = {
    "DescribeKey": DescribeKeyRequest,
    "Encrypt": partial(EncryptRequest, plaintext=b"plain"),
    "Decrypt": partial(DecryptRequest, ciphertext_blob=_BLOB),
}
_ALL = _KEY_ONLY | _ALIASES_TOO


_ALIAS_ARN = f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/Vault"
_KEY_ARN = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{NOBODY}"


@pytest.mark.parametrize("operation", _ALL)
@pytest.mark.parametrize(
    "key_id, message",
    [
        (NOBODY, f"Key '{_KEY_ARN}' does not exist"),
        (_KEY_ARN, f"Key '{_KEY_ARN}' does not exist"),
        (
            "mrk-" + "0" * 32,
            f"Key 'arn:aws:kms:{REGION}:{ACCOUNT}:key/mrk-{'0' * 32}' does not exist",
        ),
        ("nonsense", "Invalid keyId 'nonsense'"),
        (f"arn:aws:kms:{REGION}:{ACCOUNT}:key/nonsense", "Invalid keyId nonsense"),
        (_KEY_ARN.replace(REGION, "eu-central-1"), "Invalid arn eu-central-1"),
        (_KEY_ARN.replace(":aws:", ":aws-cn:"), f"Invalid arn {REGION}"),
        ("arn:aws:kms:nonsense", "Invalid arn arn:aws:kms:nonsense"),
        ("arn:aws:s3:::bucket", "Invalid arn arn:aws:s3:::bucket"),
    ],
    ids=["id", "ARN", "mrk", "no id", "no id in ARN", "Region", "partition", "no ARN", "S3"],
)
def test_what_names_no_key_is_not_found(
    local: LocalKms, operation: str, key_id: str, message: str
) -> None:
    """To Decrypt, a key of another Region is one that did not make the ciphertext."""
    error: type[KmsError] = NotFoundException
    if operation == "Decrypt" and "eu-central-1" in key_id:
        error, message = IncorrectKeyException, INCORRECT_KEY
    refused(local, _ALL[operation](key_id=key_id), error, message)


@pytest.mark.parametrize("operation", _KEY_ONLY)
@pytest.mark.parametrize("alias", ["alias/Vault", _ALIAS_ARN])
def test_operations_that_manage_a_key_take_no_alias(
    local: LocalKms, operation: str, alias: str
) -> None:
    message = "Key Aliases are not supported for this operation."
    refused(local, _ALL[operation](key_id=alias), InvalidArnException, message)


@pytest.mark.parametrize("operation", _ALIASES_TOO)
@pytest.mark.parametrize("alias", ["alias/Vault", _ALIAS_ARN])
def test_an_alias_that_does_not_exist_is_not_found(
    local: LocalKms, operation: str, alias: str
) -> None:
    message = f"Alias {_ALIAS_ARN} is not found."
    refused(local, _ALL[operation](key_id=alias), NotFoundException, message)


@pytest.mark.parametrize("operation", _ALL)
def test_a_caller_of_another_account_is_denied_and_not_told_whether_there_is_such_a_key(
    local: LocalKms, operation: str
) -> None:
    principal = f"arn:aws:iam::{OTHER_ACCOUNT}:user/Mallory"
    message = (
        f"User: {principal} is not authorized to perform: kms:{operation} on this resource "
        "because the resource does not exist in this Region, no resource-based policies allow "
        "access, or a resource-based policy explicitly denies access"
    )
    for arn in (arn_of(create(local)), _KEY_ARN):
        request: Request[Any] = _ALL[operation](key_id=arn)
        who = {"account": OTHER_ACCOUNT, "principal": principal}
        error = refused(local, request, AccessDeniedException, message, **who)
        assert error.arn is None


@pytest.mark.parametrize("operation", _ALIASES_TOO)
def test_an_alias_of_another_account_is_denied_as_its_key_would_be(
    local: LocalKms, operation: str
) -> None:
    message = (
        f"User: arn:aws:iam::{OTHER_ACCOUNT}:root is not authorized to perform: kms:{operation} on "
        "this resource because the resource does not exist in this Region, no resource-based "
        "policies allow access, or a resource-based policy explicitly denies access"
    )
    request: Request[Any] = _ALL[operation](key_id=_ALIAS_ARN)
    refused(local, request, AccessDeniedException, message, account=OTHER_ACCOUNT)


@pytest.mark.parametrize("operation", _ALL)
@pytest.mark.parametrize("key_id", ["", "x" * 2049])
def test_a_key_id_has_1_to_2048_characters(local: LocalKms, operation: str, key_id: str) -> None:
    bound = "greater than or equal to 1" if not key_id else "less than or equal to 2048"
    message = (
        f"1 validation error detected: Value '{key_id}' at 'keyId' failed to satisfy constraint: "
        f"Member must have length {bound}"
    )
    if not key_id:
        message = f"2{message[1:]}; {NOT_ASCII.format('')}".replace("error ", "errors ", 1)
    refused(local, _ALL[operation](key_id=key_id), ValidationException, message)


@pytest.mark.parametrize("operation", _ALL)
@pytest.mark.parametrize("key_id", ["キー", "a\N{NO-BREAK SPACE}"])
def test_a_key_id_is_in_ascii(local: LocalKms, operation: str, key_id: str) -> None:
    message = f"1 validation error detected: {NOT_ASCII.format(key_id)}"
    refused(local, _ALL[operation](key_id=key_id), ValidationException, message)


def test_any_character_of_ascii_may_be_in_a_key_id(local: LocalKms) -> None:
    key_id = "".join(map(chr, range(128)))
    refused(
        local, _ALL["DescribeKey"](key_id=key_id), NotFoundException, f"Invalid keyId '{key_id}'"
    )


NOT_ASCII = (
    "Value '{}' at 'keyId' failed to satisfy constraint: "
    "Member must satisfy regular expression pattern: ^\\p{{ASCII}}+$"
)


@pytest.mark.parametrize("operation", sorted(_ALL.keys() - {"Decrypt", "ListAliases"}))
def test_a_key_id_must_not_be_null(local: LocalKms, operation: str) -> None:
    message = (
        "1 validation error detected: Value null at 'keyId' failed to satisfy constraint: "
        "Member must not be null"
    )
    refused(local, _ALL[operation](key_id=None), ValidationException, message)


@pytest.mark.parametrize("operation", _ALL)
def test_a_key_id_is_a_string(local: LocalKms, operation: str) -> None:
    message = "NUMBER_VALUE can not be converted to a String"
    refused(local, _ALL[operation](key_id=7), SerializationException, message)


def test_a_key_answers_to_its_id_and_its_arn_in_the_region_that_has_it(
    local: LocalKms,
) -> None:
    metadata = create(local)
    assert describe(local, arn_of(metadata)) == describe(local, metadata.key_id) == metadata
    with pytest.raises(NotFoundException):
        local.handle(DescribeKeyRequest(key_id=metadata.key_id), region="eu-west-1")


def test_the_arn_of_a_key_is_in_the_partition_of_its_region(local: LocalKms) -> None:
    answer = local.handle(CreateKeyRequest(), region="cn-north-1").key_metadata
    assert arn_of(answer).startswith("arn:aws-cn:kms:cn-north-1:111122223333:key/")
    described = local.handle(DescribeKeyRequest(key_id=arn_of(answer)), region="cn-north-1")
    assert described.key_metadata == answer


def test_a_ciphertext_of_another_account_names_a_key_that_the_caller_is_denied(
    local: LocalKms,
) -> None:
    create(local)
    key = create(local)
    call = Call(now=NOW, hsm=SeededHsm(), request_id="r", account=OTHER_ACCOUNT)
    request = DecryptRequest(ciphertext_blob=b"any")
    for account in (ACCOUNT, OTHER_ACCOUNT):
        with pytest.raises(AccessDeniedException) as caught:
            key_of_ciphertext(local.kms, KeyArn(account, call.region, key.key_id), request, call)
        assert caught.value.message == (
            f"User: arn:aws:iam::{OTHER_ACCOUNT}:root is not authorized to perform: kms:Decrypt on "
            "the resource associated with this ciphertext because the resource does not exist in "
            "this Region, no resource-based policies allow access, or a resource-based policy "
            "explicitly denies access"
        )


# ---- DescribeKey


def test_describe_key_takes_grant_tokens(local: LocalKms) -> None:
    metadata = create(local)
    request = DescribeKeyRequest(key_id=metadata.key_id, grant_tokens=("token",) * 10)
    assert local.handle(request).key_metadata == metadata


def test_there_are_at_most_ten_grant_tokens(local: LocalKms) -> None:
    request = DescribeKeyRequest(key_id=create(local).key_id, grant_tokens=("t",) * 11)
    message = (
        "1 validation error detected: Value '[t, t, t, t, t, t, t, t, t, t, t]' at 'grantTokens' "
        "failed to satisfy constraint: Member must have length less than or equal to 10"
    )
    refused(local, request, ValidationException, message)


# ---- ListKeys


def _list(local: LocalKms, **members: Any) -> ListKeysResponse:
    return local.handle(ListKeysRequest(**members))


def _entry(metadata: KeyMetadata) -> KeyListEntry:
    return KeyListEntry(key_id=metadata.key_id, key_arn=arn_of(metadata))


def in_order(entries: Iterable[KeyListEntry]) -> list[KeyListEntry]:
    return sorted(entries, key=attrgetter("key_id"))


def test_list_keys_tells_of_the_callers_account_and_region_only(local: LocalKms) -> None:
    metadata = create(local)
    assert _list(local) == ListKeysResponse(keys=(_entry(metadata),), truncated=False)
    nothing = ListKeysResponse(keys=(), truncated=False)
    assert local.handle(ListKeysRequest(), account=OTHER_ACCOUNT) == nothing
    assert local.handle(ListKeysRequest(), region="eu-west-1") == nothing


@given(number=st.integers(0, 12), limit=st.integers(1, 13))
@example(number=3, limit=3)
def test_the_pages_of_list_keys_are_the_list_of_keys(number: int, limit: int) -> None:
    local = local_kms()
    keys = in_order(_entry(create(local)) for _ in range(number))
    pages = [_list(local, limit=limit)]
    while pages[-1].truncated:
        pages.append(_list(local, limit=limit, marker=pages[-1].next_marker))
    assert [key for page in pages for key in page.keys] == keys
    assert all(len(page.keys) == limit for page in pages[:-1])
    assert all(page.keys for page in pages[1:])
    assert pages[-1].next_marker is None


def test_a_page_of_list_keys_has_100_keys_unless_the_request_says_otherwise(
    local: LocalKms,
) -> None:
    keys = tuple(in_order(_entry(create(local)) for _ in range(101)))
    page = _list(local)
    assert page == ListKeysResponse(keys=keys[:100], truncated=True, next_marker=page.next_marker)
    assert _list(local, marker=page.next_marker) == ListKeysResponse(
        keys=keys[100:], truncated=False
    )
    assert _list(local, limit=1000) == ListKeysResponse(keys=keys, truncated=False)


def test_a_key_that_is_created_between_two_pages_is_where_its_key_id_is(local: LocalKms) -> None:
    first, *_ = in_order(_entry(create(local)) for _ in range(3))
    marker_ = _list(local, limit=1).next_marker
    for _ in range(5):
        create(local)
    after = [each for each in _list(local).keys if each.key_id > first.key_id]
    assert _list(local, marker=marker_).keys == tuple(after)


def test_keys_that_are_pending_deletion_are_listed_and_deleted_ones_are_not(
    local: LocalKms,
) -> None:
    keys = sorted((create(local) for _ in range(3)), key=attrgetter("key_id"))
    local.handle(ScheduleKeyDeletionRequest(key_id=keys[1].key_id, pending_window_in_days=7))
    assert _list(local).keys == tuple(map(_entry, keys))
    local.clock.advance(days=7)
    assert _list(local).keys == (_entry(keys[0]), _entry(keys[2]))
    assert [key.key_id for key in _list(local, limit=2).keys] == [keys[0].key_id, keys[2].key_id]


@pytest.mark.parametrize(
    "text",
    ["nonsense", "!", marker("ListKeyRotations", "1")],
    ids=["no base64", "no letters", "of another operation"],
)
def test_a_marker_is_one_that_list_keys_gave(local: LocalKms, text: str) -> None:
    refused(local, ListKeysRequest(marker=text), InvalidMarkerException, "")


@pytest.mark.parametrize(
    "limit, bound",
    [(0, "greater than or equal to 1"), (1001, "less than or equal to 1000")],
)
def test_a_limit_is_1_to_1000(local: LocalKms, limit: int, bound: str) -> None:
    message = (
        f"1 validation error detected: Value '{limit}' at 'limit' failed to satisfy constraint: "
        f"Member must have value {bound}"
    )
    refused(local, ListKeysRequest(limit=limit), ValidationException, message)


@pytest.mark.parametrize(
    "owners, listed",
    [
        ((ResourceOwnerType.SELF,), True),
        ((ResourceOwnerType.OTHER_ACCOUNTS_VIA_RAM,), False),
        ((ResourceOwnerType.OTHER_ACCOUNTS_VIA_RAM, ResourceOwnerType.SELF), True),
    ],
)
def test_list_keys_may_ask_for_the_keys_of_some_owners(
    local: LocalKms, owners: tuple[ResourceOwnerType, ...], listed: bool
) -> None:
    entry = _entry(create(local))
    assert _list(local, resource_owners=owners) == ListKeysResponse(
        keys=(entry,) if listed else (), truncated=False
    )


def test_the_owners_of_list_keys_are_one_or_two_known_ones(local: LocalKms) -> None:
    request = ListKeysRequest(resource_owners=())
    message = (
        "1 validation error detected: Value '[]' at 'resourceOwners' failed to satisfy constraint: "
        "Member must have length greater than or equal to 1"
    )
    refused(local, request, ValidationException, message)
    unknown: Any = ("SELF", "ANYONE")
    message = (
        "1 validation error detected: Value '[SELF, ANYONE]' at 'resourceOwners' failed to satisfy "
        "constraint: Member must satisfy constraint: "
        "[Member must satisfy enum value set: [SELF, OTHER_ACCOUNTS_VIA_RAM]]"
    )
    refused(local, ListKeysRequest(resource_owners=unknown), ValidationException, message)


# ---- EnableKey and DisableKey


def test_a_disabled_key_is_not_used_until_it_is_enabled_again(local: LocalKms) -> None:
    metadata = create(local)
    blob = encrypt(local, metadata.key_id)
    assert local.handle(DisableKeyRequest(key_id=metadata.key_id)) == DisableKeyResponse()
    disabled = evolve(metadata, key_state=KeyState.Disabled, enabled=False)
    assert describe(local, metadata.key_id) == disabled
    message = f"{metadata.arn} is disabled."
    for request in (
        EncryptRequest(key_id=metadata.key_id, plaintext=b"plain"),
        DecryptRequest(ciphertext_blob=blob),
        RotateKeyOnDemandRequest(key_id=metadata.key_id),
    ):
        error = refused(local, request, DisabledException, message)
        assert (error.arn, error.key_state) == (metadata.arn, KeyState.Disabled)
    assert local.handle(EnableKeyRequest(key_id=metadata.key_id)) == EnableKeyResponse()
    assert describe(local, metadata.key_id) == metadata
    assert decrypt(local, blob) == b"attack at dawn"


def test_enabling_an_enabled_key_and_disabling_a_disabled_one_changes_nothing(
    local: LocalKms,
) -> None:
    key_id = create(local).key_id
    for request in (EnableKeyRequest(key_id=key_id), DisableKeyRequest(key_id=key_id)):
        local.handle(request)
        once = describe(local, key_id)
        local.handle(request)
        assert describe(local, key_id) == once


@pytest.mark.parametrize("request_type", [EnableKeyRequest, DisableKeyRequest])
@pytest.mark.parametrize("state", ["deletion", "import"])
def test_a_key_is_not_enabled_or_disabled_while_it_is_pending(
    local: LocalKms, request_type: Any, state: str
) -> None:
    arn = create_external(local)
    if state == "deletion":
        local.handle(ScheduleKeyDeletionRequest(key_id=arn))
    error = refused(
        local, request_type(key_id=arn), KMSInvalidStateException, f"{arn} is pending {state}."
    )
    assert error.key_state == describe(local, arn).key_state


def test_an_external_key_is_disabled_and_enabled_as_others_are(local: LocalKms) -> None:
    arn = create_external(local, FIRST)
    local.handle(DisableKeyRequest(key_id=arn))
    assert describe(local, arn).key_state is KeyState.Disabled
    local.handle(EnableKeyRequest(key_id=arn))
    assert describe(local, arn).key_state is KeyState.Enabled


# ---- UpdateKeyDescription


def test_a_key_gets_another_description_and_nothing_else(local: LocalKms) -> None:
    metadata = create(local, description="for the vault")
    for description in ("for the safe", "", "d" * 8192, "\u20ac\n"):
        request = UpdateKeyDescriptionRequest(key_id=metadata.key_id, description=description)
        assert local.handle(request) == UpdateKeyDescriptionResponse()
        assert describe(local, metadata.key_id) == evolve(metadata, description=description)


def test_a_description_has_up_to_8192_characters_and_has_to_be_there(local: LocalKms) -> None:
    key_id = create(local).key_id
    nothing: Any = None
    for description, must in (
        ("d" * 8193, "have length less than or equal to 8192"),
        (nothing, "not be null"),
    ):
        request = UpdateKeyDescriptionRequest(key_id=key_id, description=description)
        value = "null" if description is None else f"'{description}'"
        message = (
            f"1 validation error detected: Value {value} at 'description' failed to satisfy "
            f"constraint: Member must {must}"
        )
        refused(local, request, ValidationException, message)


@pytest.mark.parametrize("state", [KeyState.Disabled, KeyState.PendingImport])
def test_a_key_gets_another_description_in_every_state_but_one(
    local: LocalKms, state: KeyState
) -> None:
    arn = create_external(local) if state is KeyState.PendingImport else arn_of(create(local))
    if state is KeyState.Disabled:
        local.handle(DisableKeyRequest(key_id=arn))
    local.handle(UpdateKeyDescriptionRequest(key_id=arn, description="another"))
    metadata = describe(local, arn)
    assert (metadata.key_state, metadata.description) == (state, "another")
    local.handle(ScheduleKeyDeletionRequest(key_id=arn))
    request = UpdateKeyDescriptionRequest(key_id=arn, description="a third")
    refused(local, request, KMSInvalidStateException, f"{arn} is pending deletion.")


# ---- deleted keys


def test_a_deleted_key_does_not_exist(local: LocalKms) -> None:
    arn = arn_of(create(local))
    local.handle(ScheduleKeyDeletionRequest(key_id=arn, pending_window_in_days=7))
    local.clock.advance(days=7)
    for name in sorted(_ALL.keys() - {"ImportKeyMaterial"}):
        error: KmsError = refused(
            local, _ALL[name](key_id=arn), NotFoundException, f"Key '{arn}' does not exist"
        )
        assert error.arn == arn
    assert local.clock.now() == NOW + timedelta(days=7)


@pytest.mark.parametrize(
    "owners, is_listed",
    [
        (("SELF",), True),
        (("OTHER_ACCOUNTS_VIA_RAM",), False),
        (("OTHER_ACCOUNTS_VIA_RAM", "OTHER_ACCOUNTS_VIA_RAM"), False),
        (("OTHER_ACCOUNTS_VIA_RAM", "SELF"), True),
        (None, True),
    ],
)
def test_no_keys_are_shared_by_other_accounts(owners: Any, *, is_listed: bool) -> None:
    local = local_kms()
    create(local)
    assert bool(local.handle(ListKeysRequest(resource_owners=owners)).keys) is is_listed
