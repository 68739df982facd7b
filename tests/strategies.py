"""
The Hypothesis strategies: identifiers, every request of every operation, and worlds.

Requests are built from the hints of their classes, so an operation that is added is asked by every law. A request is
*fitting* (all that it needs is there, for a key of the world), *valid* (each member is within its constraints),
*spoiled* (some member is just outside of them) or *hostile* (some member is what no caller should send).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from hypothesis import settings, strategies as st

from kmsmodel.calls.request import Request
from kmsmodel.key.key_spec import SUPPORTED, WRAPPING, is_asymmetric
from kmsmodel.key.tag import Tag
from kmsmodel.memory.account import every
from kmsmodel.memory.pages import marker
from kmsmodel.operations.importing import ImportKeyMaterialRequest
from kmsmodel.policy.grant import GrantConstraints
from kmsmodel.testing import requests as of_others
from kmsmodel.testing.values import (
    LONGEST,
    hints_of,
    hostile,
    is_required,
    members_of,
    nearly,
    spans,
    values,
)
from kmsmodel.words.enumerations import (
    AlgorithmSpec,
    DataKeyPairSpec,
    DataKeySpec,
    GrantOperation,
    ImportType,
    KeySpec,
    KeyUsageType,
    WrappingKeySpec,
)
from tests.basics import (
    ACCOUNT,
    ARN,
    AWS_MANAGED,
    DAY,
    HSM,
    KEY_ID,
    OTHER_ACCOUNT,
    OTHER_REGION,
    REGION,
    facts,
)
from tests.key_stores import CLUSTERS, PROXIES, credential_of, of_cluster, of_proxy, proxy
from tests.worlds.belongings import GRANTEE, RETIRING, KeyInWorld, Sealed
from tests.worlds.world import Step, World, world

REQUESTS = of_others.REQUESTS

WITHOUT_A_KEY = frozenset(
    {"CreateKey", "GenerateRandom", "ListKeys", "ListRetirableGrants"}
    | {each for each in REQUESTS if "CustomKeyStore" in each}
)
"""The operations that are not about a key."""

NEW_REGION = "eu-west-1"
"""A Region in which no key of the first world is."""

per_operation = settings(max_examples=max(5, settings().max_examples // 6))
"""How much is tried of a law that is a test of its own for each operation."""


# ---- identifiers

strange_identifiers: st.SearchStrategy[str] = st.sampled_from(
    [
        "alias/a",
        AWS_MANAGED,
        f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/a",
        KEY_ID,
        "mrk-1234abcd12ab34cd56ef1234567890ab",
        ARN,
        "fake-key-id",
        "arn:aws:kms",
        f"arn:aws:kms:{REGION}:{ACCOUNT}:key/",
        f"arn:aws:kms:{REGION}:{ACCOUNT}:key/fake\n",
        f"arn:aws:s3:{REGION}:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        " ",
    ]
)


def names_of(key: KeyInWorld, operation: str = "") -> st.SearchStrategy[str]:
    """What names this key: its id and its ARN; and its alias, where the operation takes one."""
    names = [key.key_id, key.arn]
    if operation in TAKES_ALIASES:
        alias_arn = f"arn:aws:kms:{REGION}:{ACCOUNT}:{key.alias_name}"
        names += [key.alias_name, alias_arn]
    return st.sampled_from(names)


def _accepts(told: Mapping[str, Any]) -> set[str]:
    return {form for each in told["identifiers"].values() for form in each.get("accepts", ())}


TAKES_ALIASES = frozenset(
    operation
    for operation, told in facts("operations.json")["operations"].items()
    if "alias_name" in _accepts(told)
)
"""The operations that take an alias as the name of a key."""


def misnames_of(key: KeyInWorld) -> st.SearchStrategy[str]:
    """What only looks like a name of this key."""
    return st.sampled_from(
        [
            key.arn.replace(ACCOUNT, OTHER_ACCOUNT),
            key.arn.replace(REGION, OTHER_REGION),
            key.arn.replace("arn:aws:", "arn:aws-cn:"),
            key.arn.upper(),
            key.arn + " ",
            key.key_id[:-1],
            key.key_id.upper(),
        ]
    )


# ---- requests


def keys(world_: World) -> st.SearchStrategy[KeyInWorld]:
    return st.sampled_from(world_.keys)


@st.composite
def _identifiers(draw: st.DrawFn, key: KeyInWorld) -> str:
    rarely = draw(st.integers(0, 9))
    if rarely == 9:
        return draw(strange_identifiers)
    if rarely == 7:
        return key.alias_name
    return draw(misnames_of(key) if rarely == 8 else names_of(key))


_no_material_id = "00" * 32
_contexts = st.sampled_from([{}, {"a": "bc"}, {"ab": "c"}, {"\u20ac": "b"}])
_POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}],
    }
)
_policies = st.sampled_from(
    [_POLICY, '{"Statement": [{"Effect": "Allow"}]}', "{}", "[]", "{", '{"Id": "\u20ac"}']
)
_messages = st.sampled_from([b"a message", bytes(32), bytes(48), bytes(64), b"a" * 4096])
_tags = st.sampled_from(
    [(), (Tag(tag_key="new", tag_value="1"),), (Tag(tag_key="AWS:", tag_value=""),)]
)


_regions = st.sampled_from([OTHER_REGION, NEW_REGION, REGION, "cn-north-1", "us-invalid-1"])


def _tokens(key: KeyInWorld) -> st.SearchStrategy[bytes]:
    return st.sampled_from([*(each.import_token for each in key.parameters), b"no token"])


def _wrapped(key: KeyInWorld) -> st.SearchStrategy[bytes]:
    wrapped = [each.wrapped(m) for each in key.parameters[:2] for m in key.materials[:1]]
    return st.sampled_from([*wrapped, b"not wrapped"])


def _ciphertexts(key: KeyInWorld) -> st.SearchStrategy[bytes]:
    return st.sampled_from([*(each.ciphertext for each in key.ciphertexts), b"no ciphertext"])


def _proofs(key: KeyInWorld) -> st.SearchStrategy[bytes]:
    return st.sampled_from([*(each.proof for each in key.proofs), b"no proof"])


def _proven(key: KeyInWorld) -> st.SearchStrategy[bytes]:
    return st.one_of(st.sampled_from([each.message for each in key.proofs] or [b"a"]), _messages)


def _alias_names(key: KeyInWorld) -> st.SearchStrategy[str]:
    another = f"{key.alias_name}/another"
    return st.sampled_from([key.alias_name, another, "alias/aws/s3", "no-alias", "alias/a:b"])


PEERS = {
    key_spec: HSM.public_key(HSM.generate(key_spec, "a peer"))
    for key_spec in (KeySpec.ECC_NIST_P256, KeySpec.ECC_NIST_P384, KeySpec.RSA_2048)
}
"""Public keys to agree with, and one that nobody can agree with."""


def _material_ids(world_: World, key: KeyInWorld) -> st.SearchStrategy[str]:
    remembered = (each for each in world_.remembered if each.arn == key.arn)
    ids = [material.key_material_id for each in remembered for material in each.backing_keys]
    return st.sampled_from([*ids, _no_material_id])


def _markers(_: KeyInWorld) -> st.SearchStrategy[str]:
    names = ["", "000000001", "8", "alias/aws/s3", "\U0010ffff"]
    made = [marker(name, each) for name in REQUESTS if name[:4] == "List" for each in names]
    return st.sampled_from([*made, "no marker", "\u00ff"])


_principals = st.sampled_from(
    [
        GRANTEE,
        RETIRING,
        f"arn:aws:iam::{ACCOUNT}:root",
        f"arn:aws:iam::{OTHER_ACCOUNT}:user/path/Ada",
        f"arn:aws:sts::{ACCOUNT}:assumed-role/application/session",
        f"arn:aws:sts::{ACCOUNT}:federated-user/Ada",
        "AROA1234567890EXAMPLE:session",
        "AIDA1234567890EXAMPLE",
        "s3.amazonaws.com",
        f"arn:aws-cn:iam::{ACCOUNT}:root",
        f"arn:aws:iam::{ACCOUNT}:group/all",
        "arn:aws:iam::1:root",
        ACCOUNT,
        "nobody",
    ]
)
_SOURCE_ARN = f"arn:aws:s3:{REGION}:{ACCOUNT}:bucket"
_constraints = st.one_of(
    st.none(),
    st.sampled_from(
        [
            GrantConstraints(),
            GrantConstraints(source_arn=_SOURCE_ARN),
            GrantConstraints(encryption_context_subset={}, encryption_context_equals={"a": "b"}),
            GrantConstraints(encryption_context_subset={"a": "b"}, source_arn=_SOURCE_ARN),
            GrantConstraints(
                encryption_context_subset={"a": "b"}, encryption_context_equals={"a": "b"}
            ),
            GrantConstraints(encryption_context_equals={"a": "b" * 385}),
            GrantConstraints(encryption_context_subset={str(n): "" for n in range(9)}),
        ]
    ),
)


def _grant_tokens(key: KeyInWorld) -> st.SearchStrategy[str]:
    tokens = [each.grant_token for each in key.grants]
    return st.sampled_from([*tokens, *tokens, "no token", "\u20ac", *(t[:-1] for t in tokens)])


def _grant_ids(key: KeyInWorld) -> st.SearchStrategy[str]:
    return st.sampled_from([*(each.grant_id for each in key.grants), "0" * 64, "A" * 64, "1"])


def _store_ids(world_: World) -> st.SearchStrategy[str]:
    return st.sampled_from([*_stores(world_), "cks-1234567890abcdef0"])


def _stores(world_: World) -> list[str]:
    """The ids of the custom key stores that are remembered."""
    of = world_.kms.account_in_region(ACCOUNT, REGION)
    return [each.custom_key_store_id for each in every(of.custom_key_stores)]


_store_names = st.sampled_from(["connected", "disconnected proxy", "unused", "another"])


_AIMED: Mapping[str, Callable[[World, KeyInWorld], st.SearchStrategy[Any]]] = {
    "key_id": lambda _, key: _identifiers(key),
    "target_key_id": lambda _, key: _identifiers(key),
    "source_key_id": lambda _, key: _identifiers(key),
    "destination_key_id": lambda _, key: _identifiers(key),
    "alias_name": lambda _, key: _alias_names(key),
    "import_token": lambda _, key: _tokens(key),
    "encrypted_key_material": lambda _, key: _wrapped(key),
    "ciphertext_blob": lambda _, key: _ciphertexts(key),
    "encryption_context": lambda _, __: _contexts,
    "source_encryption_context": lambda _, __: _contexts,
    "destination_encryption_context": lambda _, __: _contexts,
    "message": lambda _, key: _proven(key),
    "signature": lambda _, key: _proofs(key),
    "mac": lambda _, key: _proofs(key),
    "public_key": lambda _, __: st.sampled_from([*PEERS.values(), b"no public key"]),
    "shared_secret_ciphertext_blob": lambda _, key: st.sampled_from(
        [*key.encapsulations, b"no ciphertext"]
    ),
    "tags": lambda _, __: _tags,
    "tag_keys": lambda _, __: st.sampled_from([(), ("owner",), ("owner", "nothing")]),
    "key_material_id": _material_ids,
    "marker": lambda _, key: _markers(key),
    "grantee_principal": lambda _, __: _principals,
    "retiring_principal": lambda _, __: _principals,
    "operations": lambda _, __: st.lists(st.sampled_from(GrantOperation), max_size=3).map(tuple),
    "constraints": lambda _, __: _constraints,
    "grant_token": lambda _, key: _grant_tokens(key),
    "grant_tokens": lambda _, key: st.lists(_grant_tokens(key), max_size=2).map(tuple),
    "grant_id": lambda _, key: _grant_ids(key),
    "pending_window_in_days": lambda _, __: st.sampled_from([1, 6, 7, 8, 29, 30, 31, 365]),
    "policy": lambda _, __: _policies,
    "replica_region": lambda _, __: _regions,
    "primary_region": lambda _, __: _regions,
    "custom_key_store_id": lambda world_, _: _store_ids(world_),
    "custom_key_store_name": lambda _, __: _store_names,
    "new_custom_key_store_name": lambda _, __: _store_names,
    "cloud_hsm_cluster_id": lambda _, __: st.sampled_from(
        [*(each.cluster_id for each in CLUSTERS), "cluster-abcdefghijk"]
    ),
    "trust_anchor_certificate": lambda _, __: st.sampled_from(
        [each.trust_anchor_certificate for each in CLUSTERS]
    ),
    "key_store_password": lambda _, __: st.sampled_from(
        [CLUSTERS[0].kmsuser_password, "another password"]
    ),
    "xks_proxy_uri_endpoint": lambda _, __: st.sampled_from(
        [*(each.uri_endpoint for each in PROXIES), "https://nowhere.example.com"]
    ),
    "xks_proxy_uri_path": lambda _, __: st.sampled_from(["/kms/xks/v1", "/a/kms/xks/v1"]),
    "xks_proxy_authentication_credential": lambda _, __: st.sampled_from(
        [credential_of(PROXIES[0]), credential_of(proxy("x", access_key_id="B" * 20))]
    ),
    "xks_key_id": lambda _, __: st.sampled_from(["key-0", "key-8", "key-9", "no-key"]),
    "policy_name": lambda _, __: st.sampled_from(["default", "AWS_RAM", "another"]),
}
"""How members are drawn that mean something in a world, by their names."""


def _drawn(
    world_: World, key: KeyInWorld, cls: type[Request[Any]], name: str
) -> st.SearchStrategy[Any]:
    aimed = _AIMED.get(name)
    return values(hints_of(cls)[name]) if aimed is None else aimed(world_, key)


@st.composite
def valid(draw: st.DrawFn, world_: World, key: KeyInWorld, operation: str) -> Request[Any]:
    """A request whose members are within their constraints; what it names is mostly this key's."""
    cls = REQUESTS[operation]
    return cls(
        **{
            member.name: draw(_drawn(world_, key, cls, member.name))
            for member in members_of(cls)
            if is_required(member) or draw(st.integers(0, 3)) == 3
        }
    )


