"""
The wizard that imports key material: each page, in both editions, and what holds for all drafts.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, final

import pytest
from attrs import evolve, frozen
from hypothesis import given, strategies as st

from kmsmodel import service
from kmsmodel.calls.call import Call
from kmsmodel.console.editions import Edition
from kmsmodel.console.import_key_material import (
    ImportKeyMaterialDraft,
    ImportKeyMaterialWizard,
    choices,
)
from kmsmodel.console.problems import Problem
from kmsmodel.crypto.wrapping import wrap_key_material
from kmsmodel.errors import KmsError
from kmsmodel.key.key_spec import wrapping
from kmsmodel.memory.kms import Kms
from kmsmodel.operations.importing import (
    GetParametersForImportRequest,
    GetParametersForImportResponse,
)
from kmsmodel.operations.keys import CreateKeyRequest, DescribeKeyRequest
from kmsmodel.words.enumerations import (
    AlgorithmSpec,
    ImportType,
    KeyMaterialState,
    KeySpec,
    KeyState,
    KeyUsageType,
    OriginType,
    WrappingKeySpec,
)
from tests.basics import DAY, NOBODY, NOW, REGION, call

EDITIONS = pytest.mark.parametrize("edition", Edition)
OAEP = AlgorithmSpec.RSAES_OAEP_SHA_256
MATERIAL = b"0123456789abcdef0123456789abcdef"


@final
@frozen
class Walked:
    """A state with a key of origin EXTERNAL, and what was downloaded for it."""

    kms: Kms
    key_id: str
    parameters: GetParametersForImportResponse

    def wrapped(self, material: bytes = MATERIAL) -> bytes:
        return wrap_key_material(self.parameters.public_key, OAEP, material)


def _walked(name: str, kms: Kms | None = None) -> Walked:
    create = CreateKeyRequest(origin=OriginType.EXTERNAL)
    kms, created = service.handle(kms or Kms(), create, call(f"{name} key"))
    key_id = created.key_metadata.key_id
    ask = GetParametersForImportRequest(
        key_id=key_id, wrapping_algorithm=OAEP, wrapping_key_spec=WrappingKeySpec.RSA_2048
    )
    kms, parameters = service.handle(kms, ask, call(f"{name} parameters"))
    return Walked(kms, key_id, parameters)


OTHER = _walked("another")
HERE = _walked("this", OTHER.kms)
WRAPPED = HERE.wrapped()

DRAFT = ImportKeyMaterialDraft(
    key_id=HERE.key_id,
    wrapping_key_spec=WrappingKeySpec.RSA_2048,
    wrapping_algorithm=OAEP,
    parameters=HERE.parameters,
    encrypted_key_material=WRAPPED,
    import_token=HERE.parameters.import_token,
)
ORIGINAL = evolve(DRAFT, wrapping_key_spec=None, ready=True)
DRAFTS = {Edition.NEW: DRAFT, Edition.ORIGINAL: ORIGINAL}


def key_of(key_spec: KeySpec, key_usage: KeyUsageType) -> Walked:
    """A state with another kind of key."""
    create = CreateKeyRequest(origin=OriginType.EXTERNAL, key_spec=key_spec, key_usage=key_usage)
    kms, created = service.handle(HERE.kms, create, call("other kind"))
    return Walked(kms, created.key_metadata.key_id, HERE.parameters)


def problems(
    draft: ImportKeyMaterialDraft,
    edition: Edition = Edition.NEW,
    kms: Kms = HERE.kms,
    at: Call | None = None,
) -> list[tuple[str, Problem]]:
    found = ImportKeyMaterialWizard(draft, edition).problems(kms, at or call("try"))
    return [(step, problem) for step, each in found.items() for problem in each]


def fields(*arguments: Any, **named: Any) -> list[tuple[str, str]]:
    return [(step, each.field) for step, each in problems(*arguments, **named)]


# ---- the first page


@pytest.mark.parametrize("region", [REGION, "cn-north-1"])
@pytest.mark.parametrize("key_spec", KeySpec)
def test_what_may_be_chosen_is_what_suits_the_key(key_spec: KeySpec, region: str) -> None:
    found = {
        (spec, algorithm)
        for spec, algorithms in choices(key_spec, region).items()
        for algorithm in algorithms
    }
    suits = wrapping(region).get(key_spec, {})
    assert found == {(spec, algorithm) for algorithm, specs in suits.items() for spec in specs}


def test_the_longest_wrapping_key_comes_first() -> None:
    """AWS prefers it. Source: *Select a wrapping public key spec*."""
    assert list(choices(KeySpec.SYMMETRIC_DEFAULT, REGION)) == [
        WrappingKeySpec.RSA_4096,
        WrappingKeySpec.RSA_3072,
        WrappingKeySpec.RSA_2048,
    ]


def test_the_original_console_knows_one_wrapping_key_and_one_kind_of_key() -> None:
    assert list(choices(KeySpec.SYMMETRIC_DEFAULT, REGION, Edition.ORIGINAL)) == [
        WrappingKeySpec.RSA_2048
    ]
    assert not choices(KeySpec.HMAC_256, REGION, Edition.ORIGINAL)
    hmac = key_of(KeySpec.HMAC_256, KeyUsageType.GENERATE_VERIFY_MAC)
    draft = ImportKeyMaterialDraft(key_id=hmac.key_id, wrapping_algorithm=OAEP, ready=True)
    assert ("download", "key_id") in fields(draft, Edition.ORIGINAL, hmac.kms)


@EDITIONS
def test_the_key_is_one_of_origin_external(edition: Edition) -> None:
    draft = evolve(DRAFTS[edition], encrypted_key_material=None, import_token=None, parameters=None)
    assert ("download", "key_id") in fields(evolve(draft, key_id=NOBODY), edition)
    assert ("download", "key_id") in fields(evolve(draft, key_id=""), edition)
    kms, created = service.handle(HERE.kms, CreateKeyRequest(), call("made by AWS KMS"))
    of_aws_kms = evolve(draft, key_id=created.key_metadata.key_id)
    assert ("download", "key_id") in fields(of_aws_kms, edition, kms)


def test_a_wrapping_key_and_an_algorithm_are_selected_first() -> None:
    draft = ImportKeyMaterialDraft(key_id=HERE.key_id)
    assert ("download", "wrapping_key_spec") in fields(draft)
    draft = evolve(draft, wrapping_key_spec=WrappingKeySpec.RSA_3072)
    assert ("download", "wrapping_algorithm") in fields(draft)
    assert ("download", "wrapping_algorithm") not in fields(evolve(draft, wrapping_algorithm=OAEP))


def test_a_choice_that_does_not_suit_the_key_is_refused_in_the_words_of_aws_kms() -> None:
    draft = evolve(DRAFT, wrapping_algorithm=AlgorithmSpec.RSA_AES_KEY_WRAP_SHA_256)
    ((step, problem),) = problems(draft)
    assert (step, problem.field) == ("download", "wrapping_algorithm")
    assert "cannot be used to import a SYMMETRIC_DEFAULT key" in problem.text
    assert ImportKeyMaterialWizard(draft).commands(HERE.kms, call()) is None


def test_who_has_downloaded_before_need_not_choose_again() -> None:
    draft = evolve(DRAFT, wrapping_key_spec=None, wrapping_algorithm=None, parameters=None)
    assert not problems(draft)


def test_the_original_console_asks_if_one_is_ready() -> None:
    assert fields(evolve(ORIGINAL, ready=False), Edition.ORIGINAL) == [("download", "ready")]
    assert fields(evolve(DRAFT, ready=True)) == [("download", "ready")]  # the new one does not ask


@pytest.mark.parametrize(
    "changes",
    [
        {"wrapping_key_spec": WrappingKeySpec.RSA_4096},
        {"import_type": ImportType.NEW_KEY_MATERIAL},
        {"key_material_id": "a" * 64},
        {"key_material_description": "mine"},
    ],
)
def test_the_original_console_does_not_have_what_came_later(changes: dict[str, Any]) -> None:
    found = fields(evolve(ORIGINAL, **changes), Edition.ORIGINAL)
    assert ("download", next(iter(changes))) in found


# ---- the second page


@EDITIONS
def test_both_files_are_uploaded(edition: Edition) -> None:
    draft = evolve(DRAFTS[edition], encrypted_key_material=None, import_token=None)
    assert fields(draft, edition) == [
        ("upload", "encrypted_key_material"),
        ("upload", "import_token"),
    ]


@EDITIONS
@pytest.mark.parametrize(
    "changes, field",
    [
        ({"import_token": b"no token"}, "import_token"),
        ({"import_token": OTHER.parameters.import_token}, "import_token"),
        ({"encrypted_key_material": b"nothing that was wrapped"}, "encrypted_key_material"),
        ({"encrypted_key_material": OTHER.wrapped()}, "encrypted_key_material"),
        ({"encrypted_key_material": HERE.wrapped(b"too short")}, "encrypted_key_material"),
        ({"expires": True}, "valid_to"),
        ({"expires": True, "valid_to": NOW}, "valid_to"),
        ({"expires": True, "valid_to": NOW + 366 * DAY}, "valid_to"),
    ],
)
def test_what_aws_kms_refuses_is_refused_before_anything_is_sent(
    changes: dict[str, Any], field: str, edition: Edition
) -> None:
    assert fields(evolve(DRAFTS[edition], **changes), edition) == [("upload", field)]


def test_a_token_is_refused_when_its_day_is_over() -> None:
    late = evolve(call("late"), now=NOW + DAY)
    assert fields(DRAFT, at=late) == [("upload", "import_token")]


def test_other_key_material_is_refused_once_there_is_some() -> None:
    kms, _ = service.handle(
        HERE.kms, ImportKeyMaterialWizard(DRAFT).request(HERE.kms, call("i")), call("i")
    )
    other = evolve(DRAFT, encrypted_key_material=HERE.wrapped(MATERIAL[::-1]))
    assert fields(other, kms=kms) == [("upload", "encrypted_key_material")]
    assert not fields(DRAFT, kms=kms)


def test_a_date_counts_only_if_the_key_material_expires() -> None:
    draft = evolve(DRAFT, expires=False, valid_to=NOW - DAY)
    request = ImportKeyMaterialWizard(draft).request(HERE.kms, call())
    assert request.valid_to is None
    assert request.expiration_model == "KEY_MATERIAL_DOES_NOT_EXPIRE"


# ---- what comes of it


@EDITIONS
@pytest.mark.parametrize("valid_to", [None, NOW + DAY])
def test_what_comes_of_it_is_told_before_and_is_so(
    valid_to: datetime | None, edition: Edition
) -> None:
    draft = evolve(DRAFTS[edition], expires=valid_to is not None, valid_to=valid_to)
    wizard = ImportKeyMaterialWizard(draft, edition)
    outcome = wizard.outcome(HERE.kms, call("told"))
    assert (outcome.key_state, outcome.valid_to) == (KeyState.Enabled, valid_to)
    kms, _ = service.handle(HERE.kms, wizard.request(HERE.kms, call("done")), call("done"))
    describe = DescribeKeyRequest(key_id=HERE.key_id)
    metadata = service.handle(kms, describe, call("look"))[1].key_metadata
    assert (metadata.key_state, metadata.valid_to) == (KeyState.Enabled, valid_to)


def test_the_outcome_is_told_in_words() -> None:
    wizard = ImportKeyMaterialWizard(DRAFT)
    assert wizard.outcome(HERE.kms, call()).sentence == (
        "The key state is Enabled. The key material does not expire."
    )
    expiring = evolve(wizard, draft=evolve(DRAFT, expires=True, valid_to=NOW + DAY))
    assert expiring.outcome(HERE.kms, call()).sentence == (
        "The key state is Enabled. The key material expires at 2026-11-25 12:30:15 UTC; "
        "AWS KMS then deletes it, and the key state is PendingImport."
    )


def test_new_key_material_waits_for_its_rotation() -> None:
    first = ImportKeyMaterialWizard(DRAFT).request(HERE.kms, call("first"))
    kms, _ = service.handle(HERE.kms, first, call("first"))
    draft = evolve(
        DRAFT,
        encrypted_key_material=HERE.wrapped(MATERIAL[::-1]),
        import_type=ImportType.NEW_KEY_MATERIAL,
        key_material_description="for next year",
    )
    outcome = ImportKeyMaterialWizard(draft).outcome(kms, call("second"))
    assert outcome.key_material_state is KeyMaterialState.PENDING_ROTATION
    assert "The key material is PENDING_ROTATION." in outcome.sentence


def test_no_request_is_made_of_a_draft_with_problems() -> None:
    wizard = ImportKeyMaterialWizard(evolve(DRAFT, import_token=None))
    with pytest.raises(ValueError, match=r"not finished: Choose the file of the import token\."):
        wizard.request(HERE.kms, call())


def test_of_a_key_that_is_not_there_nothing_is_told() -> None:
    wizard = ImportKeyMaterialWizard(evolve(DRAFT, key_id=NOBODY))
    assert wizard.key(HERE.kms, call()) is None
    assert not wizard.choices(HERE.kms, call())
    assert wizard.commands(HERE.kms, call()) is None


# ---- for all drafts


@st.composite
def drafts(draw: st.DrawFn) -> ImportKeyMaterialDraft:
    """Drafts about a key that is there, some of which AWS KMS refuses."""
    return evolve(
        DRAFT,
        key_id=draw(st.sampled_from([HERE.key_id, HERE.key_id, OTHER.key_id, NOBODY])),
        wrapping_key_spec=draw(st.none() | st.sampled_from(WrappingKeySpec)),
        wrapping_algorithm=draw(st.none() | st.sampled_from([OAEP, *AlgorithmSpec])),
        ready=draw(st.booleans()),
        encrypted_key_material=draw(
            st.sampled_from([WRAPPED, WRAPPED, OTHER.wrapped(), None]) | st.binary(max_size=3)
        ),
        import_token=draw(
            st.sampled_from([HERE.parameters.import_token, OTHER.parameters.import_token, None])
            | st.binary(max_size=3)
        ),
        expires=draw(st.booleans()),
        valid_to=draw(st.none() | st.timedeltas(-DAY, 370 * DAY).map(lambda span: NOW + span)),
        import_type=draw(st.none() | st.sampled_from(ImportType)),
        key_material_id=draw(st.none() | st.sampled_from(["a" * 64, "none"])),
        key_material_description=draw(st.none() | st.sampled_from(["mine", "", "\n!"])),
    )


AT = st.timedeltas(timedelta(), 2 * DAY)


@given(drafts(), st.sampled_from(Edition), AT)
def test_what_the_wizard_accepts_aws_kms_accepts(
    draft: ImportKeyMaterialDraft, edition: Edition, later: timedelta
) -> None:
    at = evolve(call("now"), now=NOW + later)
    if problems(draft, edition, at=at):
        return
    wizard = ImportKeyMaterialWizard(draft, edition)
    request, outcome = wizard.request(HERE.kms, at), wizard.outcome(HERE.kms, at)
    kms, _ = service.handle(HERE.kms, request, evolve(at, request_id="really"))
    described = service.handle(kms, DescribeKeyRequest(key_id=draft.key_id), at)[1].key_metadata
    assert described.key_state is outcome.key_state


@given(drafts(), AT)
def test_what_the_second_page_refuses_of_a_request_aws_kms_refuses(
    draft: ImportKeyMaterialDraft, later: timedelta
) -> None:
    at = evolve(call("now"), now=NOW + later)
    found = dict(problems(draft, at=at))
    request = ImportKeyMaterialWizard(draft).import_request()
    if "upload" not in found or request is None or (draft.expires and draft.valid_to is None):
        return
    with pytest.raises(KmsError):
        service.handle(HERE.kms, request, at)


@given(drafts(), st.sampled_from(Edition))
def test_each_problem_stands_on_a_page_and_has_words(
    draft: ImportKeyMaterialDraft, edition: Edition
) -> None:
    for step, problem in problems(draft, edition):
        assert step in {"download", "upload"}
        assert problem.text
        assert not problem.field or hasattr(draft, problem.field)
