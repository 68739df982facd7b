"""
KMS keys in custom key stores: how they are created, when they are available, and who really encrypts.
"""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from attrs import evolve

from kmsmodel.calls import external_keys
from kmsmodel.calls.delays import Delays
from kmsmodel.calls.external_keys import NOT_CONNECTED
from kmsmodel.calls.request import Request
from kmsmodel.errors import (
    CloudHsmClusterInvalidConfigurationException,
    CustomKeyStoreInvalidStateException,
    InvalidCiphertextException,
    KmsError,
    KMSInvalidStateException,
    UnsupportedOperationException,
    ValidationException,
    XksKeyAlreadyInUseException,
    XksKeyInvalidConfigurationException,
    XksKeyNotFoundException,
    XksProxyInvalidResponseException,
    XksProxyUriUnreachableException,
)
from kmsmodel.hsm import ciphertext
from kmsmodel.hsm.external_keys import ExternalCiphertext, XksFailure
from kmsmodel.hsm.key_stores import KeyStores
from kmsmodel.hsm.secret import Secret
from kmsmodel.key.key_metadata import XksKeyConfigurationType
from kmsmodel.local import LocalKms
from kmsmodel.operations.deletion import CancelKeyDeletionRequest, ScheduleKeyDeletionRequest
from kmsmodel.operations.encryption import DecryptRequest, EncryptRequest, ReEncryptRequest
from kmsmodel.operations.keys import DisableKeyRequest, EnableKeyRequest
from kmsmodel.storage.snapshot import from_json, to_json
from kmsmodel.words.arn import parse_key_arn
from kmsmodel.words.enumerations import KeySpec, KeyState, KeyUsageType, OriginType
from tests.basics import ACCOUNT, DAY, MICROSECOND, REGION, call, facts
from tests.key_stores import behind, external_key, proxy
from tests.operations.custom_key_stores.stores import (
    CLUSTER,
    MINUTE,
    PROXY,
    Thing,
    connect,
    connected,
    create_key,
    create_store,
    disconnect,
    key_request,
    kms_before,
    request_for,
)
from tests.operations.steps import describe, refused

BOTH = pytest.mark.parametrize("thing", [CLUSTER, PROXY], ids=["cluster", "proxy"])


def with_key(thing: Thing, **how: Any) -> tuple[LocalKms, str, str]:
    """A KMS, a connected key store, and the ARN of a key in it."""
    local = kms_before(thing, **how)
    store = connected(local, thing)
    return local, store, create_key(local, store, thing).arn or ""


# ---- creating


def test_a_key_in_a_cluster_tells_its_key_store_and_its_cluster() -> None:
    local, store, arn = with_key(CLUSTER)
    told = describe(local, arn)
    assert (told.custom_key_store_id, told.cloud_hsm_cluster_id) == (store, CLUSTER.cluster_id)
    assert (told.origin, told.key_state) == (OriginType.AWS_CLOUDHSM, KeyState.Enabled)
    assert (told.xks_key_configuration, told.current_key_material_id) == (None, None)
    assert (told.key_spec, told.multi_region) == (KeySpec.SYMMETRIC_DEFAULT, False)


def test_a_key_in_an_external_key_store_tells_its_external_key() -> None:
    local, store, arn = with_key(PROXY)
    told = describe(local, arn)
    assert (told.custom_key_store_id, told.cloud_hsm_cluster_id) == (store, None)
    assert told.xks_key_configuration == XksKeyConfigurationType(id="key-0")
    assert (told.origin, told.current_key_material_id) == (OriginType.EXTERNAL_KEY_STORE, None)


@BOTH
@pytest.mark.parametrize(
    "members, error, message",
    [
        (
            {"key_spec": KeySpec.RSA_2048, "key_usage": KeyUsageType.ENCRYPT_DECRYPT},
            ValidationException,
            "KeySpec RSA_2048 is not supported for Origin {origin}",
        ),
        (
            {"key_spec": KeySpec.HMAC_256, "key_usage": KeyUsageType.GENERATE_VERIFY_MAC},
            ValidationException,
            "KeySpec HMAC_256 is not supported for Origin {origin}",
        ),
        ({"multi_region": True}, UnsupportedOperationException, ""),
    ],
)
def test_a_key_store_has_symmetric_single_region_keys_only(
    members: dict[str, Any], error: type[KmsError], message: str, thing: Thing
) -> None:
    local = kms_before(thing)
    request = evolve(key_request(connected(local, thing), thing), **members)
    refused(local, request, error, message.format(origin=request.origin))


