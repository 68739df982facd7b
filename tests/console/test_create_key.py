"""
The wizard that creates a KMS key: each page, in both editions, and the requests that it makes.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from attrs import evolve

from kmsmodel import service
from kmsmodel.calls.caller import Caller
from kmsmodel.calls.quotas import Quotas
from kmsmodel.console.create_key import (
    KEY_TYPES,
    CreateKeyDraft,
    CreateKeyWizard,
    KeyType,
    TagDraft,
)
from kmsmodel.console.editions import WORDS, Edition
from kmsmodel.errors import AccessDeniedException
from kmsmodel.key.key_spec import WRAPPING
from kmsmodel.operations.encryption import EncryptRequest
from kmsmodel.operations.keys import DescribeKeyRequest
from kmsmodel.operations.tags import ListResourceTagsRequest
from kmsmodel.words.enumerations import KeySpec, KeyState, KeyUsageType, OriginType
from tests.basics import ACCOUNT, OTHER_ACCOUNT, REGION, allowing
from tests.console.drafts import DRAFT, KMS, TAKEN, made, pages, problems
from tests.console.people import ADA, APPLICATION, BERT, IAM, KEEPER, NOBODY_OF_US, with_people

EXTERNAL = evolve(DRAFT, origin=OriginType.EXTERNAL, acknowledged=True)
EDITIONS = pytest.mark.parametrize("edition", Edition)


def texts(draft: CreateKeyDraft, edition: Edition = Edition.NEW) -> list[tuple[str, str, str]]:
    return [(step, each.field, each.text) for step, each in problems(draft, edition)]


def allowing_all(principal: str) -> str:
    """A key policy by which this principal may do everything."""
    who = {"Effect": "Allow", "Principal": {"AWS": principal}}
    return json.dumps({"Statement": [{**who, "Action": "kms:*", "Resource": "*"}]})


# ---- the pages of the guide, each step of both editions


GUIDE: dict[Edition, list[tuple[str, str, str, tuple[str, ...]]]] = {
    Edition.NEW: [
        ("5", "alias", "", ("alias", "description")),
        ("6", "configure", "Advanced options", ()),
        ("7", "configure", "Key material origin", ("origin",)),
        ("7", "configure", WORDS[Edition.NEW]["acknowledged"], ("acknowledged",)),
        ("8", "tags", "Add tags", ("tags",)),
        ("9", "administrators", "Key administrators", ("administrators",)),
        (
            "10",
            "administrators",
            "Allow key administrators to delete this key",
            ("administrators_may_delete",),
        ),
        ("11", "users", "This account", ("users",)),
        ("12", "users", "Other AWS accounts", ("other_accounts",)),
        ("12", "users", "Add another AWS account", ("other_accounts",)),
        ("13", "review", "Review and edit key policy", ("policy",)),
    ],
    Edition.ORIGINAL: [
        ("4", "alias", "", ("alias", "description")),
        ("5", "alias", "Advanced Options", ()),
        ("6", "alias", "Key Material Origin", ("origin",)),
        ("6", "alias", WORDS[Edition.ORIGINAL]["acknowledged"], ("acknowledged",)),
        ("7", "tags", "Add Tags", ("tags",)),
        ("8", "administrators", "", ("administrators",)),
        ("9", "users", "", ("users",)),
        ("10", "users", "Add an External Account", ("other_accounts",)),
        ("11", "review", "", ()),
    ],
}
"""
The steps of *To create a CMK with no key material* after *Create key*: number, page, bold words, what is chosen.

