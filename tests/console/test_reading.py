"""
What the console's routes do not take, and what holds for all JSON.
"""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, strategies as st

from kmsmodel.console.create_key import CreateKeyDraft
from kmsmodel.console.editions import Edition, WizardName
from kmsmodel.console.import_key_material import ImportKeyMaterialDraft
from kmsmodel.console.reading import Malformed, read
from kmsmodel.console.routes import ROUTES
from kmsmodel.operations.keys import DescribeKeyRequest
from tests.basics import ACCOUNT
from tests.console.asking import KEY_ID, LOCAL, asked
from tests.console.people import ADA


@pytest.mark.parametrize(
    "route, body, sentence",
    [
        ("draft", None, "The body must be a JSON object."),
        ("draft", [], "The body must be a JSON object."),
        ("draft", {"wizard": "delete-key"}, "wizard: 'delete-key' is not a valid WizardName."),
        ("draft", {"wizard": 1}, "wizard must be a string."),
        ("draft", {"wizard": "create-key", "draft": []}, "draft must be a JSON object."),
        (
            "draft",
            {"wizard": "create-key", "draft": {"tags": [{"key": 1}]}},
            "draft.tags.0.key must be a string.",
        ),
        (
            "draft",
            {"wizard": "create-key", "draft": {"tags": {}}},
            "draft.tags must be a list.",
        ),
        (
            "draft",
            {"wizard": "create-key", "draft": {"acknowledged": "yes"}},
            "draft.acknowledged must be true or false.",
        ),
        (
            "draft",
            {"wizard": "create-key", "draft": {"alias": None}},
            "draft.alias must be a string.",
        ),
        (
            "draft",
            {"wizard": "create-key", "account": "1"},
            "account must be an account id of twelve digits.",
        ),
        (
            "draft",
            {"wizard": "create-key", "principal": f"arn:aws:iam::{ACCOUNT}:user/Nobody"},
            f"there is no user arn:aws:iam::{ACCOUNT}:user/Nobody.",
        ),
        (
            "draft",
            {"wizard": "import-key-material", "draft": {"valid_to": "2027-01-01T00:00:00"}},
            "draft: datetime.datetime(2027, 1, 1, 0, 0) must have a time zone.",
        ),
        (
            "draft",
            {"wizard": "import-key-material", "draft": {"import_token": "?"}},
            "draft.import_token: ",
        ),
        (
            "draft",
            {"wizard": "import-key-material", "draft": {"parameters": {"KeyId": 1}}},
            "draft.parameters: ",
        ),
        ("commands", {"operation": "Fly", "request": {}}, "UnknownOperationException: "),
        ("commands", {"operation": "EnableKey", "request": {}}, "ValidationException: "),
        ("commands", {"operation": "EnableKey", "request": 1}, ""),
        ("commands", {"operation": "EnableKey"}, "The body: "),
        ("policy-view", {"policy": 1}, "policy must be a string."),
    ],
)
def test_json_that_is_no_draft_is_refused_with_a_sentence(
    route: str, body: object, sentence: str
) -> None:
    with pytest.raises(Malformed) as refused:
        ROUTES[route](LOCAL, body)
    assert str(refused.value).startswith(sentence)


def test_a_member_that_is_not_known_is_refused_because_a_choice_would_be_lost() -> None:
    with pytest.raises(Malformed, match=r"draft\.aliases is not known; there are alias, "):
        asked(WizardName.CREATE_KEY, {"aliases": "x"})


@pytest.mark.parametrize("cls", [CreateKeyDraft, ImportKeyMaterialDraft])
def test_a_draft_without_members_has_the_defaults(cls: Any) -> None:
    assert read(cls, {}) == cls()


def test_a_time_that_no_zip_file_can_tell_is_refused() -> None:
    chosen = {
        "key_id": KEY_ID,
        "wrapping_key_spec": "RSA_2048",
        "wrapping_algorithm": "RSAES_OAEP_SHA_256",
        "parameters": {
            "KeyId": LOCAL.handle(DescribeKeyRequest(key_id=KEY_ID)).key_metadata.arn,
            "ImportToken": "AAAA",
            "PublicKey": "AAAA",
            "ParametersValidTo": 0,
        },
    }
    with pytest.raises(Malformed, match=r"^draft\.parameters: .* no zip file can tell"):
        asked(WizardName.IMPORT_KEY_MATERIAL, chosen)


# ---- for all JSON

_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=5)
    | st.sampled_from([KEY_ID, "RSA_2048", "EXTERNAL", "AAAA", "2027-01-01T00:00:00Z", ADA.arn]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)
_names = sorted(
    {*CreateKeyDraft.__annotations__, *ImportKeyMaterialDraft.__annotations__, "KeyId", "operation"}
)
_drafts = st.dictionaries(st.sampled_from(_names), _values, max_size=4)


@given(
    st.sampled_from(sorted(ROUTES)),
    st.fixed_dictionaries(
        {},
        optional={
            "wizard": st.sampled_from([*WizardName, "none"]),
            "edition": st.sampled_from([*Edition, 1]),
            "draft": _drafts | _values,
            "account": _values,
            "principal": _values,
            "region": _values,
            "operation": st.sampled_from(["EnableKey", "Fly"]) | _values,
            "request": _values,
            "policy": _values,
        },
    )
    | _values,
)
def test_whatever_is_asked_is_answered_in_json_or_refused_and_nothing_changes(
    route: str, body: object
) -> None:
    before = LOCAL.kms
    with suppress(Malformed):
        json.dumps(ROUTES[route](LOCAL, body), allow_nan=False)
    assert LOCAL.kms is before