@st.composite
def fitting(draw: st.DrawFn, world_: World, key: KeyInWorld, operation: str) -> Request[Any]:
    """A request for which all that the client has to bring is there: only the key's state can refuse it."""
    named = draw(names_of(key, operation))
    cls, brings = REQUESTS[operation], _BRINGS.get(operation)
    if operation == ImportKeyMaterialRequest.operation and key.valid_parameters:
        parameters = draw(st.sampled_from(key.valid_parameters))
        return parameters.request(
            named,
            draw(st.sampled_from(key.materials or (new_material(key),))),
            draw(st.sampled_from([None, world_.now + 3 * DAY])),
        )
    brought = {} if brings is None or not fits(operation, key) else draw(brings(key))
    hints = hints_of(cls)
    needed = {
        member.name: hints[member.name]
        for member in members_of(cls)
        if is_required(member) and member.name not in brought
    }
    names = dict.fromkeys(_NAMES_A_KEY & {member.name for member in members_of(cls)}, named)
    members = {
        name: draw(_store_ids(world_) if name == _A_STORE else _FITTING.get(name, values(hint)))
        for name, hint in needed.items()
        if name not in names
    }
    return cls(**{**members, **names, **brought})


_A_STORE = "custom_key_store_id"
_NAMES_A_KEY = frozenset({"key_id", "target_key_id", "destination_key_id"})


