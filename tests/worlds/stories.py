"""
How each KMS key of the first world comes to its key state, by requests alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from kmsmodel.operations.custom_key_stores import CreateCustomKeyStoreRequest
from kmsmodel.operations.importing import DeleteImportedKeyMaterialRequest
from kmsmodel.operations.rotation import EnableKeyRotationRequest
from kmsmodel.words.enumerations import KeySpec, KeyUsageType, OriginType
from tests.basics import OTHER_REGION
from tests.key_stores import CLUSTERS, PROXIES, of_cluster, of_proxy
from tests.worlds.owner import Owner

# A story begins this many days before `NOW`, and yields the day that it waits for, counted back too.
BEGINNING = 100.0
Story = Callable[[Owner], Iterator[float]]


def _enabled(owner: Owner) -> Iterator[float]:
    owner.create(OriginType.AWS_KMS)
    yield 3
    owner.use()
    owner.use()


def _disabled(owner: Owner) -> Iterator[float]:
    yield from _enabled(owner)
    owner.disable()


def _pending_deletion(owner: Owner) -> Iterator[float]:
    yield from _enabled(owner)
    yield 2
    owner.schedule_deletion()


def _rotated(owner: Owner) -> Iterator[float]:
    yield from _enabled(owner)
    for day in (2, 1):
        yield day
        owner.rotate()
        owner.encrypt()


def _rotating(owner: Owner) -> Iterator[float]:
    """By itself: some time ago, and again some time from now."""
    owner.create(OriginType.AWS_KMS)
    owner.ask(EnableKeyRotationRequest(key_id=owner.key_id, rotation_period_in_days=90))
    owner.encrypt()
    yield 9
    owner.encrypt()


def _overdue(owner: Owner) -> Iterator[float]:
    """Disabled, so that it does not rotate by itself before it is enabled again."""
    owner.create(OriginType.AWS_KMS)
    owner.ask(EnableKeyRotationRequest(key_id=owner.key_id, rotation_period_in_days=90))
    owner.encrypt()
    yield 99
    owner.disable()


def _pending_import(owner: Owner) -> Iterator[float]:
    owner.create()
    owner.get_parameters()
    yield 0.1
    owner.get_parameters()


def _imported(owner: Owner, *, days: float | None = None) -> Iterator[float]:
    yield from _pending_import(owner)
    owner.import_new(days=days)
    owner.use()
    owner.use()


def _expiring(owner: Owner) -> Iterator[float]:
    yield from _imported(owner, days=-10)


def _imported_disabled(owner: Owner) -> Iterator[float]:
    yield from _imported(owner)
    owner.disable()


def _imported_pending_deletion(owner: Owner) -> Iterator[float]:
    yield from _expiring(owner)
    owner.schedule_deletion()


def _imported_rotated(owner: Owner) -> Iterator[float]:
    yield from _imported(owner)
    for days in (None, -20):
        owner.import_new(days=days)
        owner.rotate()
        owner.encrypt()


def _pending_rotation(owner: Owner) -> Iterator[float]:
    yield from _imported(owner)
    owner.import_new(days=-15)


def _rotated_and_material_deleted(owner: Owner) -> Iterator[float]:
    yield from _imported_rotated(owner)
    owner.ask(DeleteImportedKeyMaterialRequest(key_id=owner.key_id))


def _material_deleted(owner: Owner) -> Iterator[float]:
    yield from _imported(owner)
    owner.ask(DeleteImportedKeyMaterialRequest(key_id=owner.key_id))


def _expired(owner: Owner) -> Iterator[float]:
    yield from _imported(owner, days=0.05)
    yield 0


def _never_imported_pending_deletion(owner: Owner) -> Iterator[float]:
    yield from _pending_import(owner)
    owner.schedule_deletion()


def _deleted(owner: Owner) -> Iterator[float]:
    owner.create()
    owner.get_parameters()
    owner.import_new()
    owner.encrypt()
    yield 7
    owner.schedule_deletion()


STORIES: Mapping[str, Story] = {
    "generated": _enabled,
    "generated and disabled": _disabled,
    "generated and pending deletion": _pending_deletion,
    "generated and rotated": _rotated,
    "generated and rotating by itself": _rotating,
    "generated and overdue": _overdue,
    "pending import": _pending_import,
    "imported": _imported,
    "imported for some days": _expiring,
    "imported and disabled": _imported_disabled,
    "imported and pending deletion": _imported_pending_deletion,
    "imported and rotated": _imported_rotated,
    "imported and pending rotation": _pending_rotation,
    "imported and deleted": _rotated_and_material_deleted,
    "imported and expired": _expired,
    "pending deletion and never imported": _never_imported_pending_deletion,
    "deleted": _deleted,
}


def _replicated(owner: Owner) -> Iterator[float]:
    yield from _rotating(owner)
    owner.grant()
    owner.replicate()
    owner.encrypt()


def _replica(owner: Owner) -> Iterator[float]:
    yield from _replicated(owner)
    yield 5
    owner.become_replica()


def _replicated_and_pending_deletion(owner: Owner) -> Iterator[float]:
    """The replica key has been gone for a day."""
    yield from _replicated(owner)
    yield 8
    owner.schedule_deletion()
    owner.schedule_deletion(region=OTHER_REGION)
    yield 0


def _replicated_and_pending_replica_deletion(owner: Owner) -> Iterator[float]:
    """The replica key is there for three more days."""
    yield from _replicated(owner)
    yield 4
    owner.schedule_deletion()
    owner.schedule_deletion(region=OTHER_REGION)


def _imported_replicated(owner: Owner) -> Iterator[float]:
    """New key material is in the primary key only."""
    yield from _imported(owner)
    owner.replicate()
    owner.import_into_replica(0)
    owner.import_new(days=-15)


def _imported_replica(owner: Owner) -> Iterator[float]:
    """Both have the new key material."""
    yield from _imported_replicated(owner)
    owner.import_into_replica(1)
    owner.become_replica()


REPLICATED: Mapping[str, Story] = {
    "replicated": _replicated,
    "replica": _replica,
    "replicated and pending deletion": _replicated_and_pending_deletion,
    "replicated and pending replica deletion": _replicated_and_pending_replica_deletion,
    "imported and replicated": _imported_replicated,
    "imported replica": _imported_replica,
}
"""What becomes of multi-Region keys that have a relative in another Region."""


def _in_store(owner: Owner, request: CreateCustomKeyStoreRequest) -> Iterator[float]:
    owner.create_in_store(request)
    yield 3
    owner.use()
    owner.use()


def _in_store_and_disabled(owner: Owner, request: CreateCustomKeyStoreRequest) -> Iterator[float]:
    yield from _in_store(owner, request)
    owner.disable()


def _in_store_and_pending_deletion(
    owner: Owner, request: CreateCustomKeyStoreRequest
) -> Iterator[float]:
    yield from _in_store(owner, request)
    owner.schedule_deletion()


def _in_store_and_deleted(owner: Owner, request: CreateCustomKeyStoreRequest) -> Iterator[float]:
    owner.create_in_store(request)
    owner.use()
    yield 7
    owner.schedule_deletion()


def _unavailable(owner: Owner, request: CreateCustomKeyStoreRequest) -> Iterator[float]:
    store = owner.create_in_store(request)
    owner.use()
    owner.use()
    yield 2
    owner.disconnect(store)


_CONNECTED = of_cluster(CLUSTERS[0], "connected"), of_proxy(PROXIES[0], "connected proxy")
_DISCONNECTED = (
    of_cluster(CLUSTERS[1], "disconnected"),
    of_proxy(PROXIES[1], "disconnected proxy"),
)

STORED: Mapping[str, Story] = {
    f"{what} {where}": partial(story, request=requests[number])
    for number, where in enumerate(("in a cluster", "in an external key manager"))
    for what, story, requests in (
        ("enabled", _in_store, _CONNECTED),
        ("disabled", _in_store_and_disabled, _CONNECTED),
        ("pending deletion", _in_store_and_pending_deletion, _CONNECTED),
        ("deleted", _in_store_and_deleted, _CONNECTED),
        ("unavailable", _unavailable, _DISCONNECTED),
    )
}
"""What becomes of keys in custom key stores."""

GENERATED: Mapping[str, Story] = {
    "generated": _enabled,
    "generated and disabled": _disabled,
    "generated and pending deletion": _pending_deletion,
}
IMPORTED: Mapping[str, Story] = {
    "pending import": _pending_import,
    "imported": _imported,
    "imported and deleted": _material_deleted,
    "imported and pending deletion": _imported_pending_deletion,
}

KINDS: Mapping[str, tuple[KeySpec, KeyUsageType, Mapping[str, Story]]] = {
    "RSA": (KeySpec.RSA_2048, KeyUsageType.ENCRYPT_DECRYPT, {**GENERATED, **IMPORTED}),
    "ECC": (KeySpec.ECC_NIST_P256, KeyUsageType.SIGN_VERIFY, {**GENERATED, **IMPORTED}),
    "HMAC": (KeySpec.HMAC_256, KeyUsageType.GENERATE_VERIFY_MAC, {**GENERATED, **IMPORTED}),
    "ECDH": (KeySpec.ECC_NIST_P384, KeyUsageType.KEY_AGREEMENT, {**GENERATED, **IMPORTED}),
    "RSA to sign": (KeySpec.RSA_2048, KeyUsageType.SIGN_VERIFY, {"imported": _imported}),
    "Ed25519": (KeySpec.ECC_NIST_EDWARDS25519, KeyUsageType.SIGN_VERIFY, {"imported": _imported}),
    "ML-DSA": (KeySpec.ML_DSA_44, KeyUsageType.SIGN_VERIFY, {"generated": _enabled}),
    "ML-KEM": (KeySpec.ML_KEM_768, KeyUsageType.ENCAPSULATE_DECAPSULATE, GENERATED),
}
"""The other kinds of keys, and what becomes of them."""
