"""
Many keys at once, in any order of requests, and custom key stores, beside a reference of a few facts.

A failure prints as a program: paste it below ``from tests.test_state_machine import *`` and it fails again.
"""

from __future__ import annotations

import datetime  # noqa: ICN001 - as representations spell it
from datetime import timedelta
from itertools import count
from typing import Any, final

import pytest
from attrs import evolve, frozen
from hypothesis import Phase, settings, strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from kmsmodel.calls.request import Request
from kmsmodel.crypto.software_cluster import SoftwareCluster
from kmsmodel.crypto.software_xks_proxy import SoftwareXksProxy
from kmsmodel.hsm.external_keys import XksFailure
from kmsmodel.key.tag import Tag
from kmsmodel.machine.on_demand_rotation import LIMIT
from kmsmodel.operations.aliases import (
    CreateAliasRequest,
    DeleteAliasRequest,
    ListAliasesRequest,
    UpdateAliasRequest,
)
from kmsmodel.operations.asymmetric_keys import SignRequest, VerifyRequest
from kmsmodel.operations.custom_key_store_updates import UpdateCustomKeyStoreRequest
from kmsmodel.operations.custom_key_stores import (
    ConnectCustomKeyStoreRequest,
    DeleteCustomKeyStoreRequest,
    DescribeCustomKeyStoresRequest,
    DisconnectCustomKeyStoreRequest,
)
from kmsmodel.operations.deletion import CancelKeyDeletionRequest, ScheduleKeyDeletionRequest
from kmsmodel.operations.encryption import EncryptRequest
from kmsmodel.operations.grant_deletion import (
    RetireGrantRequest,
    RevokeGrantRequest,
)
from kmsmodel.operations.grant_lists import (
    ListGrantsRequest,
    ListRetirableGrantsRequest,
)
from kmsmodel.operations.grants import (
    CreateGrantRequest,
)
from kmsmodel.operations.hmac_keys import GenerateMacRequest, VerifyMacRequest
from kmsmodel.operations.importing import (
    DeleteImportedKeyMaterialRequest,
    GetParametersForImportRequest,
)
from kmsmodel.operations.keys import (
    CreateKeyRequest,
    DescribeKeyRequest,
    DisableKeyRequest,
    EnableKeyRequest,
    ListKeysRequest,
)
from kmsmodel.operations.rotation import (
    DisableKeyRotationRequest,
    EnableKeyRotationRequest,
    GetKeyRotationStatusRequest,
    ListKeyRotationsRequest,
    RotateKeyOnDemandRequest,
)
from kmsmodel.operations.tags import (
    ListResourceTagsRequest,
    TagResourceRequest,
    UntagResourceRequest,
)
from kmsmodel.words.enumerations import (
    AlgorithmSpec,
    ConnectionErrorCodeType,
    ConnectionStateType,
    GrantOperation,
    ImportType,
    IncludeKeyMaterial,
    KeyMaterialState,
    KeySpec,
    KeyState,
    KeyUsageType,
    MacAlgorithmSpec,
    OriginType,
    SigningAlgorithmSpec,
    WrappingKeySpec,
)
from tests.basics import DAY, HSM
from tests.expected import FOREVER, KINDS, REFUSALS, Expected, ExpectedStore
from tests.key_stores import behind, cluster, of_cluster, of_proxy, proxy
from tests.worlds.belongings import GRANTEE, RETIRING, Parameters, Sealed
from tests.worlds.conversation import Conversation

__all__ = [
    "AlgorithmSpec",
    "ImportType",
    "KeySpec",
    "KeysOfOneAccount",
    "OriginType",
    "PlantedFailure",
    "datetime",
]

NOTHING: MultipleResults[Any] = multiple()
GONE = datetime.datetime.min.replace(tzinfo=datetime.UTC)

ALIAS_NAMES = ("alias/a", "alias/b", "alias/c")
STORE_NAMES = ("here", "there", "elsewhere")
BEHIND = (cluster("one"), cluster("two"), proxy("one"), proxy("two"))
"""The clusters and proxies that a custom key store can have."""
TAG_KEYS = ("a", "b")
GRANT_NAMES = ("one", "two", "three")


# ---- the machine


@final
@frozen(eq=False)
class Token:
    """An import token, of the key that it was made for."""

    key: Expected
    parameters: Parameters


@final
@frozen(eq=False)
class Wrapped:
    """The key material with this number, wrapped for the import that a token allows."""

    token: Token
    number: int

    @property
    def material(self) -> bytes:
        return HSM.generate(self.token.key.key_spec, f"key material {self.number}").reveal()


@final
@frozen(eq=False)
class Encrypted:
    """A ciphertext, of the key that made it."""

    key: Expected
    sealed: Sealed