def members_given(request: Request[Any]) -> dict[str, Any]:
    """The members of a request that are there."""
    named = {member.name: getattr(request, member.name) for member in members_of(type(request))}
    return {name: each for name, each in named.items() if each is not None}


def new_material(key: KeyInWorld, number: int = 0) -> bytes:
    return HSM.generate(key.key_spec, f"new key material {number}").reveal()


# ---- what a client brings


@st.composite
def _decrypts(draw: st.DrawFn, key: KeyInWorld) -> dict[str, Any]:
    sealed: Sealed = draw(st.sampled_from(key.ciphertexts))
    request = sealed.request()
    may_name_no_key = key.is_symmetric_encryption_key and draw(st.booleans())
    return {
        "ciphertext_blob": request.ciphertext_blob,
        "encryption_context": request.encryption_context,
        "encryption_algorithm": request.encryption_algorithm,
        "key_id": None if may_name_no_key else draw(names_of(key, "Decrypt")),
    }


@st.composite
def _re_encrypts(draw: st.DrawFn, key: KeyInWorld) -> dict[str, Any]:
    sealed: Sealed = draw(st.sampled_from(key.ciphertexts))
    return {
        "ciphertext_blob": sealed.ciphertext,
        "source_encryption_context": sealed.encryption_context,
        "source_encryption_algorithm": sealed.algorithm,
        "source_key_id": draw(names_of(key, "ReEncrypt")),
        "destination_encryption_algorithm": sealed.algorithm,
    }


