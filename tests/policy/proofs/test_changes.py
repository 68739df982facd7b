"""
Changes: what is told to close a finding is proved to close it, and nothing smaller that is tried does.
"""

from __future__ import annotations

import copy
import itertools
import json
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias, cast

import pytest
from hypothesis import given, strategies as st

from kmsmodel.errors import KmsError
from kmsmodel.policy import Answer, Change, Found, KeyPolicy, deputies, named, outside
from kmsmodel.policy.proofs import changes, edits

OWNER, OTHER, THIRD = "111122223333", "444455556666", "777788889999"
APP = f"arn:aws:iam::{OWNER}:role/app"
PARTNER = f"arn:aws:iam::{OTHER}:role/app"
STRANGER = f"arn:aws:iam::{THIRD}:user/Eve"
ROOT = {
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{OWNER}:root"},
    "Action": "kms:*",
    "Resource": "*",
}
TENANT = {"StringEquals": {"kms:EncryptionContext:tenant": "acme"}}

Ask: TypeAlias = "Callable[[KeyPolicy], Answer]"
Document: TypeAlias = "dict[str, Any]"


def allow(names: list[str] | Document | str, actions: list[str] | str, **others: Any) -> Document:
    principal: object = {"AWS": names} if isinstance(names, list) else names
    return {"Effect": "Allow", "Principal": principal, "Action": actions, "Resource": "*", **others}


def written(*statements: Document) -> Document:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def read(document: object) -> KeyPolicy:
    return KeyPolicy.parse(json.dumps(document), account=OWNER)


def change(ask: Ask, *statements: Document) -> Change | None:
    """The change that is told, after it was seen to close."""
    answer = ask(read(written(*statements)))
    assert isinstance(answer, Found)
    found = answer.smallest_change()
    assert found is None or ask(KeyPolicy.parse(found.text, account=OWNER))
    return found


def does(ask: Ask, *statements: Document) -> tuple[str, ...]:
    found = change(ask, *statements)
    return () if found is None else found.does


def stays_at_home(policy: KeyPolicy) -> Answer:
    return policy.never_allows("Decrypt", "ReEncryptFrom", to=outside(OWNER))


def nobody_decrypts(policy: KeyPolicy) -> Answer:
    return policy.never_allows("Decrypt")


def is_bound(policy: KeyPolicy) -> Answer:
    return policy.allows_only_with("Decrypt", encryption_context={"tenant": "acme"})


def is_no_wider(policy: KeyPolicy) -> Answer:
    return policy.no_new_access(over=read(written(ROOT, allow([PARTNER], ["kms:Sign"]))))


# ---- examples


def test_the_one_action_that_is_new_is_removed() -> None:
    newer = allow([PARTNER], ["kms:Sign", "kms:Decrypt"])
    assert does(is_no_wider, ROOT, newer) == ("remove kms:Decrypt from the actions of statement 2",)


def test_the_one_principal_who_is_new_is_removed() -> None:
    newer = allow([PARTNER, STRANGER], ["kms:Sign"])
    assert does(is_no_wider, ROOT, newer) == (
        f"remove {STRANGER} from the principals of statement 2",
    )


def test_a_pattern_of_actions_is_removed_from_its_list() -> None:
    either = allow([APP], ["kms:De*", "kms:Decrypt", "kms:Put*"])
    assert does(nobody_decrypts, either) == (
        "remove kms:De* and kms:Decrypt from the actions of statement 1",
    )


def test_the_only_principal_of_its_type_is_removed_from_others() -> None:
    both = {"AWS": APP, "Service": ["sns.amazonaws.com"]}
    assert does(
        lambda policy: policy.never_allows(to=deputies(OWNER)), ROOT, allow(both, "kms:Decrypt")
    ) == ("remove sns.amazonaws.com from the principals of statement 2",)