@final
@frozen(eq=False)
class Proven:
    """A message and its signature, or its message authentication code, of the key that made it."""

    key: Expected
    message: bytes
    proof: bytes


def unreachable(of: SoftwareCluster | SoftwareXksProxy) -> SoftwareCluster | SoftwareXksProxy:
    """The same cluster or proxy out of AWS KMS's reach."""
    if isinstance(of, SoftwareCluster):
        return evolve(of, is_reachable=False)
    return evolve(of, fails_with=XksFailure.Unreachable)


class KeysOfOneAccount(RuleBasedStateMachine):
    """Every request about a few keys; each is answered, or refused, as the reference says."""

    keys: Bundle[Expected] = Bundle("keys")
    stores: Bundle[ExpectedStore] = Bundle("stores")
    tokens: Bundle[Token] = Bundle("tokens")
    wrapped_materials: Bundle[Wrapped] = Bundle("wrapped_materials")
    ciphertexts: Bundle[Encrypted] = Bundle("ciphertexts")
    proofs: Bundle[Proven] = Bundle("proofs")

    def __init__(self) -> None:
        super().__init__()
        self.ask = Conversation("state machine")
        self.expected: list[Expected] = []
        self.expected_stores: list[ExpectedStore] = []
        self.aliases: dict[str, Expected] = {}
        self.out_of_reach: set[int] = set()
        self.ask.key_stores = behind(*BEHIND)

    def refused(self, request: Request[Any], code: str | None) -> bool:
        """Was the request refused? It must be with this error, or not at all."""
        before = self.ask.kms
        answer = self.ask.refuses(request)
        assert (None if answer is None else answer.code) == code, request
        assert answer is None or self.ask.kms is before
        return answer is not None

    def refusal(self, key: Expected, row: str, *, only_imported: bool = False) -> str | None:
        state = key.key_state(self.ask.now)
        if state is not None and only_imported and key.origin is not OriginType.EXTERNAL:
            return "UnsupportedOperationException"
        return REFUSALS[row].get(state)

    # ---- rules

    @rule(
        target=keys,
        origin=st.sampled_from([OriginType.EXTERNAL, OriginType.AWS_KMS]),
        multi_region=st.booleans(),
        key_spec=st.sampled_from([KeySpec.SYMMETRIC_DEFAULT, *KINDS]),
    )
    def create_key(self, origin: OriginType, *, multi_region: bool, key_spec: KeySpec) -> Any:
        return self.new_key(origin, multi_region=multi_region, key_spec=key_spec)

    def new_key(
        self,
        origin: OriginType,
        *,
        multi_region: bool = False,
        key_spec: KeySpec = KeySpec.SYMMETRIC_DEFAULT,
    ) -> Expected:
        key_id = self.ask.create_key(
            origin=origin, multi_region=multi_region, key_spec=key_spec, key_usage=KINDS[key_spec]
        )
        key = Expected(key_id, self.ask.describe_key(key_id).arn or "", origin, key_spec)
        if origin is OriginType.AWS_KMS:
            key.permanent, key.current = {0: FOREVER}, 0
        self.expected.append(key)
        return key

    # ---- custom key stores

    def stores_there(self) -> list[ExpectedStore]:
        there = [each for each in self.expected_stores if not each.is_deleted]
        return sorted(there, key=lambda each: each.store_id)

    def is_out_of_reach(self, of: SoftwareCluster | SoftwareXksProxy) -> bool:
        return BEHIND.index(of) in self.out_of_reach

    def keys_in(self, store: ExpectedStore) -> list[Expected]:
        now = self.ask.now
        return [key for key in self.expected if key.store is store and key.key_state(now)]

    @rule(
        target=stores,
        of=st.sampled_from(BEHIND),
        name=st.sampled_from(STORE_NAMES),
        knows_password=st.sampled_from([True, True, False]),
        connects=st.booleans(),
    )
    def create_custom_key_store(
        self,
        of: SoftwareCluster | SoftwareXksProxy,
        name: str,
        *,
        knows_password: bool,
        connects: bool,
    ) -> Any:
        """Of a proxy, AWS KMS learns at once whether it can speak to it; of a cluster, when it connects."""
        there, refusal = self.stores_there(), None
        if isinstance(of, SoftwareCluster):
            request = of_cluster(of, name)
            if not knows_password:
                request = evolve(request, key_store_password="another")
            if of in [each.behind for each in there]:
                refusal = "CloudHsmClusterInUseException"
        else:
            request = of_proxy(of, name)
            if of in [each.behind for each in there]:
                refusal = "XksProxyUriInUseException"
            elif self.is_out_of_reach(of):
                refusal = "XksProxyUriUnreachableException"
        if name in [each.name for each in there]:
            refusal = "CustomKeyStoreNameInUseException"
        if self.refused(request, refusal):
            return NOTHING
        (store_id,) = {
            each.custom_key_store_id
            for each in self.ask(DescribeCustomKeyStoresRequest()).custom_key_stores
        } - {each.store_id for each in there}
        store = ExpectedStore(store_id, name, of, knows_password)
        self.expected_stores.append(store)
        if connects:
            self.connect_custom_key_store(store)
        return store

    @rule(store=stores)
    def connect_custom_key_store(self, store: ExpectedStore) -> None:
        refusal = "CustomKeyStoreNotFoundException" if store.is_deleted else None
        if refusal is None and store.connection_state is ConnectionStateType.FAILED:
            refusal = "CustomKeyStoreInvalidStateException"
        request = ConnectCustomKeyStoreRequest(custom_key_store_id=store.store_id)
        if self.refused(request, refusal) or store.is_connected:
            return
        if isinstance(store.behind, SoftwareCluster):
            if not store.knows_password:
                store.error_code = ConnectionErrorCodeType.INVALID_CREDENTIALS
        elif self.is_out_of_reach(store.behind):
            store.error_code = ConnectionErrorCodeType.XKS_PROXY_NOT_REACHABLE
        failed = store.error_code is not None
        store.connection_state = (
            ConnectionStateType.FAILED if failed else ConnectionStateType.CONNECTED
        )

    @rule(store=stores)
    def disconnect_custom_key_store(self, store: ExpectedStore) -> None:
        refusal = "CustomKeyStoreNotFoundException" if store.is_deleted else None
        if refusal is None and store.connection_state is ConnectionStateType.DISCONNECTED:
            refusal = "CustomKeyStoreInvalidStateException"
        request = DisconnectCustomKeyStoreRequest(custom_key_store_id=store.store_id)
        if not self.refused(request, refusal):
            store.connection_state = ConnectionStateType.DISCONNECTED
            store.error_code = None

    @rule(store=stores, name=st.sampled_from(STORE_NAMES))
    def update_the_name_of_a_custom_key_store(self, store: ExpectedStore, name: str) -> None:
        refusal = "CustomKeyStoreNotFoundException" if store.is_deleted else None
        if refusal is None and store.connection_state is ConnectionStateType.FAILED:
            refusal = "CustomKeyStoreInvalidStateException"
        if refusal is None and name in {
            each.name for each in self.stores_there() if each is not store
        }:
            refusal = "CustomKeyStoreNameInUseException"
        request = UpdateCustomKeyStoreRequest(
            custom_key_store_id=store.store_id, new_custom_key_store_name=name
        )
        if not self.refused(request, refusal):
            store.name = name

    @rule(store=stores, right=st.booleans())
    def update_the_password_of_a_custom_key_store(
        self, store: ExpectedStore, *, right: bool
    ) -> None:
        refusal = None
        if store.connection_state is not ConnectionStateType.DISCONNECTED:
            refusal = "CustomKeyStoreInvalidStateException"
        if not isinstance(store.behind, SoftwareCluster):
            password, refusal = "any password", "ValidationException"
        else:
            password = store.behind.kmsuser_password if right else "another"
        if store.is_deleted:
            refusal = "CustomKeyStoreNotFoundException"
        request = UpdateCustomKeyStoreRequest(
            custom_key_store_id=store.store_id, key_store_password=password
        )
        if not self.refused(request, refusal):
            store.knows_password = right

    @rule(store=stores)
    def delete_custom_key_store(self, store: ExpectedStore) -> None:
        refusal = None
        if store.connection_state is not ConnectionStateType.DISCONNECTED:
            refusal = "CustomKeyStoreInvalidStateException"
        if self.keys_in(store):
            refusal = "CustomKeyStoreHasCMKsException"
        if store.is_deleted:
            refusal = "CustomKeyStoreNotFoundException"
        request = DeleteCustomKeyStoreRequest(custom_key_store_id=store.store_id)
        if not self.refused(request, refusal):
            store.is_deleted = True

    @rule(target=keys, store=stores, number=st.integers(0, 2))
    def create_key_in_custom_key_store(self, store: ExpectedStore, number: int) -> Any:
        xks_key_id = None if isinstance(store.behind, SoftwareCluster) else f"key-{number}"
        refusal = None
        if self.is_out_of_reach(store.behind):
            refusal = (
                "CloudHsmClusterInvalidConfigurationException"
                if xks_key_id is None
                else "CustomKeyStoreInvalidStateException"
            )
        if xks_key_id is not None and xks_key_id in {
            each.xks_key_id for each in self.keys_in(store)
        }:
            refusal = "XksKeyAlreadyInUseException"
        if not store.is_connected:
            refusal = "CustomKeyStoreInvalidStateException"
        if store.is_deleted:
            refusal = "CustomKeyStoreNotFoundException"
        request = CreateKeyRequest(
            origin=store.origin, custom_key_store_id=store.store_id, xks_key_id=xks_key_id
        )
        if refusal is not None:
            self.refused(request, refusal)
            return NOTHING
        made = self.ask(request).key_metadata
        key = Expected(made.key_id, made.arn or "", store.origin)
        key.permanent, key.current = {0: FOREVER}, 0
        key.store, key.xks_key_id = store, xks_key_id
        self.expected.append(key)
        return key

    @rule(number=st.integers(0, len(BEHIND) - 1))
    def be_out_of_reach_or_in_reach_again(self, number: int) -> None:
        """A cluster or a proxy, of which AWS KMS learns nothing until it needs it."""
        self.out_of_reach ^= {number}
        self.ask.key_stores = behind(
            *(unreachable(each) if self.is_out_of_reach(each) else each for each in BEHIND)
        )

    def refusal_from_behind(self, key: Expected) -> str | None:
        """What a key that can be used is refused with if its cluster or its proxy is out of reach."""
        lost = key.store is not None and self.is_out_of_reach(key.store.behind)
        return "KMSInvalidStateException" if lost else None

    # ---- imported key material

    @rule(
        target=tokens,
        key=keys,
        algorithm=st.sampled_from(
            [AlgorithmSpec.RSAES_OAEP_SHA_256, AlgorithmSpec.RSAES_OAEP_SHA_1]
        ),
    )
    def get_parameters_for_import(self, key: Expected, algorithm: AlgorithmSpec) -> Any:
        request = GetParametersForImportRequest(
            key_id=key.arn,
            wrapping_algorithm=algorithm,
            wrapping_key_spec=WrappingKeySpec.RSA_2048,
        )
        if self.refused(request, self.refusal(key, "manage", only_imported=True)):
            return NOTHING
        return Token(key, self.ask.parameters(key.key_id, algorithm))

    @rule(target=wrapped_materials, token=tokens, number=st.integers(0, 3))
    def wrap(self, token: Token, number: int) -> Wrapped:
        return Wrapped(token, number)

    @rule(
        key=keys,
        wrapped=wrapped_materials,
        days=st.none() | st.integers(1, 60),
        import_type=st.none() | st.sampled_from(ImportType),
        by_its_own_key=st.sampled_from([True, True, True, False]),
    )
    def import_key_material(
        self,
        key: Expected,
        wrapped: Wrapped,
        *,
        days: int | None,
        import_type: ImportType | None,
        by_its_own_key: bool,
    ) -> None:
        self.imports(wrapped.token.key if by_its_own_key else key, wrapped, days, import_type)

    @rule(
        target=wrapped_materials,
        key=keys,
        number=st.integers(0, 3),
        days=st.none() | st.integers(1, 60),
        new=st.booleans(),
    )
    def get_parameters_and_import(
        self, key: Expected, number: int, *, days: int | None, new: bool
    ) -> Any:
        """The steps in a row, so that they come together often."""
        token = self.get_parameters_for_import(key, AlgorithmSpec.RSAES_OAEP_SHA_256)
        if not isinstance(token, Token):
            return NOTHING
        if new:
            known = {*key.permanent, *(() if key.pending is None else key.pending[:1])}
            number = next(each for each in count() if each not in known)
        wrapped = Wrapped(token, number)
        has_type = new and key.is_symmetric_encryption_key
        self.imports(key, wrapped, days, ImportType.NEW_KEY_MATERIAL if has_type else None)
        return wrapped

    @rule(
        target=keys,
        days=st.none() | st.integers(1, 60),
        key_spec=st.sampled_from([KeySpec.SYMMETRIC_DEFAULT, *KINDS]),
    )
    def create_key_and_import(self, days: int | None, key_spec: KeySpec) -> Expected:
        key = self.new_key(OriginType.EXTERNAL, key_spec=key_spec)
        self.get_parameters_and_import(key, 0, days=days, new=True)
        return key

    def imports(
        self, key: Expected, wrapped: Wrapped, days: int | None, import_type: ImportType | None
    ) -> None:
        until = FOREVER if days is None else self.ask.now + days * DAY
        valid_to = None if days is None else until
        request = wrapped.token.parameters.request(
            key.key_id, wrapped.material, valid_to, import_type
        )
        if self.refused(request, self.refusal_of_import(key, wrapped, import_type)):
            return
        number = wrapped.number
        if number in key.permanent or not key.permanent:
            key.permanent[number] = until
            key.current = number if key.current is None else key.current
        else:
            key.pending = (number, until)
        key.enabled = True

    def refusal_of_import(
        self, key: Expected, wrapped: Wrapped, import_type: ImportType | None
    ) -> str | None:
        refusal = self.refusal(key, "manage", only_imported=True)
        if refusal is not None:
            return refusal
        if import_type is not None and not key.is_symmetric_encryption_key:
            return "ValidationException"
        if wrapped.token.key is not key:
            return "InvalidImportTokenException"
        if self.ask.now >= wrapped.token.parameters.valid_to:
            return "ExpiredImportTokenException"
        pending = key.pending
        known = wrapped.number in key.permanent or (
            pending is not None and pending[0] == wrapped.number
        )
        new = import_type is ImportType.NEW_KEY_MATERIAL
        if import_type is None:
            new = not key.permanent
        if known is new:
            return "IncorrectKeyMaterialException"
        return "KMSInvalidStateException" if new and pending is not None else None

    @rule(key=keys)
    def delete_imported_key_material(self, key: Expected) -> None:
        request = DeleteImportedKeyMaterialRequest(key_id=key.key_id)
        if self.refused(request, self.refusal(key, "any", only_imported=True)):
            return
        if key.current is not None:
            key.permanent[key.current] = GONE

    @rule(key=keys)
    def rotate_key_on_demand(self, key: Expected) -> None:
        refusal = self.refusal(key, "use")
        if key.store is not None and refusal != "NotFoundException":
            refusal = "UnsupportedOperationException"
        if refusal is None and not key.is_symmetric_encryption_key:
            refusal = "UnsupportedOperationException"
        if refusal is None and key.rotations >= LIMIT:
            refusal = "LimitExceededException"
        if refusal is None and key.origin is OriginType.EXTERNAL and key.pending is None:
            refusal = "KMSInvalidStateException"
        if self.refused(RotateKeyOnDemandRequest(key_id=key.arn), refusal):
            return
        key.rotations += 1
        number, until = key.pending or (key.rotations, FOREVER)
        key.permanent[number] = until
        key.current, key.pending = number, None

    @rule(key=keys, days=st.sampled_from([None, 90, 91]))
    def enable_key_rotation(self, key: Expected, days: int | None) -> None:
        request = EnableKeyRotationRequest(key_id=key.key_id, rotation_period_in_days=days)
        if self.refused(request, self.refusal_of_automatic_rotation(key)):
            return
        period = (days or 365) * DAY
        if key.rotation_period is None or (days is not None and period != key.rotation_period):
            key.rotation_period = period
            key.next_rotation = self.ask.now + period

    @rule(key=keys)
    def disable_key_rotation(self, key: Expected) -> None:
        request = DisableKeyRotationRequest(key_id=key.arn)
        if not self.refused(request, self.refusal_of_automatic_rotation(key, any_spec=True)):
            key.rotation_period, key.next_rotation = None, FOREVER

    def refusal_of_automatic_rotation(self, key: Expected, *, any_spec: bool = False) -> str | None:
        state = key.key_state(self.ask.now)
        if state is not None and key.origin is not OriginType.AWS_KMS:
            return "UnsupportedOperationException"
        refusal = self.refusal(key, "use")
        if refusal is None and not any_spec and not key.is_symmetric_encryption_key:
            return "UnsupportedOperationException"
        return refusal

    @rule(key=keys)
    def enable_key(self, key: Expected) -> None:
        if not self.refused(EnableKeyRequest(key_id=key.key_id), self.refusal(key, "switch")):
            key.enabled = True
            key.next_rotation = max(key.next_rotation, self.ask.now)
            key.rotate_by_itself(self.ask.now)

    @rule(key=keys)
    def disable_key(self, key: Expected) -> None:
        if not self.refused(DisableKeyRequest(key_id=key.arn), self.refusal(key, "switch")):
            key.enabled = False

    @rule(key=keys, days=st.integers(7, 30))
    def schedule_key_deletion(self, key: Expected, days: int) -> None:
        request = ScheduleKeyDeletionRequest(key_id=key.key_id, pending_window_in_days=days)
        if not self.refused(request, self.refusal(key, "manage")):
            key.deletion_date = self.ask.now + days * DAY

    @rule(key=keys)
    def cancel_key_deletion(self, key: Expected) -> None:
        request = CancelKeyDeletionRequest(key_id=key.arn)
        if not self.refused(request, self.refusal(key, "cancel")):
            key.deletion_date, key.enabled = None, False

    @rule(
        target=ciphertexts,
        key=keys,
        plaintext=st.binary(min_size=1, max_size=8),
        context=st.none()
        | st.dictionaries(st.text(max_size=2), st.text(min_size=1, max_size=2), max_size=2),
    )
    def encrypt(self, key: Expected, plaintext: bytes, context: dict[str, str] | None) -> Any:
        request = EncryptRequest(key_id=key.key_id, plaintext=plaintext, encryption_context=context)
        refusal = self.refusal_of_use(key, KeyUsageType.ENCRYPT_DECRYPT)
        if self.refused(request, refusal or self.refusal_from_behind(key)):
            return NOTHING
        return Encrypted(key, self.ask.encrypt(key.key_id, plaintext, context))

    def refusal_of_use(self, key: Expected, key_usage: KeyUsageType) -> str | None:
        refusal = self.refusal(key, "use")
        if refusal == "NotFoundException" or KINDS[key.key_spec] is key_usage:
            return refusal
        return "InvalidKeyUsageException"

    @rule(ciphertext=ciphertexts, named=st.booleans())
    def decrypt(self, ciphertext: Encrypted, *, named: bool) -> None:
        key, sealed = ciphertext.key, ciphertext.sealed
        request = sealed.request(key.arn if named else None)
        refusal = self.refusal(key, "use")
        if refusal == "NotFoundException" and not named:
            refusal = "AccessDeniedException"
        if not self.refused(request, refusal or self.refusal_from_behind(key)):
            assert self.ask(request).plaintext == sealed.plaintext

    @rule(target=proofs, key=keys, message=st.binary(min_size=1, max_size=8))
    def sign(self, key: Expected, message: bytes) -> Any:
        request = SignRequest(
            key_id=key.arn, message=message, signing_algorithm=SigningAlgorithmSpec.ECDSA_SHA_256
        )
        if self.refused(request, self.refusal_of_use(key, KeyUsageType.SIGN_VERIFY)):
            return NOTHING
        return Proven(key, message, self.ask(request).signature)

    @rule(target=proofs, key=keys, message=st.binary(min_size=1, max_size=8))
    def generate_mac(self, key: Expected, message: bytes) -> Any:
        request = GenerateMacRequest(
            key_id=key.arn, message=message, mac_algorithm=MacAlgorithmSpec.HMAC_SHA_256
        )
        if self.refused(request, self.refusal_of_use(key, KeyUsageType.GENERATE_VERIFY_MAC)):
            return NOTHING
        return Proven(key, message, self.ask(request).mac)

    @rule(proven=proofs, touched=st.booleans())
    def verify(self, proven: Proven, *, touched: bool) -> None:
        """A proof stays one, whatever became of its key in between; of another message it is none."""
        key, message = proven.key, proven.message + b"!" * touched
        refusal = self.refusal(key, "use")
        if key.key_spec is KeySpec.HMAC_256:
            self.refused(
                VerifyMacRequest(
                    key_id=key.key_id,
                    message=message,
                    mac_algorithm=MacAlgorithmSpec.HMAC_SHA_256,
                    mac=proven.proof,
                ),
                refusal or ("KMSInvalidMacException" if touched else None),
            )
        else:
            self.refused(
                VerifyRequest(
                    key_id=key.key_id,
                    message=message,
                    signing_algorithm=SigningAlgorithmSpec.ECDSA_SHA_256,
                    signature=proven.proof,
                ),
                refusal or ("KMSInvalidSignatureException" if touched else None),
            )

    @rule(key=keys, alias_name=st.sampled_from(ALIAS_NAMES))
    def create_alias(self, key: Expected, alias_name: str) -> None:
        request = CreateAliasRequest(alias_name=alias_name, target_key_id=key.key_id)
        exists = "AlreadyExistsException" if self.target(alias_name) is not None else None
        if not self.refused(request, self.refusal(key, "manage") or exists):
            self.aliases[alias_name] = key

    @rule(key=keys, alias_name=st.sampled_from(ALIAS_NAMES))
    def update_alias(self, key: Expected, alias_name: str) -> None:
        request = UpdateAliasRequest(alias_name=alias_name, target_key_id=key.arn)
        former, refusal = self.target(alias_name), self.refusal(key, "manage")
        if refusal is None and former is None:
            refusal = "NotFoundException"
        if refusal is None and former is not None and former.key_spec is not key.key_spec:
            refusal = "ValidationException"
        if not self.refused(request, refusal):
            self.aliases[alias_name] = key

    @rule(alias_name=st.sampled_from(ALIAS_NAMES))
    def delete_alias(self, alias_name: str) -> None:
        request = DeleteAliasRequest(alias_name=alias_name)
        exists = self.target(alias_name) is not None
        if not self.refused(request, None if exists else "NotFoundException"):
            del self.aliases[alias_name]

    def target(self, alias_name: str) -> Expected | None:
        """The key that has this alias, if one has: an alias goes when its key does."""
        key = self.aliases.get(alias_name)
        return None if key is None or key.key_state(self.ask.now) is None else key

    @rule(key=keys, tag_key=st.sampled_from(TAG_KEYS), tag_value=st.text("a0 é", max_size=2))
    def tag_resource(self, key: Expected, tag_key: str, tag_value: str) -> None:
        tags = (Tag(tag_key=tag_key, tag_value=tag_value),)
        request = TagResourceRequest(key_id=key.key_id, tags=tags)
        if not self.refused(request, self.refusal(key, "manage")):
            key.tags[tag_key] = tag_value

    @rule(key=keys, tag_key=st.sampled_from(TAG_KEYS))
    def untag_resource(self, key: Expected, tag_key: str) -> None:
        request = UntagResourceRequest(key_id=key.key_id, tag_keys=(tag_key,))
        if not self.refused(request, self.refusal(key, "manage")):
            key.tags.pop(tag_key, None)

    @rule(key=keys, name=st.sampled_from(GRANT_NAMES))
    def create_grant(self, key: Expected, name: str) -> None:
        request = CreateGrantRequest(
            key_id=key.key_id,
            grantee_principal=GRANTEE,
            retiring_principal=RETIRING,
            operations=(GrantOperation.DescribeKey,),
            name=name,
        )
        if not self.refused(request, self.refusal(key, "grant")):
            given = self.ask(request)
            assert key.grants.setdefault(name, given).grant_id == given.grant_id
            assert given.grant_token not in {each.grant_token for each in key.grants.values()} - {
                key.grants[name].grant_token
            }

    @rule(key=keys, name=st.sampled_from(GRANT_NAMES), by_token=st.booleans())
    def delete_grant(self, key: Expected, name: str, *, by_token: bool) -> None:
        given = key.grants.get(name)
        if given is None:
            return
        request = (
            RetireGrantRequest(grant_token=given.grant_token)
            if by_token
            else RevokeGrantRequest(key_id=key.key_id, grant_id=given.grant_id)
        )
        if not self.refused(request, self.refusal(key, "any")):
            del key.grants[name]

    @rule(hours=st.sampled_from([1, 1, 1, 24, 5 * 24, 30 * 24, 100 * 24]))
    def advance(self, hours: int) -> None:
        self.ask.advance(timedelta(hours=hours))
        for key in self.expected:
            if key.key_state(self.ask.now) is not None:
                key.rotate_by_itself(self.ask.now)

    @rule()
    def settle(self) -> None:
        self.ask.kms = self.ask.kms.settle(self.ask.now)

    # ---- invariants

    @invariant()
    def all_is_as_expected(self) -> None:
        self.describe_key_tells_what_is_expected()
        self.list_key_rotations_tells_what_is_expected()
        self.get_key_rotation_status_tells_what_is_expected()
        self.list_keys_lists_the_keys_that_are_there_in_the_order_of_their_key_ids()
        self.describe_custom_key_stores_tells_what_is_expected()
        self.each_alias_names_the_key_that_it_was_given_to()
        self.each_key_has_the_tags_that_it_was_given()
        self.each_key_has_the_grants_that_were_created_and_not_deleted()
        self.nothing_changes_by_itself_before_the_next_event()

    def describe_custom_key_stores_tells_what_is_expected(self) -> None:
        told = self.ask(DescribeCustomKeyStoresRequest()).custom_key_stores
        assert [
            (each.custom_key_store_id, each.custom_key_store_name, each.connection_state)
            for each in told
        ] == [(each.store_id, each.name, each.connection_state) for each in self.stores_there()]
        codes = [each.connection_error_code for each in told]
        assert codes == [each.error_code for each in self.stores_there()]

    def each_alias_names_the_key_that_it_was_given_to(self) -> None:
        listed = {
            entry.alias_name: entry.target_key_id
            for entry in self.ask(ListAliasesRequest(limit=100)).aliases
            if entry.target_key_id is not None
        }
        there = {name: key for name in ALIAS_NAMES if (key := self.target(name)) is not None}
        assert listed == {name: key.key_id for name, key in there.items()}
        for name, key in there.items():
            assert self.ask.describe_key(name).arn == key.arn
            of_key = self.ask(ListAliasesRequest(key_id=key.key_id)).aliases
            assert name in {entry.alias_name for entry in of_key}

    def each_key_has_the_tags_that_it_was_given(self) -> None:
        for key in self.expected:
            if key.key_state(self.ask.now) is not None:
                tags = self.ask(ListResourceTagsRequest(key_id=key.key_id)).tags
                assert [(each.tag_key, each.tag_value) for each in tags] == sorted(key.tags.items())

    def each_key_has_the_grants_that_were_created_and_not_deleted(self) -> None:
        there = [key for key in self.expected if key.key_state(self.ask.now) is not None]
        grants = {key.arn: {each.grant_id for each in key.grants.values()} for key in there}
        for key in there:
            listed = self.ask(ListGrantsRequest(key_id=key.key_id)).grants
            assert [each.grant_id for each in listed] == sorted(grants[key.arn])
        retirable = self.ask(ListRetirableGrantsRequest(retiring_principal=RETIRING, limit=100))
        told = {(each.key_id, each.grant_id) for each in retirable.grants}
        assert told == {(arn, grant_id) for arn, of in grants.items() for grant_id in of}

    def describe_key_tells_what_is_expected(self) -> None:
        now = self.ask.now
        for key in self.expected:
            state = key.key_state(now)
            if state is None:
                request = DescribeKeyRequest(key_id=key.key_id)
                self.refused(request, "NotFoundException")
                continue
            told = self.ask.describe_key(key.key_id)
            valid_to = key.valid_to(now) if key.origin is OriginType.EXTERNAL else None
            assert (told.key_state, told.enabled, told.deletion_date, told.valid_to) == (
                state,
                state is KeyState.Enabled,
                key.deletion_date,
                valid_to,
            )

    def list_key_rotations_tells_what_is_expected(self) -> None:
        for key in self.expected:
            if key.key_state(self.ask.now) is None or not key.is_symmetric_encryption_key:
                continue
            if key.store is not None:
                request = ListKeyRotationsRequest(key_id=key.key_id)
                self.refused(request, "UnsupportedOperationException")
                continue
            request = ListKeyRotationsRequest(
                key_id=key.key_id, include_key_material=IncludeKeyMaterial.ALL_KEY_MATERIAL
            )
            states = [entry.key_material_state for entry in self.ask(request).rotations]
            assert states.count(KeyMaterialState.PENDING_ROTATION) == (key.pending is not None)
            assert states.count(KeyMaterialState.CURRENT) == (key.current is not None)
            assert len(states) == len(key.permanent) + (key.pending is not None)

    def get_key_rotation_status_tells_what_is_expected(self) -> None:
        for key in self.expected:
            state = key.key_state(self.ask.now)
            if state is None or key.store is not None:
                continue
            told = self.ask(GetKeyRotationStatusRequest(key_id=key.key_id))
            rotates = key.rotation_period is not None and state is not KeyState.PendingDeletion
            assert told.key_rotation_enabled is rotates
            assert told.next_rotation_date == (key.next_rotation if rotates else None)

    def list_keys_lists_the_keys_that_are_there_in_the_order_of_their_key_ids(self) -> None:
        there = [key for key in self.expected if key.key_state(self.ask.now) is not None]
        listed: list[str] = []
        marker = None
        while True:
            page = self.ask(ListKeysRequest(limit=2, marker=marker))
            listed += [entry.key_arn for entry in page.keys]
            marker = page.next_marker
            if marker is None:
                break
        assert listed == sorted(key.arn for key in there)

    def nothing_changes_by_itself_before_the_next_event(self) -> None:
        now, event = self.ask.now, self.ask.kms.next_event_at(self.ask.now)
        for key in self.expected:
            if key.key_state(now) is not None:
                until = event or now + 400 * DAY
                assert key.key_state(until - timedelta(microseconds=1)) is key.key_state(now)


