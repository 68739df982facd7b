"""
The wizard that creates a KMS key in a custom key store.
"""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve, field, frozen

from kmsmodel import service
from kmsmodel.calls.call import Call
from kmsmodel.console.create_key import CreateKeyDraft, CreateKeyWizard, KeyType
from kmsmodel.console.editions import CUSTOM_KEY_STORES, Edition
from kmsmodel.crypto.software_cluster import SoftwareCluster
from kmsmodel.hsm.cluster import Cluster
from kmsmodel.hsm.external_keys import XksFailure
from kmsmodel.hsm.key_stores import KeyStores
from kmsmodel.hsm.secret import Secret
from kmsmodel.operations.keys import DescribeKeyRequest
from kmsmodel.words.enumerations import ConnectionErrorCodeType, KeySpec, KeyUsageType, OriginType
from tests.console.drafts import IN_CLUSTER, KMS, OUTSIDE, STORES, made, problems
from tests.console.people import with_people
from tests.key_stores import CLUSTERS, PROXIES, behind

DRAFTS = pytest.mark.parametrize("draft", [IN_CLUSTER, OUTSIDE], ids=["cluster", "proxy"])


def texts(
    draft: CreateKeyDraft, edition: Edition = Edition.NEW, call: Call | None = None
) -> list[tuple[str, str, str]]:
    return [(step, each.field, each.text) for step, each in problems(draft, edition, call)]


def steps(draft: CreateKeyDraft, edition: Edition = Edition.NEW) -> list[str]:
    return [step.id for step in CreateKeyWizard(draft, edition).wizard.steps]


def with_clusters(*clusters: Cluster) -> Call:
    key_stores = KeyStores(clusters, with_people().key_stores.proxies)
    return evolve(with_people(), key_stores=key_stores)


@pytest.mark.parametrize("origin", OriginType)
def test_only_keys_in_custom_key_stores_have_the_page_that_asks_for_one(origin: OriginType) -> None:
    found = steps(CreateKeyDraft(origin=origin))
    assert ("store" in found) is (origin in CUSTOM_KEY_STORES)
    assert found.index("tags") == found.index("configure") + 1 + found.count("store")
    assert "store" not in steps(CreateKeyDraft(origin=origin), Edition.ORIGINAL)


@DRAFTS
def test_a_key_is_created_in_the_custom_key_store_that_is_chosen(draft: CreateKeyDraft) -> None:
    kms, key_id = made(CreateKeyWizard(draft), with_people())
    found = service.handle(kms, DescribeKeyRequest(key_id=key_id), with_people())[1].key_metadata
    assert (found.origin, found.custom_key_store_id) == (draft.origin, draft.custom_key_store_id)
    external = found.xks_key_configuration
    assert ("" if external is None else external.id) == draft.xks_key_id


_NAME = "custom_key_store_id"


@pytest.mark.parametrize(
    "draft, changes, page, field, text",
    [
        (IN_CLUSTER, {_NAME: ""}, "store", _NAME, "A custom key store is required."),
        (IN_CLUSTER, {_NAME: "cks-0"}, "store", _NAME, "CustomKeyStoreNotFoundException"),
        (IN_CLUSTER, {_NAME: "c" * 65}, "store", _NAME, "at 'customKeyStoreId' failed"),
        (
            IN_CLUSTER,
            {_NAME: STORES["disconnected cluster"]},
            "store",
            _NAME,
            "CustomKeyStoreInvalidStateException",
        ),
        (
            IN_CLUSTER,
            {_NAME: STORES["connected proxy"]},
            "store",
            _NAME,
            "Origin AWS_CLOUDHSM is not compatible with this custom key store.",
        ),
        (
            OUTSIDE,
            {_NAME: STORES["connected cluster"]},
            "store",
            _NAME,
            "Origin EXTERNAL_KEY_STORE is not compatible with this custom key store.",
        ),
        (
            OUTSIDE,
            {_NAME: STORES["disconnected proxy"]},
            "store",
            _NAME,
            "is not connected to its external key store proxy",
        ),
        (
            IN_CLUSTER,
            {"xks_key_id": "key-0"},
            "store",
            "xks_key_id",
            "Origin AWS_CLOUDHSM is not compatible with an XksKeyId.",
        ),
        (OUTSIDE, {"xks_key_id": ""}, "store", "xks_key_id", "An external key ID is required."),
        (OUTSIDE, {"xks_key_id": "two words"}, "store", "xks_key_id", "at 'xksKeyId' failed"),
        (OUTSIDE, {"xks_key_id": "nothing"}, "store", "xks_key_id", "was not found in"),
        (
            OUTSIDE,
            {"acknowledged": False},
            "configure",
            "acknowledged",
            "Confirm that you intend to create a KMS key in an external key store.",
        ),
        (
            OUTSIDE,
            {"multi_region": True},
            "configure",
            "multi_region",
            "You cannot create a multi-Region key in a custom key store.",
        ),
        (
            IN_CLUSTER,
            {
                "key_type": KeyType.ASYMMETRIC,
                "key_usage": KeyUsageType.SIGN_VERIFY,
                "key_spec": KeySpec.RSA_2048,
            },
            "configure",
            "origin",
            "KeySpec RSA_2048 is not supported for Origin AWS_CLOUDHSM",
        ),
        (IN_CLUSTER, {"policy": "{}"}, "review", "policy", "at least one"),
        (
            IN_CLUSTER,
            {"origin": OriginType.AWS_KMS},
            "configure",
            "origin",
            "Origin AWS_KMS is not compatible with a custom key store.",
        ),
    ],
)
def test_what_is_refused_is_told_beside_what_it_is_about(
    draft: CreateKeyDraft, changes: dict[str, Any], page: str, field: str, text: str
) -> None:
    ((step, name, said),) = texts(evolve(draft, **changes))
    assert (step, name) == (page, field)
    assert text in said