def test_an_external_key_is_named_where_there_is_one() -> None:
    local = kms_before(CLUSTER, PROXY)
    in_cluster, in_proxy = connected(local, CLUSTER, "a"), connected(local, PROXY, "b")
    request = evolve(key_request(in_cluster, CLUSTER), xks_key_id="key-0")
    message = "Origin AWS_CLOUDHSM is not compatible with an XksKeyId."
    refused(local, request, ValidationException, message)
    request = evolve(key_request(in_proxy, PROXY), xks_key_id=None)
    message = "Origin EXTERNAL_KEY_STORE requires an XksKeyId."
    refused(local, request, ValidationException, message)
    for request in (key_request(in_proxy, CLUSTER), key_request(in_cluster, PROXY)):
        message = f"Origin {request.origin} is not compatible with this custom key store."
        refused(local, request, ValidationException, message)


@BOTH
def test_a_key_is_created_only_in_a_key_store_that_is_connected(thing: Thing) -> None:
    local = kms_before(thing)
    store = create_store(local, thing)
    message = "" if thing is CLUSTER else NOT_CONNECTED
    request = key_request(store, thing)
    refused(local, request, CustomKeyStoreInvalidStateException, message)


@pytest.mark.parametrize("facts_", [{"active_hsms": 1}, {"is_reachable": False}, None])
def test_a_cluster_that_is_too_small_or_out_of_reach_gets_no_key(
    facts_: dict[str, Any] | None,
) -> None:
    local = kms_before(CLUSTER)
    store = connected(local, CLUSTER)
    local.key_stores = behind() if facts_ is None else behind(evolve(CLUSTER, **facts_))
    error = CloudHsmClusterInvalidConfigurationException
    refused(local, key_request(store, CLUSTER), error, "")


def test_an_external_key_belongs_to_one_kms_key_of_its_store_until_that_is_deleted() -> None:
    local, store, arn = with_key(PROXY)
    refused(local, key_request(store, PROXY), XksKeyAlreadyInUseException, "")
    create_key(local, store, PROXY, "key-1")
    local.handle(ScheduleKeyDeletionRequest(key_id=arn, pending_window_in_days=7))
    local.clock.advance(7 * DAY - MICROSECOND)
    refused(local, key_request(store, PROXY), XksKeyAlreadyInUseException, "")
    local.clock.advance(MICROSECOND)
    create_key(local, store, PROXY)
    refused(local, key_request(store, PROXY), XksKeyAlreadyInUseException, "")
    of = local.kms.account_in_region(ACCOUNT, REGION)
    assert of.keys.get(parse_key_arn(arn).key_id) is None, "two keys have one external key"
    assert from_json(to_json(local.kms, clear=True)) == local.kms
    local.restore(local.kms.settle(local.clock.now()))
    refused(local, key_request(store, PROXY), XksKeyAlreadyInUseException, "")


@pytest.mark.parametrize(
    "key, failure",
    [
        (external_key("a", is_enabled=False), XksFailure.InvalidStateException),
        (external_key("a", usage=("ENCRYPT", "SIGN")), XksFailure.InvalidKeyUsageException),
        (external_key("a", secret=Secret(bytes(16))), None),
    ],
)
def test_an_external_key_that_does_not_fit_gets_no_kms_key(
    key: Any, failure: XksFailure | None
) -> None:
    there = evolve(PROXY, keys={"key-0": key})
    local = kms_before(there)
    message = "" if failure is None else external_keys.error_of_new_key(failure).message
    request = key_request(connected(local, there), there)
    refused(local, request, XksKeyInvalidConfigurationException, message)


# ---- available and not


@BOTH
def test_a_key_is_unavailable_while_its_store_is_not_connected(thing: Thing) -> None:
    """Also while the key store connects; and then it is as it was."""
    local, store, arn = with_key(thing, delays=Delays(disconnecting=MINUTE))
    local.handle(DisableKeyRequest(key_id=arn))
    disconnect(local, store)
    assert describe(local, arn).key_state is KeyState.Unavailable
    local.clock.advance(MINUTE)
    told = describe(local, arn)
    assert (told.key_state, told.enabled) == (KeyState.Unavailable, False)
    local.delays = Delays(connecting=MINUTE)
    connect(local, store)
    assert local.kms.next_event_at(local.clock.now()) == local.clock.now() + MINUTE
    assert describe(local, arn).key_state is KeyState.Unavailable
    local.clock.advance(MINUTE)
    assert describe(local, arn).key_state is KeyState.Disabled
    assert local.kms.next_event_at(local.clock.now()) is None


@BOTH
def test_enabling_an_unavailable_key_shows_when_it_is_available(thing: Thing) -> None:
    local, store, arn = with_key(thing)
    local.handle(DisableKeyRequest(key_id=arn))
    disconnect(local, store)
    local.handle(EnableKeyRequest(key_id=arn))
    assert describe(local, arn).key_state is KeyState.Unavailable
    connect(local, store)
    assert describe(local, arn).key_state is KeyState.Enabled


