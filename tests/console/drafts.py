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
from kmsmodel.operations.keys import CreateKeyRequest
from tests.console.people import with_people

DRAFT = CreateKeyDraft(alias="orders")
TAKEN = "taken"


def _with_an_alias() -> Kms:
    kms, created = service.handle(Kms(), CreateKeyRequest(), with_people("first"))
    key_id = created.key_metadata.key_id
    alias = CreateAliasRequest(alias_name=f"alias/{TAKEN}", target_key_id=key_id)
    return service.handle(kms, alias, with_people("second"))[0]


KMS = _with_an_alias()


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