def test_everybody_is_removed_from_a_list_of_principals() -> None:
    assert does(stays_at_home, allow([APP, "*"], "kms:*")) == (
        "remove * from the principals of statement 1",
    )


def test_several_entries_of_a_list_are_told_together() -> None:
    listed = allow([PARTNER, APP, STRANGER], ["kms:Decrypt", "kms:ReEncrypt*", "kms:Sign"])
    assert does(stays_at_home, ROOT, listed) == (
        f"remove {PARTNER} and {STRANGER} from the principals of statement 2",
    )
    listed = allow([PARTNER], ["kms:Decrypt", "kms:ReEncrypt*", "kms:Sign"])
    assert does(stays_at_home, ROOT, listed) == (
        "remove kms:Decrypt and kms:ReEncrypt* from the actions of statement 2",
    )


def test_a_statement_that_is_removed_is_not_edited_first() -> None:
    assert does(stays_at_home, ROOT, allow([PARTNER, STRANGER], "kms:Decrypt")) == (
        "remove statement 2",
    )


def test_a_condition_is_added_rather_than_a_statement_removed() -> None:
    assert does(stays_at_home, ROOT, allow("*", "kms:Decrypt", Sid="Use")) == (
        f"add StringEquals kms:CallerAccount = {OWNER} to statement 2 `Use`",
    )
    bound = allow([APP], "kms:Decrypt", Condition=TENANT)
    assert does(is_bound, bound, allow([PARTNER], "kms:Decrypt")) == (
        "add StringEquals kms:EncryptionContext:tenant = acme to statement 2",
    )


def test_a_statement_about_more_is_left_as_it_is_and_one_denies() -> None:
    assert does(is_bound, ROOT) == (
        (
            "add a statement that denies kms:Decrypt to everyone where "
            "StringNotEquals kms:EncryptionContext:tenant = acme"
        ),
    )


def test_a_change_leaves_no_empty_condition() -> None:
    odd = allow("*", "kms:Decrypt", Condition={"StringEquals": {"kms:calleraccount": THIRD}})
    found = change(stays_at_home, ROOT, odd)
    assert found is not None
    assert found.does == ("remove statement 2",)
    assert "Condition" not in found.text


def test_many_entries_are_removed_without_trying_every_set_of_them() -> None:
    names = [f"arn:aws:iam::{OTHER}:user/user-{number}" for number in range(12)]
    found = does(stays_at_home, ROOT, allow([APP, *names], ["kms:Decrypt", "kms:Sign"]))
    assert found == (f"remove {' and '.join(names)} from the principals of statement 2",)