def _asks_for(member: str) -> Callable[[KeyInWorld], st.SearchStrategy[dict[str, Any]]]:
    return lambda key: st.fixed_dictionaries({member: st.sampled_from(key.algorithms)})


def _proves(
    member: str, algorithm: str
) -> Callable[[KeyInWorld], st.SearchStrategy[dict[str, Any]]]:
    def brings(key: KeyInWorld) -> st.SearchStrategy[dict[str, Any]]:
        return st.sampled_from(key.proofs).map(
            lambda each: {"message": each.message, member: each.proof, algorithm: each.algorithm}
        )

    return brings


def _retires(key: KeyInWorld) -> st.SearchStrategy[dict[str, Any]]:
    """By one of its tokens, or by the key ARN and the grant id."""
    return st.sampled_from(
        [
            members
            for each in key.grants
            for members in (
                {"grant_token": each.grant_token, "key_id": None},
                {"grant_id": each.grant_id, "key_id": key.arn},
            )
        ]
    )


_PAIRS = st.sampled_from([each for each in DataKeyPairSpec if KeySpec(each) in SUPPORTED])


_BRINGS: Mapping[str, Callable[[KeyInWorld], st.SearchStrategy[dict[str, Any]]]] = {
    "CreateAlias": lambda key: st.just({"alias_name": f"{key.alias_name}/another"}),
    "CreateGrant": lambda _: st.fixed_dictionaries(
        {
            "grantee_principal": st.sampled_from([GRANTEE, RETIRING]),
            "operations": st.just((GrantOperation.DescribeKey,)),
            "name": st.sampled_from([None, "grant-0", "grant-1", "another"]),
        }
    ),
    "CreateCustomKeyStore": lambda _: st.sampled_from(
        [
            members_given(of_cluster(CLUSTERS[3], "unused")),
            members_given(of_proxy(PROXIES[2], "unused")),
        ]
    ),
    "Decapsulate": lambda key: st.sampled_from(key.encapsulations).map(
        lambda each: {"shared_secret_ciphertext_blob": each}
    ),
    "Decrypt": _decrypts,
    "DeleteAlias": lambda key: st.just({"alias_name": key.alias_name}),
    "DeriveSharedSecret": lambda key: st.just({"public_key": PEERS[key.key_spec]}),
    "Encrypt": lambda key: st.fixed_dictionaries(
        {
            "encryption_algorithm": st.sampled_from(key.algorithms),
            "plaintext": st.binary(min_size=1, max_size=LONGEST),
        }
    ),
    "GenerateDataKey": lambda _: st.fixed_dictionaries({"key_spec": st.sampled_from(DataKeySpec)}),
    "GenerateDataKeyPair": lambda _: st.fixed_dictionaries({"key_pair_spec": _PAIRS}),
    "GenerateDataKeyPairWithoutPlaintext": lambda _: st.fixed_dictionaries(
        {"key_pair_spec": _PAIRS}
    ),
    "GenerateDataKeyWithoutPlaintext": lambda _: st.fixed_dictionaries(
        {"number_of_bytes": st.integers(1, 1024)}
    ),
    "GenerateMac": _asks_for("mac_algorithm"),
    "GenerateRandom": lambda _: st.fixed_dictionaries({"number_of_bytes": st.integers(1, 1024)}),
    "GetParametersForImport": lambda key: st.sampled_from(
        [
            {"wrapping_algorithm": algorithm, "wrapping_key_spec": wrapping_key_spec}
            for algorithm, specs in WRAPPING[key.key_spec].items()
            for wrapping_key_spec in sorted(specs)
        ]
    ),
    "ListAliases": lambda key: st.fixed_dictionaries({"key_id": names_of(key)}),
    "ListRetirableGrants": lambda _: st.just({"retiring_principal": RETIRING}),
    "PutKeyPolicy": lambda _: st.just({"policy": _POLICY}),
    "ReEncrypt": _re_encrypts,
    "ReplicateKey": lambda _: st.just({"replica_region": NEW_REGION}),
    "RetireGrant": _retires,
    "RevokeGrant": lambda key: st.sampled_from(key.grants).map(
        lambda each: {"grant_id": each.grant_id}
    ),
    "Sign": _asks_for("signing_algorithm"),
    "TagResource": lambda _: st.just({"tags": (Tag(tag_key="new", tag_value="1"),)}),
    "UpdateAlias": lambda key: st.just({"alias_name": key.alias_name}),
    "UpdatePrimaryRegion": lambda _: st.fixed_dictionaries(
        {"primary_region": st.sampled_from([REGION, OTHER_REGION])}
    ),
    "Verify": _proves("signature", "signing_algorithm"),
    "VerifyMac": _proves("mac", "mac_algorithm"),
}

