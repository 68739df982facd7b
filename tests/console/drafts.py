"""
A draft of a KMS key, and what its tests ask of it.
"""

from __future__ import annotations

from attrs import evolve

from kmsmodel import service
from kmsmodel.calls.call import Call
from kmsmodel.console.create_key import (
    CreateKeyDraft,
    CreateKeyWizard,
)
from kmsmodel.console.editions import Edition, Step
from kmsmodel.console.problems import Problem
from kmsmodel.memory.kms import Kms
from kmsmodel.operations.aliases import CreateAliasRequest
from kmsmodel.operations.custom_key_stores import ConnectCustomKeyStoreRequest
from kmsmodel.operations.keys import CreateKeyRequest
from kmsmodel.words.enumerations import OriginType
from tests.console.people import with_people
from tests.key_stores import CLUSTERS, PROXIES, of_cluster, of_proxy

DRAFT = CreateKeyDraft(alias="orders")
TAKEN = "taken"


def _with_an_alias() -> Kms:
    kms, created = service.handle(Kms(), CreateKeyRequest(), with_people("first"))
    key_id = created.key_metadata.key_id
    alias = CreateAliasRequest(alias_name=f"alias/{TAKEN}", target_key_id=key_id)
    return service.handle(kms, alias, with_people("second"))[0]


def _with_stores(kms: Kms) -> tuple[Kms, dict[str, str]]:
    """With a connected and a disconnected key store of each type; their ids, by their names."""
    ids: dict[str, str] = {}
    for number, name in enumerate(("connected", "disconnected")):
        for request in (
            of_cluster(CLUSTERS[number], f"{name} cluster"),
            of_proxy(PROXIES[number], f"{name} proxy"),
        ):
            of = request.custom_key_store_name
            kms, made = service.handle(kms, request, with_people(of))
            ids[of] = made.custom_key_store_id
    for of in ("connected cluster", "connected proxy"):
        connect = ConnectCustomKeyStoreRequest(custom_key_store_id=ids[of])
        kms, _ = service.handle(kms, connect, with_people(f"connect {of}"))
    return kms, ids


KMS, STORES = _with_stores(_with_an_alias())

IN_CLUSTER = evolve(
    DRAFT, origin=OriginType.AWS_CLOUDHSM, custom_key_store_id=STORES["connected cluster"]
)
OUTSIDE = evolve(
    DRAFT,
    origin=OriginType.EXTERNAL_KEY_STORE,
    acknowledged=True,
    custom_key_store_id=STORES["connected proxy"],
    xks_key_id="key-0",
)


def problems(
    draft: CreateKeyDraft, edition: Edition = Edition.NEW, call: Call | None = None
) -> list[tuple[str, Problem]]:
    """Each problem, with the page that it stands on."""
    found = CreateKeyWizard(draft, edition).problems(KMS, call or with_people())
    return [(step, problem) for step, each in found.items() for problem in each]


def made(wizard: CreateKeyWizard, call: Call) -> tuple[Kms, str]:
    """The state after both requests, and the key id."""
    requests = wizard.requests(KMS, call)
    kms, created = service.handle(KMS, requests.create_key, call)
    key_id = created.key_metadata.key_id
    return service.handle(kms, requests.create_alias(key_id), evolve(call, request_id="alias"))[
        0
    ], key_id


def pages(edition: Edition) -> tuple[Step, ...]:
    return CreateKeyWizard(edition=edition).wizard.steps