TestKeysOfOneAccount = KeysOfOneAccount.TestCase
TestKeysOfOneAccount.settings = settings(max_examples=3 * settings().max_examples)


# ---- what a failure prints


class PlantedFailure(KeysOfOneAccount):
    """Something to find: a key that is disabled after key material was imported into it."""

    def nothing_changes_by_itself_before_the_next_event(self) -> None:
        for key in self.expected:
            imported = key.origin is OriginType.EXTERNAL and key.permanent
            assert not imported or key.enabled, "planted"


def test_a_failure_prints_as_a_short_program_that_fails_again() -> None:
    """Hypothesis's own print-out, pasted as it is."""
    found = settings(
        max_examples=1_000,
        stateful_step_count=10,
        database=None,
        derandomize=True,
        phases=[Phase.generate, Phase.shrink],
    )
    with pytest.raises(AssertionError, match="planted") as caught:
        run_state_machine_as_test(PlantedFailure, settings=found)
    program = printed_program(caught.value)
    assert len(program.splitlines()) < 10, program
    names: dict[str, Any] = {name: globals()[name] for name in __all__}
    with pytest.raises(AssertionError, match="planted"):
        exec(program, names)


def printed_program(error: BaseException) -> str:
    lines = "\n".join(error.__notes__).splitlines()
    start = next(index for index, line in enumerate(lines) if line.startswith("state = "))
    end = next(index for index, line in enumerate(lines) if line.startswith("state.teardown()"))
    return "\n".join(lines[start:end])
