"""
A small AWS KMS, of which a snapshot was kept when the form of snapshots was new.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from kmsmodel.key.tag import Tag
from kmsmodel.operations.aliases import CreateAliasRequest
from kmsmodel.operations.grants import (
    CreateGrantRequest,
)
from kmsmodel.operations.keys import CreateKeyRequest, DisableKeyRequest
from kmsmodel.operations.rotation import EnableKeyRotationRequest, RotateKeyOnDemandRequest
from kmsmodel.operations.tags import TagResourceRequest
from kmsmodel.policy.grant import GrantConstraints
from kmsmodel.words.enumerations import GrantOperation, KeySpec, KeyUsageType, OriginType
from tests.basics import ACCOUNT, DAY, NOW, OTHER_REGION
from tests.worlds.conversation import Conversation

KEPT = Path(__file__).parents[1] / "data" / "snapshots" / "version_1.json"


@cache
def kept() -> Conversation:
    """Four keys: imported, rotated, asymmetric, and one in another Region."""
    ask = Conversation("kept", NOW)
    imported = ask.create_key(origin=OriginType.EXTERNAL)
    ask.import_key_material(imported, bytes(range(32)), valid_to=NOW + 9 * DAY)
    ask(CreateAliasRequest(alias_name="alias/kept", target_key_id=imported))
    ask(TagResourceRequest(key_id=imported, tags=(Tag(tag_key="a", tag_value="b"),)))
    rotated = ask.create_key()
    ask(
        CreateGrantRequest(
            key_id=rotated,
            grantee_principal=f"arn:aws:iam::{ACCOUNT}:user/alice",
            retiring_principal=f"arn:aws:iam::{ACCOUNT}:role/admin",
            operations=(GrantOperation.Encrypt, GrantOperation.Decrypt),
            constraints=GrantConstraints(encryption_context_subset={"a": "b"}),
            name="kept",
        )
    )
    ask(EnableKeyRotationRequest(key_id=rotated, rotation_period_in_days=90))
    ask(RotateKeyOnDemandRequest(key_id=rotated))
    signing = ask.create_key(key_spec=KeySpec.ECC_NIST_P256, key_usage=KeyUsageType.SIGN_VERIFY)
    ask(DisableKeyRequest(key_id=signing))
    ask.advance(100 * DAY)
    ask(CreateKeyRequest(), region=OTHER_REGION)
    return ask
