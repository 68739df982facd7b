"""
The owner of a KMS key, who makes it, uses it, and keeps what comes of that.
"""

from __future__ import annotations

from typing import final

from kmsmodel.key.key_spec import ALGORITHMS, WRAPPING
from kmsmodel.key.tag import Tag
from kmsmodel.operations.aliases import CreateAliasRequest
from kmsmodel.operations.asymmetric_keys import SignRequest
from kmsmodel.operations.custom_key_stores import (
    ConnectCustomKeyStoreRequest,
    CreateCustomKeyStoreRequest,
    DescribeCustomKeyStoresRequest,
    DisconnectCustomKeyStoreRequest,
)
from kmsmodel.operations.deletion import ScheduleKeyDeletionRequest
from kmsmodel.operations.grants import (
    CreateGrantRequest,
    CreateGrantResponse,
)
from kmsmodel.operations.hmac_keys import GenerateMacRequest
from kmsmodel.operations.key_encapsulation import EncapsulateRequest
from kmsmodel.operations.keys import DisableKeyRequest
from kmsmodel.operations.multi_region_keys import (
    ReplicateKeyRequest,
    UpdatePrimaryRegionRequest,
)
from kmsmodel.operations.rotation import RotateKeyOnDemandRequest
from kmsmodel.operations.tags import TagResourceRequest
from kmsmodel.words.enumerations import (
    EncapsulationAlgorithmSpec,
    EncryptionAlgorithmSpec,
    GrantOperation,
    ImportType,
    KeySpec,
    KeyUsageType,
    MacAlgorithmSpec,
    OriginType,
    SigningAlgorithmSpec,
)
from tests.basics import ACCOUNT, DAY, HSM, NOW, OTHER_REGION, REGION
from tests.worlds.belongings import GRANTEE, RETIRING, KeyInWorld, Parameters, Proof, Sealed
from tests.worlds.conversation import Conversation
from tests.worlds.outcome import keys_of