_USAGES: Mapping[str, KeyUsageType] = {
    "Decapsulate": KeyUsageType.ENCAPSULATE_DECAPSULATE,
    "Decrypt": KeyUsageType.ENCRYPT_DECRYPT,
    "DeriveSharedSecret": KeyUsageType.KEY_AGREEMENT,
    "Encapsulate": KeyUsageType.ENCAPSULATE_DECAPSULATE,
    "Encrypt": KeyUsageType.ENCRYPT_DECRYPT,
    "GenerateMac": KeyUsageType.GENERATE_VERIFY_MAC,
    "ReEncrypt": KeyUsageType.ENCRYPT_DECRYPT,
    "Sign": KeyUsageType.SIGN_VERIFY,
    "Verify": KeyUsageType.SIGN_VERIFY,
    "VerifyMac": KeyUsageType.GENERATE_VERIFY_MAC,
}
_OF_SYMMETRIC_ENCRYPTION_KEYS = frozenset(
    {
        "DisableKeyRotation",
        "EnableKeyRotation",
        "GenerateDataKey",
        "GenerateDataKeyPair",
        "GenerateDataKeyPairWithoutPlaintext",
        "GenerateDataKeyWithoutPlaintext",
        "RotateKeyOnDemand",
    }
)
_NEEDS: Mapping[str, Callable[[KeyInWorld], object]] = {
    "Decapsulate": lambda key: key.encapsulations,
    "Decrypt": lambda key: key.ciphertexts,
    "GetParametersForImport": lambda key: key.key_spec in WRAPPING,
    "GetPublicKey": lambda key: is_asymmetric(key.key_spec),
    "ReEncrypt": lambda key: key.ciphertexts,
    "ReplicateKey": lambda key: key.multi_region,
    "RetireGrant": lambda key: key.grants,
    "RevokeGrant": lambda key: key.grants,
    "UpdatePrimaryRegion": lambda key: key.multi_region,
    "Verify": lambda key: key.proofs,
    "VerifyMac": lambda key: key.proofs,
}