@BOTH
def test_a_key_that_is_pending_deletion_stays_so_when_its_store_is_disconnected(
    thing: Thing,
) -> None:
    local, store, arn = with_key(thing)
    disconnect(local, store)
    local.handle(ScheduleKeyDeletionRequest(key_id=arn))
    assert describe(local, arn).key_state is KeyState.PendingDeletion
    local.handle(CancelKeyDeletionRequest(key_id=arn))
    assert describe(local, arn).key_state is KeyState.Unavailable
    connect(local, store)
    assert describe(local, arn).key_state is KeyState.Disabled


@BOTH
def test_an_unavailable_key_refuses_use(thing: Thing) -> None:
    local, store, arn = with_key(thing)
    sealed = local.handle(EncryptRequest(key_id=arn, plaintext=b"a")).ciphertext_blob
    disconnect(local, store)
    message = f"{arn} is unavailable." if thing is CLUSTER else NOT_CONNECTED
    for request in (
        EncryptRequest(key_id=arn, plaintext=b"a"),
        DecryptRequest(ciphertext_blob=sealed),
    ):
        error = refused(local, request, KMSInvalidStateException, message)
        assert (error.arn, error.key_state) == (arn, KeyState.Unavailable)
    connect(local, store)
    assert local.handle(DecryptRequest(ciphertext_blob=sealed)).plaintext == b"a"


# ---- who encrypts


def encrypt(local: LocalKms, arn: str, context: dict[str, str] | None = None) -> bytes:
    request = EncryptRequest(key_id=arn, plaintext=b"attack at dawn", encryption_context=context)
    return local.handle(request).ciphertext_blob


def test_without_the_secret_of_the_cluster_no_ciphertext_opens() -> None:
    local, _, arn = with_key(CLUSTER)
    request = DecryptRequest(ciphertext_blob=encrypt(local, arn))
    assert local.handle(request).plaintext == b"attack at dawn"
    local.key_stores = behind(evolve(CLUSTER, secret=Secret(bytes(32))))
    refused(local, request, InvalidCiphertextException, "")
    backing_key = next(iter(local.kms.keys(local.clock.now()))).backing_keys[0]
    assert backing_key.secret is not None
    label = backing_key.secret.reveal().decode()
    for key_stores in (
        behind(),
        behind(evolve(CLUSTER, is_reachable=False)),
        behind(evolve(CLUSTER, deleted=frozenset({label}))),
    ):
        local.key_stores = key_stores
        message = "KMS cannot communicate with your CloudHSM cluster"
        refused(local, request, KMSInvalidStateException, message)
        refused(
            local, EncryptRequest(key_id=arn, plaintext=b"a"), KMSInvalidStateException, message
        )


def test_a_cluster_that_was_made_from_a_backup_opens_its_ciphertexts() -> None:
    local, _, arn = with_key(CLUSTER)
    sealed = encrypt(local, arn)
    local.key_stores = behind(evolve(CLUSTER, active_hsms=3))
    assert local.handle(DecryptRequest(ciphertext_blob=sealed)).plaintext == b"attack at dawn"


def test_an_external_key_alone_opens_nothing_and_neither_does_aws_kms() -> None:
    """Double encryption: of what the external key opens, AWS KMS has to open the rest."""
    local, _, arn = with_key(PROXY)
    blob = ciphertext.parse(encrypt(local, arn))
    assert blob is not None
    key = next(iter(local.kms.keys(local.clock.now())))
    secret = key.secret(blob.key_material_id, local.clock.now())
    assert secret is not None
    additional_data = blob.additional_data(None)
    assert local.hsm.decrypt(secret, blob.sealed, additional_data) is None
    outer = blob.sealed[28 + 14 :]
    ours = ExternalCiphertext(outer[:-16], blob.sealed[29:41], outer[-16:])
    digest = hashlib.sha256(additional_data).digest()  # all that the proxy is told
    asked = external_keys.metadata(call(), "Decrypt")
    inner = PROXY.decrypt("key-0", ours, digest, asked)
    assert b"attack at dawn" not in inner
    opened = local.hsm.decrypt(secret, blob.sealed[:28] + inner, additional_data)
    assert opened == b"attack at dawn"


def test_another_encryption_context_is_refused_by_the_proxy() -> None:
    local, _, arn = with_key(PROXY)
    sealed = encrypt(local, arn, {"a": "b"})
    request = DecryptRequest(ciphertext_blob=sealed, encryption_context={"a": "c"})
    message = (
        "The external key store proxy rejected the request because the specified ciphertext or "
        "encryption context is corrupted, missing, or otherwise invalid."
    )
    refused(local, request, KMSInvalidStateException, message)


