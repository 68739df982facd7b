"""
What CloudTrail and EventBridge tell of AWS KMS.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from attrs import asdict
from hypothesis import given, strategies as st

from kmsmodel.calls.call import Call
from kmsmodel.calls.caller import Caller
from kmsmodel.calls.request import Request
from kmsmodel.errors import KmsError
from kmsmodel.hsm.recipient import RecipientInfo
from kmsmodel.key.event import Event, EventName
from kmsmodel.key.tag import Tag
from kmsmodel.memory.kms import Kms
from kmsmodel.operations.aliases import CreateAliasRequest, ListAliasesRequest, UpdateAliasRequest
from kmsmodel.operations.asymmetric_keys import SignRequest
from kmsmodel.operations.data_keys import GenerateDataKeyPairRequest, GenerateRandomRequest
from kmsmodel.operations.deletion import CancelKeyDeletionRequest, ScheduleKeyDeletionRequest
from kmsmodel.operations.encryption import DecryptRequest, EncryptRequest, ReEncryptRequest
from kmsmodel.operations.grant_deletion import (
    RetireGrantRequest,
)
from kmsmodel.operations.grants import (
    CreateGrantRequest,
)
from kmsmodel.operations.importing import (
    DeleteImportedKeyMaterialRequest,
    GetParametersForImportRequest,
)
from kmsmodel.operations.keys import (
    CreateKeyRequest,
    DescribeKeyRequest,
    DisableKeyRequest,
    EnableKeyRequest,
)
from kmsmodel.operations.rotation import EnableKeyRotationRequest, RotateKeyOnDemandRequest
from kmsmodel.operations.tags import TagResourceRequest
from kmsmodel.policy.grant import GrantConstraints
from kmsmodel.policy.principal import principal
from kmsmodel.service import handle, respond
from kmsmodel.testing.values import spans
from kmsmodel.trail.cloudtrail import cloudtrail_records
from kmsmodel.trail.eventbridge import eventbridge_event
from kmsmodel.trail.exchange import Exchange, exchange
from kmsmodel.trail.traits import TRAITS
from kmsmodel.words.arn import parse_key_arn
from kmsmodel.words.enumerations import (
    AlgorithmSpec,
    DataKeyPairSpec,
    GrantOperation,
    KeySpec,
    KeyUsageType,
    OriginType,
    SigningAlgorithmSpec,
    WrappingKeySpec,
)
from tests import attested, strategies
from tests.basics import ACCOUNT, DAY, HSM, NOBODY, NOW, OTHER_ACCOUNT, REGION, call, facts
from tests.key_stores import CLUSTERS, PROXIES, of_cluster, of_proxy
from tests.worlds.conversation import Conversation
from tests.worlds.outcome import Refused, keys_of, outcome, secrets_of
from tests.worlds.world import World, world

EXAMPLES: Mapping[str, Any] = facts("cloudtrail/examples.json")["examples"]
OWNER = f"arn:aws:iam::{ACCOUNT}:root"


def told(kms: Kms, request: Request[Any], by: Call | None = None) -> tuple[dict[str, Any], ...]:
    return cloudtrail_records(Exchange.of(kms, request, by or call(now=NOW)))


# ---- laws


@given(strategies.worlds(), st.data())
def test_an_exchange_is_what_handling_the_request_gives(world: World, data: st.DataObject) -> None:
    request = data.draw(strategies.any_requests(world))
    made = Exchange.of(world.kms, request, world.call())
    after, answer = outcome(world.kms, request, world.call())
    assert made.after == after
    if isinstance(answer, Refused):
        assert isinstance(made.answer, KmsError)
        assert (made.answer.code, made.answer.message) == (answer.code, answer.message)
    else:
        assert made.answer == answer


@pytest.mark.parametrize("operation", sorted(TRAITS))
@strategies.per_operation
@given(strategies.worlds(), st.data())
def test_each_request_has_a_record_in_plain_json_without_a_secret(
    operation: str, world: World, data: st.DataObject
) -> None:
    request = data.draw(strategies.requests(world, operation))
    made = Exchange.of(world.kms, request, world.call())
    first, *others = cloudtrail_records(made)
    assert first["eventName"] == operation
    assert first["recipientAccountId"] == ACCOUNT
    written = json.dumps([first, *others])
    assert json.loads(written) == [first, *others]
    hidden = secrets_of(keys_of(made.after)) | _bytes_in(request) | _bytes_in(made.answer)
    assert not any(base64.b64encode(each).decode() in written for each in hidden if len(each) > 8)


def _bytes_in(of: Any) -> set[bytes]:
    members: list[Any] = [] if isinstance(of, KmsError) else list(asdict(of).values())
    return {each for each in members if isinstance(each, bytes)}


@given(strategies.worlds(), st.data())
def test_a_refused_request_has_its_error_and_no_response(world: World, data: st.DataObject) -> None:
    request = data.draw(strategies.requests(world))
    made = Exchange.of(world.kms, request, world.call())
    (record, *_) = cloudtrail_records(made)
    code = getattr(made.answer, "code", None)
    assert record.get("errorCode") == ("AccessDenied" if code == "AccessDeniedException" else code)
    if code is not None:
        assert record["responseElements"] is None
        assert made.events == ()


@given(strategies.worlds(), spans())
def test_each_event_has_one_record_and_one_event_of_eventbridge_about_its_key(
    world: World, span: timedelta
) -> None:
    for event in world.kms.events(world.now, world.now + span):
        (record,) = cloudtrail_records(event)
        sent = eventbridge_event(event)
        assert record["resources"][0]["ARN"] == event.key_arn == sent["resources"][0]
        assert record["eventTime"] == sent["time"]
        assert record["eventID"] == sent["id"]


@given(strategies.worlds(), spans(), st.data())
def test_what_time_and_steps_tell_together_is_every_rotation(
    world: World, span: timedelta, data: st.DataObject
) -> None:
    """
    A host that asks for events before each request, and for those of the request, misses none.

    Multi-Region relatives rotate together, and the rotation is told of the primary key.
    """
    kms, since = world.kms, world.now
    heard: list[Event] = []
    for number in range(3):
        now = since + span
        heard += kms.events(since, now)
        request = data.draw(strategies.requests(world))
        made = Exchange.of(kms, request, call(f"call {number}", now))
        heard += made.events
        kms, since = made.after, now
    rotated = {
        (key.key_arn.key_id, material.key_material_id)
        for key in kms.keys(since)
        for material in key.lifecycle.materials
        if material.rotation_date is not None and material.rotation_date > world.now
    }
    told_of = [each for each in heard if each.name is EventName.RotateKey]
    assert rotated <= {
        (parse_key_arn(each.key_arn).key_id, each.key_material_id) for each in told_of
    }
    assert len(set(heard)) == len(heard)


# ---- as AWS's pages have it


def _filled_in(example: Any, names: Mapping[str, str | None]) -> Any:
    text = json.dumps(example)
    for name, value in sorted(names.items(), reverse=True):
        text = text.replace(f'"{name}"', json.dumps(value))
    return json.loads(text)


def _by_request(operation: str) -> tuple[dict[str, Any], Mapping[str, str | None]]:
    ask = Conversation("examples", NOW)
    imports = operation in {"DeleteImportedKeyMaterial", "GetParametersForImport"}
    if operation == "Sign":
        key_id = ask.create_key(key_spec=KeySpec.RSA_2048, key_usage=KeyUsageType.SIGN_VERIFY)
    else:
        key_id = ask.create_key(origin=OriginType.EXTERNAL if imports else None)
    if operation == "DeleteImportedKeyMaterial":
        ask.import_key_material(key_id, bytes(range(32)))
    if operation == "UpdateAlias":
        ask(CreateAliasRequest(alias_name="alias/my_alias", target_key_id=key_id))
    if operation == "CancelKeyDeletion":
        ask(ScheduleKeyDeletionRequest(key_id=key_id))
    metadata = ask.describe_key(key_id)
    names = {
        "KEY_ID": key_id,
        "KEY_ARN": metadata.arn,
        "MATERIAL": metadata.current_key_material_id,
        "ALIAS_ARN": f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/my_alias",
    }
    requests: Mapping[str, Request[Any]] = {
        "CancelKeyDeletion": CancelKeyDeletionRequest(key_id=key_id),
        "UpdateAlias": UpdateAliasRequest(alias_name="alias/my_alias", target_key_id=key_id),
        "TagResource": TagResourceRequest(
            key_id=metadata.arn or "", tags=(Tag(tag_key="Department", tag_value="IT"),)
        ),
        "Sign": SignRequest(
            key_id=key_id,
            message=b"a",
            signing_algorithm=SigningAlgorithmSpec.RSASSA_PKCS1_V1_5_SHA_256,
        ),
        "GenerateDataKeyPair": GenerateDataKeyPairRequest(
            key_id=key_id,
            key_pair_spec=DataKeyPairSpec.RSA_3072,
            encryption_context={"Project": "Alpha"},
        ),
        "DeleteImportedKeyMaterial": DeleteImportedKeyMaterialRequest(
            key_id=key_id, key_material_id=metadata.current_key_material_id
        ),
        "GetParametersForImport": GetParametersForImportRequest(
            key_id=key_id,
            wrapping_algorithm=AlgorithmSpec.RSAES_OAEP_SHA_256,
            wrapping_key_spec=WrappingKeySpec.RSA_2048,
        ),
        "ListAliases": ListAliasesRequest(limit=5),
    }
    (record,) = told(ask.kms, requests[operation])
    return record, names


def _by_time(name: str) -> tuple[Event, Mapping[str, str | None]]:
    ask = Conversation("examples", NOW)
    expires = name == "DeleteExpiredKeyMaterial"
    key_id = ask.create_key(origin=OriginType.EXTERNAL if expires else None)
    if expires:
        ask.import_key_material(key_id, bytes(range(32)), valid_to=NOW + DAY)
    elif name == "RotateKey":
        ask(EnableKeyRotationRequest(key_id=key_id))
    metadata = ask.describe_key(key_id)
    if name == "DeleteKey":
        ask(ScheduleKeyDeletionRequest(key_id=key_id))
    (event,) = ask.kms.events(NOW, NOW + 400 * DAY)
    names = {
        "KEY_ID": key_id,
        "KEY_ARN": metadata.arn,
        "MATERIAL": metadata.current_key_material_id,
        "OTHER_MATERIAL": event.key_material_id,
    }
    return event, names


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_record_is_as_in_the_example_of_the_guide(name: str) -> None:
    if EXAMPLES[name]["eventType"] == "AwsServiceEvent":
        event, names = _by_time(name)
        (record,) = cloudtrail_records(event)
    else:
        record, names = _by_request(name)
    expected = _filled_in(EXAMPLES[name], names)
    assert record | expected == record


def test_a_new_key_is_told_with_the_defaults_of_the_request_and_its_metadata() -> None:
    (record,) = told(Kms(), CreateKeyRequest(multi_region=True))
    assert record["requestParameters"] == {
        "description": "",
        "origin": "AWS_KMS",
        "bypassPolicyLockoutSafetyCheck": False,
        "keyUsage": "ENCRYPT_DECRYPT",
        "multiRegion": True,
        "customerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "keySpec": "SYMMETRIC_DEFAULT",
    }
    metadata = record["responseElements"]["keyMetadata"]
    assert metadata["aWSAccountId"] == ACCOUNT
    assert metadata["creationDate"] == "2026-11-24T12:30:15Z"
    assert record["resources"] == [
        {"accountId": ACCOUNT, "type": "AWS::KMS::Key", "ARN": metadata["arn"]}
    ]


def test_decrypting_tells_the_algorithm_the_context_and_the_key_material() -> None:
    key = world().named("generated")
    sealed = key.ciphertexts[0]
    (record,) = told(world().kms, sealed.request(), world().call())
    parameters: dict[str, Any] = {"encryptionAlgorithm": "SYMMETRIC_DEFAULT"}
    if sealed.encryption_context:
        parameters["encryptionContext"] = sealed.encryption_context
    assert record["requestParameters"] == parameters
    assert record["responseElements"] is None
    assert set(record["additionalEventData"]) == {"keyMaterialId"}
    assert record["resources"][0]["ARN"] == key.arn


@pytest.mark.parametrize(
    "of, told_of_it",
    [
        (
            {"pcrs": {number: bytes([number]) * 48 for number in range(16)}},
            {
                "attestationDocumentEnclaveImageDigest": "A" * 64,
                "attestationDocumentEnclavePCR1": "AQEB" * 16,
                "attestationDocumentEnclavePCR2": "AgIC" * 16,
                "attestationDocumentEnclavePCR3": "AwMD" * 16,
                "attestationDocumentEnclavePCR4": "BAQE" * 16,
                "attestationDocumentEnclavePCR8": "CAgI" * 16,
            },
        ),
        ({"pcrs": {8: bytes(48)}}, {"attestationDocumentEnclavePCR8": "A" * 64}),
        (
            {"pcrs": {number: bytes(48) for number in range(24)}, "is_of_nitro_tpm": True},
            {
                f"attestationDocumentNitroTPMPCR{number}": "A" * 64
                for number in (4, 7, 8, 9, 16, 23)
            },
        ),
    ],
)
def test_an_attested_call_tells_the_recipient(
    of: dict[str, Any], told_of_it: dict[str, str]
) -> None:
    local = attested.local_kms()
    call_ = call(hsm=local.hsm, now=local.clock.now())
    request = GenerateRandomRequest(
        number_of_bytes=1, recipient=attested.recipient(module_id="i-1-enc2", **of)
    )
    (record,) = told(local.kms, request, call_)
    assert record["additionalEventData"] == {
        "recipient": {"attestationDocumentModuleId": "i-1-enc2", **told_of_it}
    }
    assert record["requestParameters"] == {"numberOfBytes": 1}


def test_an_attested_call_that_is_refused_tells_no_recipient() -> None:
    local = attested.local_kms()
    call_ = call(hsm=local.hsm, now=local.clock.now())
    missing = DecryptRequest(ciphertext_blob=b"blob", key_id=NOBODY, recipient=attested.recipient())
    damaged = GenerateRandomRequest(
        number_of_bytes=1, recipient=RecipientInfo(attestation_document=b"damaged")
    )
    for request in (missing, damaged):
        (record,) = told(local.kms, request, call_)
        assert record["errorCode"]
        assert "additionalEventData" not in record


def test_re_encrypting_is_one_record_with_the_source_first() -> None:
    source, target = world().named("generated"), world().named("imported")
    sealed = source.ciphertexts[0]
    request = ReEncryptRequest(
        ciphertext_blob=sealed.ciphertext,
        source_encryption_context=sealed.encryption_context,
        destination_key_id=target.key_id,
    )
    (record,) = told(world().kms, request, world().call())
    assert [each["ARN"] for each in record["resources"]] == [source.arn, target.arn]
    assert set(record["additionalEventData"]) == {
        "sourceKeyMaterialId",
        "destinationKeyMaterialId",
    }
    assert record["readOnly"] is True


def test_an_encryption_context_keeps_its_names() -> None:
    key = world().named("generated")
    request = EncryptRequest(key_id=key.key_id, plaintext=b"a", encryption_context={"Key": "V"})
    (record,) = told(world().kms, request, world().call())
    assert record["requestParameters"]["encryptionContext"] == {"Key": "V"}
    assert "plaintext" not in record["requestParameters"]


def test_a_disabled_key_is_told_with_its_error() -> None:
    key = world().named("generated and disabled")
    (record,) = told(world().kms, EncryptRequest(key_id=key.key_id, plaintext=b"a"), world().call())
    assert record["errorCode"] == "DisabledException"
    assert record["errorMessage"] == f"{key.arn} is disabled."
    assert record["requestParameters"]["keyId"] == key.key_id
    assert record["resources"][0]["ARN"] == key.arn


def test_a_denial_tells_its_message_and_nothing_of_the_request() -> None:
    """As it was recorded."""
    key = world().named("generated")
    by = Call(now=NOW, hsm=HSM, request_id="denied", account=OTHER_ACCOUNT)
    (record,) = told(world().kms, DescribeKeyRequest(key_id=key.arn), by)
    assert record["errorCode"] == "AccessDenied"
    assert record["errorMessage"].startswith(f"User: arn:aws:iam::{OTHER_ACCOUNT}:root is not")
    assert record["requestParameters"] is None
    assert "resources" not in record
    assert "additionalEventData" not in record
    assert record["recipientAccountId"] == OTHER_ACCOUNT


def test_a_body_that_is_no_request_has_no_record() -> None:
    made = exchange(Kms(), "TrentService.CreateKey", b"{", call())
    assert made.request is None
    assert [*made.keys, *made.events, *cloudtrail_records(made)] == []
    assert made.response == respond(Kms(), "TrentService.CreateKey", b"{", call())[1]


def test_an_exchange_has_the_answer_on_the_wire() -> None:
    made = exchange(Kms(), "TrentService.CreateKey", b"{}", call())
    assert (made.after, made.response) == respond(Kms(), "TrentService.CreateKey", b"{}", call())


# ---- grants


def _granted(token: bool) -> tuple[Kms, CreateGrantRequest, RetireGrantRequest, str]:
    ask = Conversation("granting", NOW)
    arn = ask.describe_key(ask.create_key()).arn or ""
    create = CreateGrantRequest(
        key_id=arn,
        grantee_principal=OWNER,
        retiring_principal=OWNER,
        operations=(GrantOperation.Decrypt,),
        constraints=GrantConstraints(encryption_context_subset={"Key": "Value"}),
    )
    made = ask(create)
    if token:
        return ask.kms, create, RetireGrantRequest(grant_token=made.grant_token), arn
    return ask.kms, create, RetireGrantRequest(key_id=arn, grant_id=made.grant_id), arn


def test_a_grant_is_told_without_its_token() -> None:
    kms, create, _, arn = _granted(token=False)
    (record,) = told(kms, create)
    assert record["requestParameters"] == {
        "keyId": arn,
        "granteePrincipal": OWNER,
        "retiringPrincipal": OWNER,
        "operations": ["Decrypt"],
        "constraints": {"encryptionContextSubset": {"Key": "Value"}},
    }
    assert set(record["responseElements"]) == {"grantId", "keyId"}
    assert record["readOnly"] is False


@pytest.mark.parametrize("token", [False, True])
def test_retiring_a_grant_tells_its_key(token: bool) -> None:
    kms, _, retire, arn = _granted(token)
    (record,) = told(kms, retire)
    assert record["requestParameters"] is None
    assert record["responseElements"] == {"keyId": arn}
    assert record["resources"][0]["ARN"] == arn
    more = None if token else {"grantId": retire.grant_id}
    assert record.get("additionalEventData") == more


# ---- several accounts


def test_a_custom_key_store_is_told_without_its_password_and_its_credential() -> None:
    (of_a_cluster,) = told(Kms(), of_cluster(CLUSTERS[0], "a"))
    assert set(of_a_cluster["requestParameters"]) == {
        "customKeyStoreName",
        "cloudHsmClusterId",
        "trustAnchorCertificate",
    }
    (of_a_proxy,) = told(Kms(), of_proxy(PROXIES[0], "a"))
    assert of_a_proxy["requestParameters"] == {
        "customKeyStoreName": "a",
        "customKeyStoreType": "EXTERNAL_KEY_STORE",
        "xksProxyConnectivity": "PUBLIC_ENDPOINT",
        "xksProxyUriEndpoint": PROXIES[0].uri_endpoint,
        "xksProxyUriPath": PROXIES[0].uri_path,
    }
    assert of_a_proxy["readOnly"] is False
    assert list(of_a_proxy["responseElements"]) == ["customKeyStoreId"]


def test_both_accounts_are_told_of_a_call_to_a_key_of_another_account() -> None:
    kms, made = handle(Kms(), CreateKeyRequest(), call("create"))
    arn = made.key_metadata.arn or ""
    by = Call(now=NOW, hsm=HSM, request_id="across", caller=Caller.unasked(OTHER_ACCOUNT))
    theirs, ours = told(kms, DescribeKeyRequest(key_id=arn), by)
    assert (theirs["recipientAccountId"], ours["recipientAccountId"]) == (OTHER_ACCOUNT, ACCOUNT)
    assert theirs["sharedEventID"] == ours["sharedEventID"]
    assert theirs["eventID"] != ours["eventID"]
    assert theirs["userIdentity"]["type"] == "Root"
    assert ours["userIdentity"] == {
        "type": "AWSAccount",
        "principalId": OTHER_ACCOUNT,
        "accountId": OTHER_ACCOUNT,
    }


# ---- who


ROLE = f"arn:aws:iam::{ACCOUNT}:role/path/Admin"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/Admin/alice"


@pytest.mark.parametrize(
    "caller, identity",
    [
        (
            Caller(OWNER),
            {"type": "Root", "principalId": ACCOUNT, "arn": OWNER, "accountId": ACCOUNT},
        ),
        (
            Caller(f"arn:aws:iam::{ACCOUNT}:user/division/Alice"),
            {
                "type": "IAMUser",
                "arn": f"arn:aws:iam::{ACCOUNT}:user/division/Alice",
                "accountId": ACCOUNT,
                "userName": "Alice",
            },
        ),
        (
            Caller(principal(SESSION, issuer=ROLE, unique_id="AROAEXAMPLE")),
            {
                "type": "AssumedRole",
                "principalId": "AROAEXAMPLE:alice",
                "arn": SESSION,
                "accountId": ACCOUNT,
                "sessionContext": {
                    "sessionIssuer": {
                        "type": "Role",
                        "principalId": "AROAEXAMPLE",
                        "arn": ROLE,
                        "accountId": ACCOUNT,
                        "userName": "Admin",
                    }
                },
            },
        ),
        (
            Caller(f"arn:aws:sts::{ACCOUNT}:federated-user/bob"),
            {
                "type": "FederatedUser",
                "principalId": f"{ACCOUNT}:bob",
                "arn": f"arn:aws:sts::{ACCOUNT}:federated-user/bob",
                "accountId": ACCOUNT,
            },
        ),
        (
            Caller("sns.amazonaws.com", account=ACCOUNT),
            {"type": "AWSService", "invokedBy": "sns.amazonaws.com"},
        ),
        (
            Caller(OWNER).through("secretsmanager.us-west-2.amazonaws.com"),
            {
                "type": "Root",
                "principalId": ACCOUNT,
                "arn": OWNER,
                "accountId": ACCOUNT,
                "invokedBy": "secretsmanager.amazonaws.com",
            },
        ),
    ],
    ids=["root", "user", "session", "federated", "service", "through a service"],
)
def test_who_called_is_told_by_their_kind(caller: Caller, identity: Mapping[str, Any]) -> None:
    by = Call(now=NOW, hsm=HSM, request_id="who", caller=caller)
    (record,) = told(Kms(), ListAliasesRequest(), by)
    assert record["userIdentity"] == identity
    service = identity.get("invokedBy")
    assert record.get("sourceIPAddress") == record.get("userAgent") == service


def test_a_host_tells_the_address_and_the_agent_by_the_caller() -> None:
    caller = Caller(OWNER, context={"aws:SourceIp": "192.0.2.0", "aws:UserAgent": "aws-cli"})
    by = Call(now=NOW, hsm=HSM, request_id="who", caller=caller)
    (record,) = told(Kms(), ListAliasesRequest(), by)
    assert (record["sourceIPAddress"], record["userAgent"]) == ("192.0.2.0", "aws-cli")


# ---- what a step makes AWS KMS do


def test_a_rotation_that_takes_no_time_is_told_after_the_request_for_it() -> None:
    ask = Conversation("rotating", NOW)
    key_id = ask.create_key()
    asked, rotated = told(ask.kms, RotateKeyOnDemandRequest(key_id=key_id))
    assert (asked["eventName"], rotated["eventName"]) == ("RotateKeyOnDemand", "RotateKey")
    assert rotated["serviceEventDetails"]["rotationType"] == "ON_DEMAND"
    assert rotated["eventTime"] == asked["eventTime"]


def test_a_rotation_that_is_overdue_is_told_after_the_request_that_enables_its_key() -> None:
    ask = Conversation("overdue", NOW)
    key_id = ask.create_key()
    ask(EnableKeyRotationRequest(key_id=key_id, rotation_period_in_days=90))
    ask(DisableKeyRequest(key_id=key_id))
    ask.advance(100 * DAY)
    made = Exchange.of(ask.kms, EnableKeyRequest(key_id=key_id), call("enable", ask.now))
    (event,) = made.events
    assert event.at == ask.now
    assert made.after.events(ask.now, ask.now + 90 * DAY) != made.events


# ---- EventBridge


@pytest.mark.parametrize(
    "name, detail_type",
    [
        ("DeleteExpiredKeyMaterial", "KMS Imported Key Material Expiration"),
        ("DeleteKey", "KMS CMK Deletion"),
        ("RotateKey", "KMS CMK Rotation"),
    ],
)
def test_eventbridge_is_sent_what_the_guide_shows(name: str, detail_type: str) -> None:
    event, names = _by_time(name)
    (record,) = cloudtrail_records(event)
    assert eventbridge_event(event) == {
        "version": "0",
        "id": record["eventID"],
        "detail-type": detail_type,
        "source": "aws.kms",
        "account": ACCOUNT,
        "time": record["eventTime"],
        "region": REGION,
        "resources": [names["KEY_ARN"]],
        "detail": {"key-id": names["KEY_ID"]},
    }


def test_a_call_that_is_told_twice_has_the_same_record() -> None:
    made = Exchange.of(Kms(), DecryptRequest(ciphertext_blob=b"a"), call())
    assert cloudtrail_records(made) == cloudtrail_records(made)


def test_an_exchange_shows_no_secret_and_no_state() -> None:
    key = world().named("generated")
    request = EncryptRequest(key_id=key.key_id, plaintext=b"not to be shown")
    shown = repr(Exchange.of(world().kms, request, world().call()))
    assert "not to be shown" not in shown
    assert "HashTrieMap" not in shown