def fits(operation: str, key: KeyInWorld) -> bool:
    """Can a request of this operation be fitting? A key that never encrypted has no ciphertext, and so on."""
    if operation in _OF_SYMMETRIC_ENCRYPTION_KEYS and not key.is_symmetric_encryption_key:
        return False
    if _USAGES.get(operation, key.key_usage) is not key.key_usage:
        return False
    needs = _NEEDS.get(operation)
    return needs is None or bool(needs(key))


_FITTING: Mapping[str, st.SearchStrategy[Any]] = {
    "wrapping_algorithm": st.sampled_from(
        [AlgorithmSpec.RSAES_OAEP_SHA_256, AlgorithmSpec.RSAES_OAEP_SHA_1]
    ),
    "wrapping_key_spec": st.sampled_from(
        [WrappingKeySpec.RSA_2048, WrappingKeySpec.RSA_3072, WrappingKeySpec.RSA_4096]
    ),
    "message": st.binary(min_size=1, max_size=LONGEST),
}
"""Members that fit whatever the key is."""


@st.composite
def imports_of_new_material(draw: st.DrawFn, key: KeyInWorld) -> ImportKeyMaterialRequest:
    material = new_material(key, draw(st.integers(0, 2)))
    parameters = draw(st.sampled_from(key.valid_parameters))
    import_type = ImportType.NEW_KEY_MATERIAL if key.is_symmetric_encryption_key else None
    return parameters.request(key.key_id, material, None, import_type)