@final
class Owner:
    """The owner of one KMS key, with all that was got from AWS KMS."""

    def __init__(
        self,
        conversation: Conversation,
        name: str,
        *,
        multi_region: bool = False,
        key_spec: KeySpec = KeySpec.SYMMETRIC_DEFAULT,
        key_usage: KeyUsageType = KeyUsageType.ENCRYPT_DECRYPT,
    ) -> None:
        self.ask = conversation
        self.name = f"multi-Region, {name}" if multi_region else name
        self.multi_region = multi_region
        self.key_spec = key_spec
        self.key_usage = key_usage
        self.key_id = ""
        self.parameters: list[Parameters] = []
        self.materials: list[bytes] = []
        self.ciphertexts: list[Sealed] = []
        self.proofs: list[Proof] = []
        self.encapsulations: list[bytes] = []
        self.grants: list[CreateGrantResponse] = []

    @property
    def alias_name(self) -> str:
        return f"alias/{self.name.replace(', ', '/').replace(' ', '-')}"

    def create(self, origin: OriginType = OriginType.EXTERNAL, **store: str) -> None:
        self.key_id = self.ask.create_key(
            **store,
            origin=origin,
            multi_region=self.multi_region,
            description=self.name,
            key_spec=self.key_spec,
            key_usage=self.key_usage,
        )
        self.ask(CreateAliasRequest(alias_name=self.alias_name, target_key_id=self.key_id))
        owner = Tag(tag_key="owner", tag_value=self.name.replace(",", ""))
        tags = (owner, Tag(tag_key="empty", tag_value=""))
        self.ask(TagResourceRequest(key_id=self.key_id, tags=tags))

    def create_in_store(self, request: CreateCustomKeyStoreRequest) -> str:
        """Create the key in the connected custom key store that a request is for; the id of that store."""
        name, path = request.custom_key_store_name, request.xks_proxy_uri_path
        stores = self.ask(DescribeCustomKeyStoresRequest()).custom_key_stores
        known = {each.custom_key_store_name: each.custom_key_store_id for each in stores}
        store = known.get(name) or self.ask(request).custom_key_store_id
        if name not in known:
            self.ask(ConnectCustomKeyStoreRequest(custom_key_store_id=store))
        if path is None:
            self.create(OriginType.AWS_CLOUDHSM, custom_key_store_id=store)
        else:
            number = len(tuple(self.ask.kms.keys_in_store(ACCOUNT, REGION, store, self.ask.now)))
            external = {"custom_key_store_id": store, "xks_key_id": f"key-{number}"}
            self.create(OriginType.EXTERNAL_KEY_STORE, **external)
        return store

    def disconnect(self, store: str) -> None:
        self.ask(DisconnectCustomKeyStoreRequest(custom_key_store_id=store))

    def use(self) -> None:
        """Do what this key is for, and keep what comes of it; let others do it, too."""
        self.grant()
        match self.key_usage:
            case KeyUsageType.ENCRYPT_DECRYPT:
                self.encrypt()
            case KeyUsageType.SIGN_VERIFY:
                self.sign()
            case KeyUsageType.GENERATE_VERIFY_MAC:
                self.generate_mac()
            case KeyUsageType.ENCAPSULATE_DECAPSULATE:
                self.encapsulate()
            case KeyUsageType.KEY_AGREEMENT:
                pass  # what is agreed upon, the peer has too

    def grant(self) -> None:
        request = CreateGrantRequest(
            key_id=self.key_id,
            grantee_principal=GRANTEE,
            retiring_principal=RETIRING,
            operations=(GrantOperation.DescribeKey, GrantOperation.RetireGrant),
            name=f"grant-{len(self.grants)}",
        )
        self.grants.append(self.ask(request))

    def encrypt(self) -> None:
        number = len(self.ciphertexts)
        plaintext = HSM.random(24, f"plaintext {number} of {self.name}")
        if self.key_spec is KeySpec.SYMMETRIC_DEFAULT:
            context = {"owner": self.name, "number": str(number)} if number % 2 else None
            sealed = self.ask.encrypt(self.key_id, plaintext, context)
        else:
            algorithm = EncryptionAlgorithmSpec.RSAES_OAEP_SHA_256
            sealed = self.ask.encrypt(self.key_id, plaintext, algorithm=algorithm)
        self.ciphertexts.append(sealed)

    def sign(self) -> None:
        every = ALGORITHMS[self.key_spec][self.key_usage].every
        of_digests = SigningAlgorithmSpec.ED25519_PH_SHA_512
        signing = SigningAlgorithmSpec(next(each for each in every if str(each) != of_digests))
        message = HSM.random(24, f"message of {self.name}")
        request = SignRequest(key_id=self.key_id, message=message, signing_algorithm=signing)
        self.proofs.append(Proof(message, signing, self.ask(request).signature))

    def generate_mac(self) -> None:
        (algorithm,) = ALGORITHMS[self.key_spec][self.key_usage].every
        message, mac_algorithm = (
            HSM.random(24, f"message of {self.name}"),
            MacAlgorithmSpec(algorithm),
        )
        request = GenerateMacRequest(
            key_id=self.key_id, message=message, mac_algorithm=mac_algorithm
        )
        self.proofs.append(Proof(message, mac_algorithm, self.ask(request).mac))

    def encapsulate(self) -> None:
        request = EncapsulateRequest(
            key_id=self.key_id, encapsulation_algorithm=EncapsulationAlgorithmSpec.ML_KEM
        )
        self.encapsulations.append(self.ask(request).shared_secret_ciphertext_blob)

    def get_parameters(self) -> None:
        """As many as there are wrapping algorithms for this key; two, where there are more."""
        for algorithm, specs in tuple(WRAPPING[self.key_spec].items())[:2]:
            self.parameters.append(self.ask.parameters(self.key_id, algorithm, min(specs)))

    def import_new(self, *, days: float | None = None) -> None:
        """Import new key material, which expires so many days before `NOW`, or not at all."""
        number = len(self.materials)
        material = HSM.generate(self.key_spec, f"key material {number} of {self.name}").reveal()
        self.materials.append(material)
        is_symmetric = self.key_spec is KeySpec.SYMMETRIC_DEFAULT
        algorithm, specs = next(iter(WRAPPING[self.key_spec].items()))
        self.ask.import_key_material(
            self.key_id,
            material,
            valid_to=None if days is None else NOW - days * DAY,
            import_type=ImportType.NEW_KEY_MATERIAL if is_symmetric else None,
            parameters=self.ask.parameters(self.key_id, algorithm, min(specs)),
        )

    def rotate(self) -> None:
        self.ask(RotateKeyOnDemandRequest(key_id=self.key_id))

    def replicate(self) -> None:
        self.ask(ReplicateKeyRequest(key_id=self.key_id, replica_region=OTHER_REGION))

    def import_into_replica(self, number: int) -> None:
        """The key material that the primary key got with this number."""
        self.ask.import_key_material(self.key_id, self.materials[number], region=OTHER_REGION)

    def become_replica(self) -> None:
        """Make the related key in the other Region the primary key."""
        self.ask(UpdatePrimaryRegionRequest(key_id=self.key_id, primary_region=OTHER_REGION))

    def disable(self) -> None:
        self.ask(DisableKeyRequest(key_id=self.key_id))

    def schedule_deletion(self, region: str = REGION) -> None:
        request = ScheduleKeyDeletionRequest(key_id=self.key_id, pending_window_in_days=7)
        self.ask(request, region=region)

    def belongings(self) -> KeyInWorld:
        named = (key for key in keys_of(self.ask.kms) if key.key_arn.key_id == self.key_id)
        key = next(key for key in named if key.key_arn.region == REGION)
        return KeyInWorld(
            name=self.name,
            key_id=self.key_id,
            arn=key.arn,
            alias_name=self.alias_name,
            origin=key.lifecycle.origin,
            key_spec=self.key_spec,
            key_usage=self.key_usage,
            multi_region=self.multi_region,
            proofs=tuple(self.proofs),
            encapsulations=tuple(self.encapsulations),
            grants=tuple(self.grants),
            parameters=tuple(self.parameters),
            materials=tuple(self.materials),
            ciphertexts=tuple(self.ciphertexts),
        )