def test_data_is_reencrypted_between_key_stores() -> None:
    local = kms_before(CLUSTER, PROXY)
    one = create_key(local, connected(local, CLUSTER, "a"), CLUSTER).arn or ""
    other = create_key(local, connected(local, PROXY, "b"), PROXY).arn or ""
    sealed = encrypt(local, one)
    for to in (other, one):
        request = ReEncryptRequest(ciphertext_blob=sealed, destination_key_id=to)
        sealed = local.handle(request).ciphertext_blob
        assert local.handle(DecryptRequest(ciphertext_blob=sealed)).key_id == to


def test_a_ciphertext_that_is_damaged_is_refused() -> None:
    """Whatever byte is changed; AWS KMS's checksum or the proxy's tag notices."""
    local, _, arn = with_key(PROXY)
    sealed = encrypt(local, arn)
    for at in range(len(sealed)):
        damaged = sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]
        with pytest.raises(KmsError):
            local.handle(DecryptRequest(ciphertext_blob=damaged))


class _Answering:
    """A proxy that answers an encryption so."""

    def __init__(self, answer: ExternalCiphertext) -> None:
        self.answer = answer

    def at(self, _: object) -> Any:
        return self

    def encrypt(self, *_: object) -> ExternalCiphertext:
        return self.answer

    def decrypt(self, *_: object) -> bytes:
        return b"not what AWS KMS encrypted"


def answering(answer: ExternalCiphertext) -> KeyStores:
    proxies: Any = _Answering(answer)
    return KeyStores(proxies=proxies)


@pytest.mark.parametrize(
    "answer",
    [
        ExternalCiphertext(bytes(29), bytes(12), bytes(16)),
        ExternalCiphertext(bytes(30), bytes(13), bytes(16)),
        ExternalCiphertext(bytes(30), bytes(12), bytes(15)),
        ExternalCiphertext(bytes(30), bytes(12), bytes(16), bytes(21)),
    ],
)
def test_what_aes_gcm_cannot_have_made_cannot_be_interpreted(answer: ExternalCiphertext) -> None:
    local, _, arn = with_key(PROXY)
    local.key_stores = answering(answer)
    message = external_keys.error_of_use(XksFailure.InvalidResponse, arn).message
    request = EncryptRequest(key_id=arn, plaintext=b"attack at dawn")
    refused(local, request, KMSInvalidStateException, message)


def test_metadata_and_longer_vectors_of_a_proxy_are_kept_in_the_ciphertext() -> None:
    local, _, arn = with_key(PROXY)
    answer = ExternalCiphertext(bytes(30), bytes(16), bytes(16), bytes(20))
    local.key_stores = answering(answer)
    sealed = encrypt(local, arn)
    message = external_keys.error_of_use(XksFailure.InvalidCiphertext, arn).message
    request = DecryptRequest(ciphertext_blob=sealed)
    refused(local, request, KMSInvalidStateException, message)
    assert message.startswith("The ciphertext that the external key store proxy submitted")


# ---- AWS's table of texts


TABLE = facts("xks_errors.json")["failures"]


@pytest.mark.parametrize("name", TABLE)
def test_each_failure_of_a_proxy_is_told_as_aws_tells_it(name: str) -> None:
    """By the operation: another error, and always the same text."""
    told = TABLE[name]
    failure, text = XksFailure(name), told["message"]
    local, store, arn = with_key(PROXY)
    local.key_stores = behind(evolve(PROXY, fails_with=failure))
    request = EncryptRequest(key_id=arn, plaintext=b"a")
    refused(local, request, KMSInvalidStateException, text)
    if told["CreateKey"] is not None:
        _expect(local, key_request(store, PROXY, "key-1"), told["CreateKey"], text)
    if told["CreateCustomKeyStore"] is not None:
        another = kms_before(evolve(PROXY, fails_with=failure))
        _expect(another, request_for(PROXY), told["CreateCustomKeyStore"], text)


def _expect(local: LocalKms, request: Request[Any], code: str, message: str) -> None:
    with pytest.raises(KmsError) as caught:
        local.handle(request)
    assert (caught.value.code, caught.value.message) == (code, message)


def test_an_external_key_that_is_not_there_is_not_found() -> None:
    local = kms_before(PROXY)
    store = connected(local, PROXY)
    text = TABLE["KeyNotFoundException"]["message"]
    refused(local, key_request(store, PROXY, "no-key"), XksKeyNotFoundException, text)
    local.key_stores = behind(proxy("elsewhere"))
    text = TABLE["Unreachable"]["message"]
    refused(
        local,
        request_for(PROXY, "another", xks_proxy_uri_path="/b/kms/xks/v1"),
        XksProxyUriUnreachableException,
        text,
    )


def test_an_answer_that_no_operation_expects_cannot_be_interpreted() -> None:
    """AWS's table has no error of CreateCustomKeyStore for some failures."""
    failing = evolve(PROXY, fails_with=XksFailure.AccessDeniedException)
    with pytest.raises(XksProxyInvalidResponseException):
        kms_before(failing).handle(request_for(PROXY))
