"""
What holds for all drafts of a KMS key.
"""

from __future__ import annotations

import pytest
from attrs import evolve
from hypothesis import assume, given, strategies as st

from kmsmodel import service
from kmsmodel.console.create_key import (
    KEY_TYPES,
    CreateKeyDraft,
    CreateKeyWizard,
    KeyType,
    TagDraft,
)
from kmsmodel.console.editions import Edition
from kmsmodel.errors import KmsError
from kmsmodel.operations.keys import DescribeKeyRequest
from kmsmodel.words.enumerations import KeySpec, KeyUsageType, OriginType
from tests.basics import ACCOUNT, OTHER_ACCOUNT
from tests.console.drafts import DRAFT, KMS, STORES, TAKEN, made, problems
from tests.console.people import ADA, APPLICATION, BERT, KEEPER, NOBODY_OF_US, with_people

_arns = st.lists(
    st.sampled_from([ADA.arn, BERT.arn, KEEPER.arn, APPLICATION.arn, ADA.arn, *NOBODY_OF_US]),
    max_size=2,
).map(tuple)
_tags = st.lists(
    st.builds(
        TagDraft,
        key=st.sampled_from(["team", "Team", "aws:x", "", "é", "a\u2028"]) | st.text(max_size=3),
        value=st.text(max_size=3),
    ),
    max_size=2,
).map(tuple)
_policies = st.none() | st.sampled_from(
    [
        "",
        "{}",
        '{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}}',
        '{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "kms:Get*", "Resource": "*"}}',
        "\u20ac",
    ]
)


@st.composite
def drafts(draw: st.DrawFn) -> CreateKeyDraft:
    """Drafts, of which half go together, and the others may be anything."""
    key_type = draw(st.sampled_from(KeyType))
    usage = draw(st.sampled_from(list(KEY_TYPES[key_type])))
    spec = draw(st.sampled_from(KEY_TYPES[key_type][usage]))
    if draw(st.integers(0, 5)) == 5:
        usage, spec = draw(st.sampled_from(KeyUsageType)), draw(st.sampled_from(KeySpec))
    origin = draw(st.sampled_from(OriginType))
    kind = {OriginType.AWS_CLOUDHSM: "cluster", OriginType.EXTERNAL_KEY_STORE: "proxy"}.get(origin)
    store = STORES[f"connected {kind}"] if kind else ""
    xks_key_id = draw(st.sampled_from(["key-0", "key-1"])) if kind == "proxy" else ""
    if draw(st.integers(0, 5)) == 5:
        store = draw(st.sampled_from(["", "cks-0", *STORES.values()]))
        xks_key_id = draw(st.sampled_from(["", "key-2", "nothing", "two words"]))
    elif kind:
        usage, spec = KeyUsageType.ENCRYPT_DECRYPT, KeySpec.SYMMETRIC_DEFAULT
        key_type = KeyType.SYMMETRIC
    return CreateKeyDraft(
        alias=draw(
            st.sampled_from(["orders", "a/b", "awsome", "aws/x", TAKEN, ""]) | st.text(max_size=3)
        ),
        description=draw(st.text(max_size=5)),
        key_type=key_type,
        key_usage=usage,
        key_spec=spec,
        origin=origin,
        acknowledged=draw(st.booleans()) or draw(st.booleans()),
        multi_region=kind is None and draw(st.booleans()),
        custom_key_store_id=store,
        xks_key_id=xks_key_id,
        tags=draw(_tags),
        administrators=draw(_arns),
        administrators_may_delete=draw(st.booleans()),
        users=draw(_arns),
        other_accounts=draw(st.sampled_from([(), (), (OTHER_ACCOUNT,), (ACCOUNT,), ("1",)])),
        policy=draw(_policies),
    )


_TOGETHER = (
    frozenset({"key_type", "key_usage", "key_spec"}),
    frozenset({"origin", "acknowledged", "custom_key_store_id", "xks_key_id"}),
)
"""What goes together, and so is put back together."""


@st.composite
def finished(draw: st.DrawFn) -> CreateKeyWizard:
    """Drafts that mostly are accepted: of the members that are refused, some are put back."""
    wizard = CreateKeyWizard(draw(drafts()), draw(st.sampled_from(Edition)))
    found = wizard.problems(KMS, with_people())
    fields = {each.field.partition(".")[0] for step in found.values() for each in step}
    default = CreateKeyDraft(alias="orders")
    back = {name: getattr(default, name) for name in fields - {""}}
    for together in _TOGETHER:
        if fields & together:
            back |= {name: getattr(default, name) for name in together}
    return evolve(wizard, draft=evolve(wizard.draft, **back))


@given(finished())
def test_what_the_wizard_accepts_aws_kms_accepts(wizard: CreateKeyWizard) -> None:
    """Whichever HSM it has, and whichever id the call has."""
    assume(not any(wizard.problems(KMS, with_people()).values()))
    kms, key_id = made(wizard, with_people("another call"))
    metadata = service.handle(kms, DescribeKeyRequest(key_id=key_id), with_people())[1].key_metadata
    draft = wizard.draft
    assert (metadata.key_spec, metadata.key_usage) == (draft.key_spec, draft.key_usage)
    assert (metadata.origin, metadata.multi_region) == (draft.origin, draft.multi_region)
    assert (metadata.custom_key_store_id or "") == draft.custom_key_store_id


_OF_THE_CONSOLE = {
    "acknowledged",
    "administrators",
    "key_spec",
    "key_type",
    "key_usage",
    "other_accounts",
    "users",
}
"""What the console may refuse, though AWS KMS would not: whom it does not list, and what it does not let choose."""


@given(drafts(), st.sampled_from(Edition))
def test_what_the_wizard_refuses_the_console_or_aws_kms_refuses(
    draft: CreateKeyDraft, edition: Edition
) -> None:
    wizard, call = CreateKeyWizard(draft, edition), with_people()
    found = {each.field.partition(".")[0] for _, each in problems(draft, edition)}
    later = {"key_type", "key_usage", "key_spec", "multi_region", "policy", "custom_key_store_id"}
    is_later = edition is Edition.ORIGINAL and any(
        getattr(draft, name) != getattr(DRAFT, name) for name in later
    )
    is_reserved = draft.alias.startswith("aws") and edition is Edition.ORIGINAL
    if not found or found & _OF_THE_CONSOLE or is_later or is_reserved or not draft.alias:
        return
    requests = wizard.finished(call)

    def ask() -> None:
        kms, created = service.handle(KMS, requests.create_key, call)
        service.handle(kms, requests.create_alias(created.key_metadata.key_id), call)

    with pytest.raises(KmsError):
        ask()


@given(drafts(), st.sampled_from(Edition))
def test_each_problem_stands_on_a_page_and_has_words(
    draft: CreateKeyDraft, edition: Edition
) -> None:
    steps = {step.id for step in CreateKeyWizard(draft, edition).wizard.steps}
    for step, problem in problems(draft, edition):
        assert step in steps
        assert problem.text
        root = problem.field.partition(".")[0]
        assert not root or hasattr(draft, root)
