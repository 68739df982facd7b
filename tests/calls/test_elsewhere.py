"""
Notes on what is not in the Region of a call, but in another: for whoever runs the model, and never on the wire.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from kmsmodel.errors import KmsError
from kmsmodel.local import LocalKms
from tests.basics import DAY, OTHER_ACCOUNT, OTHER_REGION, REGION
from tests.operations.custom_key_stores.stores import CLUSTER, create_store, kms_before
from tests.operations.steps import arn_of, create

ALIAS = "alias/orders"
THE_CALL = f"and the call in {OTHER_REGION}"


def notes(local: LocalKms, operation: str, members: dict[str, Any], **who: Any) -> list[str]:
    """The notes of an error of a call in the other Region. On the wire, it is as without them."""
    with pytest.raises(KmsError) as caught:
        local.dispatch(operation, members, region=OTHER_REGION, **who)
    told: list[str] = getattr(caught.value, "__notes__", [])
    body = {**members, "CiphertextBlob": ""} if "CiphertextBlob" in members else members
    answer = local.respond(f"TrentService.{operation}", json.dumps(body).encode(), region=REGION)
    assert not any(note.encode() in answer.body for note in told)
    return told


def test_a_key_and_an_alias_of_another_region_are_noted(local: LocalKms) -> None:
    key = create(local)
    local.dispatch("CreateAlias", {"AliasName": ALIAS, "TargetKeyId": key.key_id})
    for operation in ("DescribeKey", "GetKeyPolicy", "ScheduleKeyDeletion"):
        assert notes(local, operation, {"KeyId": key.key_id}) == [
            f"a key of this id is in {REGION}, {THE_CALL}"
        ]
    named = f"an alias of this name is in {REGION}, {THE_CALL}"
    assert notes(local, "DescribeKey", {"KeyId": ALIAS}) == [named]
    assert notes(local, "DeleteAlias", {"AliasName": ALIAS}) == [named]
    assert notes(local, "DescribeKey", {"KeyId": arn_of(key)}) == [
        f"the ARN is in {REGION}, {THE_CALL}"
    ]


def test_several_regions_are_told_and_those_of_other_accounts_are_not(local: LocalKms) -> None:
    for region in (REGION, "eu-west-1"):
        made = local.dispatch("CreateKey", {}, region=region)["KeyMetadata"]
        alias = {"AliasName": ALIAS, "TargetKeyId": made["KeyId"]}
        local.dispatch("CreateAlias", alias, region=region)
    asked = {"KeyId": ALIAS}
    both = f"an alias of this name is in eu-west-1 and {REGION}, {THE_CALL}"
    assert notes(local, "DescribeKey", asked) == [both]
    assert notes(local, "DescribeKey", asked, account=OTHER_ACCOUNT) == []
    assert notes(local, "DescribeKey", {"KeyId": "alias/other"}) == []


def test_a_key_that_is_deleted_there_is_not_noted(local: LocalKms) -> None:
    key = create(local)
    local.dispatch("ScheduleKeyDeletion", {"KeyId": key.key_id, "PendingWindowInDays": 7})
    assert notes(local, "DescribeKey", {"KeyId": key.key_id}) != []
    local.clock.advance(7 * DAY)
    assert notes(local, "DescribeKey", {"KeyId": key.key_id}) == []


def test_the_key_of_a_ciphertext_of_another_region_is_noted(local: LocalKms) -> None:
    key = create(local)
    sealed = local.dispatch("Encrypt", {"KeyId": key.key_id, "Plaintext": b"x"})["CiphertextBlob"]
    told = notes(local, "Decrypt", {"CiphertextBlob": sealed})
    assert told[-1] == f"the key of this ciphertext is in {REGION}, {THE_CALL}"
    changed = sealed[:-1] + bytes([sealed[-1] ^ 1])
    assert THE_CALL not in str(notes(local, "Decrypt", {"CiphertextBlob": changed})[:-1])


def test_a_custom_key_store_of_another_region_is_noted() -> None:
    local = kms_before(CLUSTER)
    store = create_store(local, CLUSTER)
    noted = [f"such a custom key store is in {REGION}, {THE_CALL}"]
    for operation in ("ConnectCustomKeyStore", "DescribeCustomKeyStores"):
        assert notes(local, operation, {"CustomKeyStoreId": store}) == noted
    assert notes(local, "DescribeCustomKeyStores", {"CustomKeyStoreName": "a store"}) == noted
    assert notes(local, "DescribeCustomKeyStores", {"CustomKeyStoreName": "another"}) == []