@st.composite
def altered(draw: st.DrawFn, world_: World, key: KeyInWorld, operation: str) -> Request[Any]:
    """A fitting request, but for one member."""
    request, cls = draw(fitting(world_, key, operation)), REQUESTS[operation]
    names = [member.name for member in members_of(cls)]
    if not names:
        return request
    name = draw(st.sampled_from(names))
    return changed(request, {name: draw(_drawn(world_, key, cls, name))})


@st.composite
def neighbours(
    draw: st.DrawFn, world_: World, key: KeyInWorld, operation: str
) -> tuple[Request[Any], ...]:
    """A fitting request, and for each of its members one that differs in it."""
    request, cls = draw(fitting(world_, key, operation)), REQUESTS[operation]
    return (
        request,
        *(
            changed(request, {member.name: draw(_drawn(world_, key, cls, member.name))})
            for member in members_of(cls)
        ),
    )


def changed(request: Request[Any], members: Mapping[str, Any]) -> Request[Any]:
    """The request with other members, whatever they are."""
    cls = REQUESTS[request.operation]
    return cls(
        **{member.name: getattr(request, member.name) for member in members_of(cls)} | {**members}
    )


@st.composite
def requests(
    draw: st.DrawFn, world_: World, operation: str | None = None, key: KeyInWorld | None = None
) -> Request[Any]:
    """A request as clients make them: of any operation, about any key of the world, fitting or at least valid."""
    of = operation or draw(st.sampled_from(sorted(REQUESTS)))
    about = key or draw(keys(world_))
    if of == ImportKeyMaterialRequest.operation and about.valid_parameters and draw(st.booleans()):
        return draw(imports_of_new_material(about))
    how = draw(st.sampled_from([fitting, altered, valid]))
    return draw(how(world_, about, of))


@st.composite
def spoiled(draw: st.DrawFn, world_: World, operation: str | None = None) -> Request[Any]:
    """A request some members of which are just outside of their constraints, or what no caller should send."""
    request = draw(requests(world_, operation))
    cls = type(request)
    names = [member.name for member in members_of(cls)]
    spoils = draw(st.sets(st.sampled_from(names), min_size=1, max_size=2)) if names else set[str]()
    how = draw(st.sampled_from([nearly, hostile]))
    return changed(request, {name: draw(how(hints_of(cls)[name])) for name in sorted(spoils)})


def any_requests(world_: World, operation: str | None = None) -> st.SearchStrategy[Request[Any]]:
    return st.one_of(requests(world_, operation), spoiled(world_, operation))


# ---- worlds


@st.composite
def steps(draw: st.DrawFn) -> tuple[Step, ...]:
    """What may happen to the first world: a few requests, and time between them."""
    mostly_at_once = st.one_of(st.just(timedelta()), st.just(timedelta()), spans())
    requested = st.tuples(mostly_at_once, requests(world()))
    return tuple(draw(st.lists(requested, max_size=4)))


def worlds() -> st.SearchStrategy[World]:
    """The first world, and what some steps make of it."""
    return steps().map(lambda taken: world(*taken))