Source: *Importing Key Material Step 1* in the Developer Guide, text of 2019.
"""


@EDITIONS
def test_each_step_of_the_guide_is_on_a_page(edition: Edition) -> None:
    by_id = {step.id: step for step in pages(edition)}
    words = {*WORDS[edition].values(), *(step.title for step in pages(edition))}
    for _, page, bold, fields in GUIDE[edition]:
        assert set(fields) <= set(by_id[page].fields)
        assert not bold or bold in words


@EDITIONS
def test_the_pages_come_in_the_order_of_the_guide(edition: Edition) -> None:
    assert list(dict.fromkeys(page for _, page, _, _ in GUIDE[edition])) == [
        step.id for step in pages(edition)
    ]


@EDITIONS
def test_the_buttons_are_those_of_the_guide(edition: Edition) -> None:
    wizard = CreateKeyWizard(edition=edition).wizard
    is_new = edition is Edition.NEW
    assert (wizard.next, wizard.finish) == ("Next" if is_new else "Next Step", "Finish")
    assert WORDS[edition]["later"] == ("Cancel" if is_new else "Skip and do this later")


def test_the_implications_are_acknowledged_in_the_words_of_the_guide() -> None:
    said = "I understand the security, availability, and durability implications of using an imported key"
    assert {words["acknowledged"] for words in WORDS.values()} == {said}


# ---- what is refused, page by page


@EDITIONS
def test_an_alias_is_required(edition: Edition) -> None:
    assert texts(CreateKeyDraft(), edition) == [("alias", "alias", "An alias is required.")]


@pytest.mark.parametrize(
    "edition, alias, refused",
    [
        (Edition.NEW, "aws/mine", True),
        (Edition.NEW, "awsome", False),
        (Edition.ORIGINAL, "aws/mine", True),
        (Edition.ORIGINAL, "awsome", True),
        (Edition.ORIGINAL, "orders", False),
    ],
)
def test_the_names_of_aws_are_reserved(edition: Edition, alias: str, refused: bool) -> None:
    found = texts(evolve(DRAFT, alias=alias), edition)
    assert [each[:2] for each in found] == ([("alias", "alias")] if refused else [])


@EDITIONS
@pytest.mark.parametrize("alias", ["two words", "ü", "a:b", "a" * 251, TAKEN])
def test_an_alias_that_aws_kms_refuses_is_refused_on_the_first_page(
    alias: str, edition: Edition
) -> None:
    ((step, field, text),) = texts(evolve(DRAFT, alias=alias), edition)
    assert (step, field) == ("alias", "alias")
    assert text


def test_a_description_that_is_too_long_is_refused_on_the_first_page() -> None:
    ((step, problem),) = problems(evolve(DRAFT, description="a" * 8193))
    assert (step, problem.field) == ("alias", "description")
    assert not problems(evolve(DRAFT, description="a" * 8192))


@EDITIONS
def test_the_implications_of_an_external_origin_are_acknowledged_first(edition: Edition) -> None:
    ((step, problem),) = problems(evolve(EXTERNAL, acknowledged=False), edition)
    assert (step, problem.field) == (
        "configure" if edition is Edition.NEW else "alias",
        "acknowledged",
    )
    assert not problems(EXTERNAL, edition)


def test_only_an_external_origin_has_implications() -> None:
    assert not problems(evolve(DRAFT, acknowledged=False))
    assert not problems(evolve(DRAFT, acknowledged=True))


@pytest.mark.parametrize(
    "changes, field",
    [
        ({"key_usage": KeyUsageType.SIGN_VERIFY}, "key_usage"),
        ({"key_spec": KeySpec.RSA_2048}, "key_spec"),
        ({"key_type": KeyType.ASYMMETRIC}, "key_spec"),
        ({"key_type": KeyType.ASYMMETRIC, "key_spec": KeySpec.ECC_NIST_P256}, "key_spec"),
    ],
)
def test_key_type_usage_spec_and_origin_go_together(changes: dict[str, Any], field: str) -> None:
    ((step, problem),) = problems(evolve(DRAFT, **changes))
    assert (step, problem.field) == ("configure", field)


@pytest.mark.parametrize(
    "key_type, usage, spec",
    [
        (key_type, usage, spec)
        for key_type, usages in KEY_TYPES.items()
        for usage, specs in usages.items()
        for spec in specs
    ],
)
def test_all_that_goes_together_is_created_external_if_material_can_be_imported(
    key_type: KeyType, usage: KeyUsageType, spec: KeySpec
) -> None:
    draft = evolve(DRAFT, key_type=key_type, key_usage=usage, key_spec=spec)
    assert not problems(draft)
    external = evolve(draft, origin=OriginType.EXTERNAL, acknowledged=True)
    assert [each[1] for each in texts(external)] == ([] if spec in WRAPPING else ["origin"])


@pytest.mark.parametrize(
    "tags, fields",
    [
        ([("a", "")], []),
        ([("a", "1"), ("A", "1")], []),
        ([("", "1")], ["tags.0"]),
        ([("a", "1"), ("a", "2")], ["tags.1"]),
        ([("aws:a", "1")], ["tags.0"]),
        ([("a", "\n")], ["tags.0"]),
        ([("a" * 129, "")], ["tags.0"]),
        ([("a", "b" * 257)], ["tags.0"]),
        ([(str(n), "") for n in range(51)], ["tags"]),
        ([(str(n), "") for n in range(50)], []),
    ],
)
def test_tags_that_aws_kms_refuses_are_refused_on_their_page(
    tags: list[tuple[str, str]], fields: list[str]
) -> None:
    draft = evolve(DRAFT, tags=tuple(TagDraft(key=key, value=value) for key, value in tags))
    assert [each[:2] for each in texts(draft)] == [("tags", field) for field in fields]


@EDITIONS
@pytest.mark.parametrize("name", ["administrators", "users"])
@pytest.mark.parametrize("arn", NOBODY_OF_US)
def test_people_are_users_and_roles_of_the_account(name: str, arn: str, edition: Edition) -> None:
    chosen: dict[str, Any] = {name: (ADA.arn, KEEPER.arn, arn)}
    draft = evolve(DRAFT, **chosen)
    assert [each[:2] for each in texts(draft, edition)] == [(name, f"{name}.2")]


def test_nobody_is_listed_if_no_directory_tells_who_there_is() -> None:
    draft = evolve(DRAFT, users=(ADA.arn,))
    ((step, problem),) = problems(draft, call=with_people(iam=None))
    assert (step, problem.field) == ("users", "users.0")


@EDITIONS
@pytest.mark.parametrize(
    "account", ["", "1", "1" * 13, "a" * 12, f" {OTHER_ACCOUNT}", "\u0661" * 12]
)
def test_another_account_is_a_number_of_twelve_digits(account: str, edition: Edition) -> None:
    draft = evolve(DRAFT, other_accounts=(OTHER_ACCOUNT, account))
    assert [each[:2] for each in texts(draft, edition)] == [("users", "other_accounts.1")]


@pytest.mark.parametrize(
    "policy, text",
    [
        ("", "at 'policy' failed"),
        ("{}", "at least one"),
        ("no JSON", "MalformedPolicyDocumentException"),
        (
            '{"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}]}',
            "will not allow you to update the key policy in the future",
        ),
        (allowing_all(NOBODY_OF_US[1]), "invalid principals"),
        (f'{{"Statement": "{"a" * 32_768}"}}', "at most 32768 bytes"),
    ],
)
def test_an_edited_key_policy_that_aws_kms_refuses_is_refused_on_the_last_page(
    policy: str, text: str
) -> None:
    ((step, field, told),) = texts(evolve(DRAFT, policy=policy))
    assert (step, field) == ("review", "policy")
    assert text in told


def test_a_quota_that_is_reached_is_a_problem_of_no_member() -> None:
    call = evolve(with_people(), quotas=Quotas(keys=0))
    ((_, problem),) = problems(DRAFT, call=call)
    assert problem.field == ""
    assert "Key quota for this account in this region is 0" in problem.text


def test_an_edited_key_policy_takes_the_place_of_the_consoles_own() -> None:
    policy = allowing_all(ACCOUNT)
    wizard = CreateKeyWizard(evolve(DRAFT, policy=policy))
    assert wizard.policy(with_people()) == policy
    assert wizard.requests(KMS, with_people()).create_key.policy == policy


@pytest.mark.parametrize(
    "changes",
    [
        {"policy": "{}"},
        {"multi_region": True},
        {"key_usage": KeyUsageType.GENERATE_VERIFY_MAC},
        {"key_spec": KeySpec.HMAC_256},
        {"key_type": KeyType.ASYMMETRIC},
    ],
)
def test_the_original_console_does_not_have_what_came_later(changes: dict[str, Any]) -> None:
    fields = [each[1] for each in texts(evolve(DRAFT, **changes), Edition.ORIGINAL)]
    assert set(changes) <= set(fields)


def test_a_caller_who_may_not_create_keys_is_told_on_the_last_page() -> None:
    nobody = Caller(ADA.arn, policies=allowing("kms:CreateAlias"))
    ((step, problem),) = problems(DRAFT, call=evolve(with_people(), caller=nobody))
    assert (step, problem.field) == ("review", "")
    assert "is not authorized to perform: kms:CreateKey" in problem.text


# ---- the requests


@EDITIONS
def test_the_guide_is_walked_to_a_key_that_is_pending_import(edition: Edition) -> None:
    draft = evolve(
        EXTERNAL,
        description="for orders",
        tags=(TagDraft(key="team", value="payments"),),
        administrators=(KEEPER.arn,),
        administrators_may_delete=False,
        users=(APPLICATION.arn,),
        other_accounts=(OTHER_ACCOUNT,),
    )
    call = with_people()
    kms, key_id = made(CreateKeyWizard(draft, edition), call)
    by_alias = DescribeKeyRequest(key_id="alias/orders")
    _, described = service.handle(kms, by_alias, call)
    metadata = described.key_metadata
    assert (metadata.key_id, metadata.key_state) == (key_id, KeyState.PendingImport)
    assert (metadata.origin, metadata.description) == (OriginType.EXTERNAL, "for orders")
    _, tagged = service.handle(kms, ListResourceTagsRequest(key_id=key_id), call)
    assert [(each.tag_key, each.tag_value) for each in tagged.tags] == [("team", "payments")]


def test_the_original_console_says_nothing_of_key_specs_and_regions() -> None:
    request = CreateKeyWizard(DRAFT, Edition.ORIGINAL).requests(KMS, with_people()).create_key
    assert (request.key_spec, request.multi_region) == (None, None)


def test_no_requests_are_made_of_a_draft_with_problems() -> None:
    with pytest.raises(ValueError, match=r"not finished: An alias is required\."):
        CreateKeyWizard().requests(KMS, with_people())


def test_who_is_chosen_may_use_the_key_and_others_may_not() -> None:
    kms, key_id = made(CreateKeyWizard(evolve(DRAFT, users=(ADA.arn,))), with_people())
    encrypt = EncryptRequest(key_id=key_id, plaintext=b"secret")
    ada = evolve(with_people(), caller=IAM.caller(ADA.arn))
    assert service.handle(kms, encrypt, ada)[1].ciphertext_blob
    with pytest.raises(AccessDeniedException):
        service.handle(kms, encrypt, evolve(ada, caller=IAM.caller(BERT.arn)))


def test_the_region_decides_which_alias_is_taken() -> None:
    elsewhere = evolve(with_people(), region="eu-central-1")
    assert elsewhere.region != REGION
    assert not problems(evolve(DRAFT, alias=TAKEN), call=elsewhere)