def test_an_external_key_that_a_kms_key_has_is_not_chosen_again() -> None:
    kms, _ = made(CreateKeyWizard(OUTSIDE), with_people())
    again = CreateKeyWizard(evolve(OUTSIDE, alias="again"))
    (problem,) = again.problems(kms, with_people("again"))["store"]
    assert (problem.field, problem.text) == ("xks_key_id", "XksKeyAlreadyInUseException")


def test_the_original_console_has_no_custom_key_stores() -> None:
    found = texts(IN_CLUSTER, Edition.ORIGINAL)
    assert ("alias", "origin", "The original console has no custom key stores.") in found


@pytest.mark.parametrize(
    "facts", [{"active_hsms": 1}, {"is_active": False}, {"is_reachable": False}]
)
def test_a_cluster_that_makes_no_key_is_told_before_anything_is_sent(facts: dict[str, Any]) -> None:
    cluster: SoftwareCluster = evolve(CLUSTERS[0], **facts)
    ((step, name, said),) = texts(IN_CLUSTER, call=with_clusters(cluster))
    assert (step, name) == ("store", _NAME)
    assert said == "CloudHsmClusterInvalidConfigurationException"


def test_a_proxy_that_does_not_answer_is_told_before_anything_is_sent() -> None:
    proxy = evolve(PROXIES[0], fails_with=XksFailure.Unreachable)
    call = evolve(with_people(), key_stores=behind(proxy))
    ((step, name, said),) = texts(OUTSIDE, call=call)
    assert (step, name) == ("store", _NAME)
    assert said.startswith("AWS KMS cannot communicate with the external key store proxy.")


@frozen
class _Remembering:
    """A cluster that remembers which keys were generated in it."""

    cluster: SoftwareCluster
    generated: list[str] = field(factory=list[str])

    @property
    def cluster_id(self) -> str:
        return self.cluster.cluster_id

    @property
    def trust_anchor_certificate(self) -> str:
        return self.cluster.trust_anchor_certificate

    @property
    def is_active(self) -> bool:
        return self.cluster.is_active

    @property
    def active_hsms(self) -> int:
        return self.cluster.active_hsms

    def log_in(self, password: Secret) -> ConnectionErrorCodeType | None:
        return self.cluster.log_in(password)

    def generate(self, label: str) -> None:
        self.generated.append(label)

    def random(self, number_of_bytes: int, purpose: str) -> bytes:
        return self.cluster.random(number_of_bytes, purpose)

    def encrypt(self, label: str, plaintext: bytes, additional_data: bytes, purpose: str) -> bytes:
        return self.cluster.encrypt(label, plaintext, additional_data, purpose)

    def decrypt(self, label: str, ciphertext: bytes, additional_data: bytes) -> bytes | None:
        return self.cluster.decrypt(label, ciphertext, additional_data)


def test_a_draft_makes_no_key_in_the_cluster() -> None:
    cluster = _Remembering(CLUSTERS[0])
    call = with_clusters(cluster)
    wizard = CreateKeyWizard(IN_CLUSTER)
    assert not any(wizard.problems(KMS, call).values())
    assert cluster.generated == []
    service.handle(KMS, wizard.requests(KMS, call).create_key, call)
    assert len(cluster.generated) == 1
