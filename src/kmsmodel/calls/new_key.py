"""
New KMS keys: how many there can be, and what the HSM draws for them.
"""

from __future__ import annotations

import uuid

from kmsmodel.calls.call import Call
from kmsmodel.errors import LimitExceededException
from kmsmodel.hsm.secret import Secret
from kmsmodel.key.backing_key import BackingKey, key_material_id
from kmsmodel.key.key import Key
from kmsmodel.key.key_spec import SM4_KEY_LENGTH, is_asymmetric, is_in_china
from kmsmodel.key.tag import TagList
from kmsmodel.machine.automatic_rotation import AutomaticRotation
from kmsmodel.machine.lifecycle import Lifecycle
from kmsmodel.machine.material import Material, Materials
from kmsmodel.memory.kms import Kms
from kmsmodel.words.arn import KeyArn
from kmsmodel.words.enumerations import (
    KeyManagerType,
    KeySpec,
    KeyUsageType,
    MultiRegionKeyType,
    OriginType,
)

IMPORT_SECRET_BYTES = 32
LABEL_BYTES = 16


def refuse_too_many(kms: Kms, call: Call) -> None:
    """
    Refuse one more customer managed key if the caller's account has all that it can have in the Region of the call.

    Raises LimitExceededException.
    """
    account, region, quota = call.caller.account, call.region, call.quotas.keys
    # At least as many as count: deleted keys and AWS managed keys are among them. Counting visits every key.
    if len(kms.account_in_region(account, region).keys) < quota:
        return
    count = kms.number_of_customer_managed_keys(account, region, call.now)
    if count >= quota:
        raise LimitExceededException(
            f"Key quota for this account in this region is {quota} "
            f"but the current usage is {count}."
        )


def new_key(
    call: Call,
    *,
    drawn_for: str = "",
    key_spec: KeySpec = KeySpec.SYMMETRIC_DEFAULT,
    key_usage: KeyUsageType = KeyUsageType.ENCRYPT_DECRYPT,
    origin: OriginType = OriginType.AWS_KMS,
    multi_region: bool = False,
    description: str = "",
    tags: TagList = (),
    policy: str | None = None,
    key_manager: KeyManagerType = KeyManagerType.CUSTOMER,
    automatic_rotation: AutomaticRotation | None = None,
    custom_key_store_id: str | None = None,
    xks_key_id: str | None = None,
) -> Key:
    """
    A new KMS key of the caller's account, with key material unless its origin is EXTERNAL.

    Of key material in an AWS CloudHSM cluster, only the label is made here. ``drawn_for`` distinguishes the keys that
    one call makes.
    """
    key_id = call.key_id or _drawn_key_id(call, drawn_for, multi_region=multi_region)
    key_arn = KeyArn(call.caller.account, call.region, key_id)
    backing_keys: tuple[BackingKey, ...] = ()
    import_secret = None
    if origin is OriginType.EXTERNAL:
        import_secret = _import_secret(call, drawn_for)
    else:
        purpose = _purpose(call, drawn_for, "key material")
        if origin is OriginType.AWS_CLOUDHSM:
            secret = Secret(call.hsm.random(LABEL_BYTES, purpose).hex().encode())
        else:
            secret = generated(key_spec, purpose, call)
        backing_keys = (backing_key(key_arn, key_spec, secret, call),)
    return Key(
        lifecycle=Lifecycle(
            arn=str(key_arn),
            origin=origin,
            key_spec=key_spec,
            multi_region_key_type=MultiRegionKeyType.PRIMARY if multi_region else None,
            materials=Materials(
                Material(key_material_id=each.key_material_id) for each in backing_keys
            ),
            automatic_rotation=automatic_rotation,
        ),
        creation_date=call.now,
        key_usage=key_usage,
        description=description,
        tags=tags,
        policy=policy,
        key_manager=key_manager,
        backing_keys=backing_keys,
        import_secret=import_secret,
        custom_key_store_id=custom_key_store_id,
        xks_key_id=xks_key_id,
    )


def generated(key_spec: KeySpec, purpose: str, call: Call) -> Secret:
    """New key material from the HSM; that of a symmetric encryption key of the China Regions is a key of SM4."""
    if key_spec is KeySpec.SYMMETRIC_DEFAULT and is_in_china(call.region):
        return Secret(call.hsm.random(SM4_KEY_LENGTH, purpose))
    return call.hsm.generate(key_spec, purpose)


def replica_key(primary: Key, call: Call, *, description: str = "", tags: TagList = ()) -> Key:
    """
    A replica key of a multi-Region primary key in the Region of the call.

    Key material that AWS KMS generated is there at once; imported key material has to be imported again.
    """
    key_arn = KeyArn(primary.key_arn.account, call.region, primary.key_arn.key_id)
    life = primary.lifecycle.replicate_key(str(key_arn), call.now, takes=call.delays.creating)
    replica = Key(
        lifecycle=life,
        creation_date=call.now,
        key_usage=primary.key_usage,
        description=description,
        tags=tags,
        import_secret=_import_secret(call, "") if life.origin is OriginType.EXTERNAL else None,
    )
    return replica.sharing(primary, life)


def _drawn_key_id(call: Call, drawn_for: str, *, multi_region: bool) -> str:
    drawn = uuid.UUID(bytes=call.hsm.random(16, _purpose(call, drawn_for, "key id")), version=4)
    return f"mrk-{drawn.hex}" if multi_region else str(drawn)


def _import_secret(call: Call, drawn_for: str) -> Secret:
    return Secret(call.hsm.random(IMPORT_SECRET_BYTES, _purpose(call, drawn_for, "import secret")))


def _purpose(call: Call, drawn_for: str, name: str) -> str:
    return call.purpose(f"{drawn_for} {name}".lstrip())


def backing_key(key_arn: KeyArn, key_spec: KeySpec, secret: Secret, call: Call) -> BackingKey:
    """The backing key of new key material for a KMS key."""
    return BackingKey(
        key_material_id=key_material_id(key_arn, secret),
        secret=secret,
        public_key=call.hsm.public_key(secret) if is_asymmetric(key_spec) else None,
    )