def test_the_search_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten statements with two lists each have a million sets of edits; the smallest is among the first."""
    tried: list[object] = []
    known: Any = edits.edited

    def counted(*given: object) -> object:
        tried.append(given)
        return known(*given)

    monkeypatch.setattr(f"{changes.__name__}.edited", counted)
    statements = [
        allow([APP, f"arn:aws:iam::{OTHER}:user/user-{number}"], ["kms:Decrypt", "kms:Sign"])
        for number in range(10)
    ]
    assert len(does(stays_at_home, ROOT, *statements)) == 10
    assert len(tried) <= changes.MOST_TRIED + 2 * 10 + 2


# ---- laws

_NAMES = (APP, PARTNER, STRANGER, f"arn:aws:iam::{OWNER}:root", f"arn:aws:iam::{OTHER}:root", "*")
_ACTIONS = ("kms:Decrypt", "kms:ReEncrypt*", "kms:Sign", "kms:PutKeyPolicy", "kms:De*", "kms:*")
_QUESTIONS: tuple[Ask, ...] = (
    stays_at_home,
    nobody_decrypts,
    is_bound,
    is_no_wider,
    lambda policy: policy.never_allows("Sign", to=named(PARTNER)),
)


def _lists(values: tuple[str, ...]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=3, unique=True)


def _statement(names: list[str], actions: list[str], condition: Document | None) -> Document:
    return allow(names, actions, **({"Condition": condition} if condition else {}))


_statements = st.builds(
    _statement,
    _lists(_NAMES),
    _lists(_ACTIONS),
    st.sampled_from((None, None, TENANT, {"StringEquals": {"kms:CallerAccount": OWNER}})),
)
policies = st.lists(_statements, min_size=1, max_size=3).map(lambda listed: written(*listed))
questions = st.sampled_from(_QUESTIONS)


_WAYS = (("Principal", "AWS"), ("Action",))


def without_an_entry(
    document: Document, ways: tuple[tuple[str, ...], ...] = _WAYS
) -> Iterator[Document]:
    """The policy without each entry of a list in turn, where another one is left."""
    for number, statement in enumerate(document["Statement"]):
        for way in ways:
            values: Any = statement
            for name in way:
                values = values[name]
            for place in range(len(values) if len(values) > 1 else 0):
                changed = copy.deepcopy(document)
                edited: Any = changed["Statement"][number]
                for name in way:
                    edited = edited[name]
                del edited[place]
                yield changed


def ways_of(ask: Ask) -> tuple[tuple[str, ...], ...]:
    """The lists from which an entry is removed first: those of what the question is about."""
    if ask is is_no_wider:
        return _WAYS
    return _WAYS[1:] if ask in {nobody_decrypts, is_bound} else _WAYS[:1]


def without_a_statement(document: Document) -> Iterator[Document]:
    for number in range(len(document["Statement"])):
        left = document["Statement"][:number] + document["Statement"][number + 1 :]
        if left:
            yield {**document, "Statement": left}


def closes(ask: Ask, document: Document, before: Document) -> bool:
    """Is this a change that may be told?"""
    try:
        after = read(document)
    except KmsError:
        return False
    stays = bool(after.can_be_administered()) or not read(before).can_be_administered()
    possible = ask is not is_bound or not after.never_allows("Decrypt")
    return stays and possible and bool(ask(after))


@given(policies, questions)
def test_no_entry_can_be_removed_instead_of_more(document: Document, ask: Ask) -> None:
    answer = ask(read(document))
    if not isinstance(answer, Found):
        return
    found = answer.smallest_change()
    first, all_of_them = (
        [each for each in without_an_entry(document, ways) if closes(ask, each, document)]
        for ways in (ways_of(ask), _WAYS)
    )
    if first:
        assert found is not None
        assert json.loads(found.text) in first
    elif all_of_them:
        assert found is not None
        after = json.loads(found.text)["Statement"]
        assert len(after) == len(document["Statement"])
        assert all(map(_is_shortened, document["Statement"], after))
    elif any(closes(ask, each, document) for each in without_a_statement(document)):
        assert found is not None


@given(policies, questions)
def test_what_is_told_closes_and_needs_each_of_its_steps(document: Document, ask: Ask) -> None:
    answer = ask(read(document))
    found = answer.smallest_change() if isinstance(answer, Found) else None
    if found is None:
        return
    after = cast("Document", json.loads(found.text))
    assert closes(ask, after, document)
    assert len(found.does) == len(set(found.does))
    kept = {json.dumps(each) for each in after["Statement"]}
    for before, now in itertools.product(document["Statement"], after["Statement"]):
        if json.dumps(before) not in kept and _is_edited(before, now):
            undone = [before if each is now else each for each in after["Statement"]]
            assert not closes(ask, {**after, "Statement": undone}, document)


def _is_edited(before: Document, now: Document) -> bool:
    return before != now and now["Effect"] == "Allow" and _is_shortened(before, now)


def _is_shortened(before: Document, now: Document) -> bool:
    """Does one statement come of the other by what is removed from its lists?"""
    of_principals = (set(each["Principal"]["AWS"]) for each in (now, before))
    return next(of_principals) <= next(of_principals) and set(now["Action"]) <= set(
        before["Action"]
    )
