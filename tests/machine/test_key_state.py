"""What each key state permits, beside AWS's own table."""

from __future__ import annotations

from pathlib import Path
from typing import Any, final

import pytest
from attrs import evolve, frozen

from kmsmodel.errors import (
    DisabledException,
    KmsError,
    KMSInvalidStateException,
    UnsupportedOperationException,
)
from kmsmodel.machine.key_state import (
    KEY_STATE_TABLE,
    ROWS,
    Refusal,
    Row,
    pending_deletion,
    pending_replica_deletion,
    refusal,
    refusal_for,
    unavailable,
)
from kmsmodel.machine.lifecycle import Lifecycle
from kmsmodel.words.enumerations import KeyState, OriginType
from tests.basics import ARN, facts

FACTS = facts("key_state_table.json")
TABLE: dict[str, dict[str, dict[str, Any]]] = FACTS["table"]
PAGE = Path(__file__).parents[2] / "docs" / "fidelity.md"

IN_CUSTOM_KEY_STORE = {OriginType.AWS_CLOUDHSM, OriginType.EXTERNAL_KEY_STORE}
NOT_IN_CUSTOM_KEY_STORE = set(OriginType) - IN_CUSTOM_KEY_STORE

# Which keys can be in a state that not every key can be in.
ORIGINS_IN = {
    KeyState.PendingImport: {OriginType.EXTERNAL},
    KeyState.Unavailable: IN_CUSTOM_KEY_STORE,
    KeyState.Creating: NOT_IN_CUSTOM_KEY_STORE,
    KeyState.Updating: NOT_IN_CUSTOM_KEY_STORE,
    KeyState.PendingReplicaDeletion: NOT_IN_CUSTOM_KEY_STORE,
}

# AWS's footnotes that speak of a key state, in the order in which they are asked. Notes 2 and 3 stand together where
# they differ, and the real service answers as note 3 says; note 8 is note 3 for one operation.
STATE_NOTES = {
    1: (DisabledException, "is disabled."),
    3: (KMSInvalidStateException, "is pending deletion."),
    4: (KMSInvalidStateException, "is not pending deletion."),
    5: (KMSInvalidStateException, "is pending import."),
    6: (
        UnsupportedOperationException,
        "origin is EXTERNAL which is not valid for this operation.",
    ),
    8: (KMSInvalidStateException, "is pending deletion."),
    11: (KMSInvalidStateException, "is unavailable."),
    14: (KMSInvalidStateException, "is creating."),
    15: (KMSInvalidStateException, "is updating."),
}

Answer = tuple[type[KmsError], str] | None

REFUTED: dict[tuple[str, KeyState], tuple[Answer, str]] = {
    ("GetPublicKey", KeyState.PendingImport): (
        STATE_NOTES[5],
        "| `GetPublicKey` of a key that is pending import is refused | Recorded 2026-09-12",
    ),
    ("GetKeyRotationStatus", KeyState.PendingImport): (
        None,
        "| `GetKeyRotationStatus` of a key that is pending import succeeds | Recorded 2026-09-12",
    ),
}
"""What was recorded for a cell where AWS's page says something else, and the row of fidelity.md that has its source."""

PENDING_REPLICA_DELETION: tuple[Answer, str] = (
    (KMSInvalidStateException, "is pending replica deletion."),
    "| `<key ARN> is pending replica deletion.` | Recorded 2026-09-12",
)
"""What was recorded where the page has note 3: it prints both states of deletion as one column."""


def answer(operation: str, key_state: KeyState, origin: OriginType) -> Answer:
    """What the table gives for a key of this origin in this key state."""
    error = refusal_for(operation, ARN, origin, key_state)
    return None if error is None else (type(error), error.message.removeprefix(f"{ARN} "))


def accepted_origins(operation: str) -> set[OriginType]:
    """What the footnotes of all of a row say of the keys that it takes."""
    notes = {note for cell in TABLE[operation].values() for note in cell["notes"]}
    if operation in {"EnableKeyRotation", "DisableKeyRotation"}:  # the facts name the assumption
        return {OriginType.AWS_KMS}
    if 9 in notes:
        return {OriginType.EXTERNAL}
    return NOT_IN_CUSTOM_KEY_STORE if 7 in notes else set(OriginType)


def aws_answer(operation: str, key_state: KeyState, origin: OriginType) -> Answer:
    """What AWS answers a key of this origin in this key state: as recorded, else as its table says."""
    printed = printed_answer(operation, key_state, origin)
    if origin not in accepted_origins(operation):
        return printed
    if key_state is KeyState.PendingReplicaDeletion and printed == STATE_NOTES[3]:
        return PENDING_REPLICA_DELETION[0]
    recorded, _ = REFUTED.get((operation, key_state), (printed, ""))
    return recorded


def printed_answer(operation: str, key_state: KeyState, origin: OriginType) -> Answer:
    """What AWS's table says to a key of this origin in this key state."""
    if origin not in accepted_origins(operation):
        text = f"origin is {origin.value} which is not valid for this operation."
        return UnsupportedOperationException, text
    cell = TABLE[operation][key_state]
    for note, said in STATE_NOTES.items():
        if note in cell["notes"]:
            return said
    if operation == "ImportKeyMaterial" and key_state in DELETION:  # the facts name the assumption
        return STATE_NOTES[3]
    return None


DELETION = {KeyState.PendingDeletion, KeyState.PendingReplicaDeletion}


def test_the_table_has_the_rows_and_columns_of_aws() -> None:
    assert list(KEY_STATE_TABLE) == list(TABLE)
    assert len(KEY_STATE_TABLE) == 43
    for row in KEY_STATE_TABLE.values():
        assert set(row.cells) == set(KeyState) == set(FACTS["columns"])


@pytest.mark.parametrize("operation", TABLE)
def test_every_cell_says_what_aws_says(operation: str) -> None:
    for key_state in KeyState:
        for origin in ORIGINS_IN.get(key_state, set(OriginType)):
            if TABLE[operation][key_state]["outcome"] == "na":
                continue
            expected = aws_answer(operation, key_state, origin)
            assert answer(operation, key_state, origin) == expected, (key_state, origin)


@pytest.mark.parametrize("operation, key_state", REFUTED)
def test_a_cell_that_a_recording_refutes_differs_from_the_page(
    operation: str, key_state: KeyState
) -> None:
    origin = OriginType.EXTERNAL
    recorded, _ = REFUTED[operation, key_state]
    assert printed_answer(operation, key_state, origin) != recorded
    assert answer(operation, key_state, origin) == recorded


def test_what_refutes_the_page_has_its_row_and_source() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for _, row in (*REFUTED.values(), PENDING_REPLICA_DELETION):
        assert f"\n{row}" in page


@pytest.mark.parametrize("operation", TABLE)
def test_every_cell_has_the_outcome_that_aws_prints(operation: str) -> None:
    for key_state, cell in TABLE[operation].items():
        if (operation, key_state) in REFUTED:
            continue
        origins = ORIGINS_IN.get(KeyState(key_state), set(OriginType))
        taken = origins & accepted_origins(operation)
        passing = {o for o in origins if answer(operation, KeyState(key_state), o) is None}
        match cell["outcome"]:
            case "ok":
                assert passing == taken != set(), key_state
            case "fail":
                assert passing == set(), key_state
            case "conditional":  # on the footnotes, or on the other key of UpdateAlias
                assert passing == taken != set(), key_state
                assert passing != set(OriginType) or cell["notes"] == [10], key_state
            case outcome:
                assert (outcome, key_state) == ("na", KeyState.Unavailable)


@pytest.mark.parametrize("operation", TABLE)
def test_each_row_accepts_the_origins_of_its_footnotes(operation: str) -> None:
    assert KEY_STATE_TABLE[operation].accepts == accepted_origins(operation)


def test_a_cell_that_aws_prints_as_na_is_of_keys_that_never_are_in_a_custom_key_store() -> None:
    na = {
        (operation, key_state)
        for operation, row in TABLE.items()
        for key_state, cell in row.items()
        if cell["outcome"] == "na"
    }
    assert na == {
        (operation, KeyState.Unavailable)
        for operation in (
            "DeleteImportedKeyMaterial",
            "DeriveSharedSecret",
            "GenerateMac",
            "GetPublicKey",
            "ReplicateKey",
            "Sign",
            "UpdatePrimaryRegion",
            "Verify",
            "VerifyMac",
        )
    }
    assert all(KEY_STATE_TABLE[operation][key_state] == unavailable for operation, key_state in na)


def test_where_aws_refuses_any_key_that_is_unavailable_the_row_does_too() -> None:
    # CancelKeyDeletion has a refusal of its own, and of a list AWS refuses only keys that the row does not accept.
    for operation in TABLE.keys() - {"CancelKeyDeletion", "ListKeyRotations"}:
        if TABLE[operation][KeyState.Unavailable]["outcome"] == "fail":
            assert KEY_STATE_TABLE[operation][KeyState.Unavailable] == unavailable, operation


@pytest.mark.parametrize("operation", TABLE)
def test_both_states_of_a_key_that_is_to_be_deleted_are_one_column(operation: str) -> None:
    """Its text is its own."""
    row = KEY_STATE_TABLE[operation]
    deletion, replica_deletion = row[KeyState.PendingDeletion], row[KeyState.PendingReplicaDeletion]
    if deletion == pending_deletion:
        assert replica_deletion == pending_replica_deletion
    else:
        assert replica_deletion is deletion


# ---- refusal


@final
@frozen
class Described:
    """A KMS key as somebody else describes it."""

    arn: str | None = ARN
    key_state: str | None = "Enabled"
    origin: str | None = "AWS_KMS"


def same(error: KmsError | None, expected: KmsError | None) -> bool:
    return error is expected or (
        type(error) is type(expected)
        and vars(error) == vars(expected)
        and str(error) == str(expected)
    )


@pytest.mark.parametrize(
    "operation, described, expected",
    [
        ("Encrypt", Described(), None),
        ("DescribeKey", Described(key_state="PendingDeletion"), None),
        ("Encrypt", Described(key_state="Updating"), None),
        (
            "Encrypt",
            Described(key_state="Disabled"),
            DisabledException(f"{ARN} is disabled.", arn=ARN, key_state="Disabled"),
        ),
        (
            "GenerateDataKey",
            Described(key_state="PendingDeletion"),
            KMSInvalidStateException(
                f"{ARN} is pending deletion.", arn=ARN, key_state="PendingDeletion"
            ),
        ),
        (
            "Encrypt",
            Described(key_state="PendingImport", origin="EXTERNAL"),
            KMSInvalidStateException(
                f"{ARN} is pending import.", arn=ARN, key_state="PendingImport"
            ),
        ),
        (
            "GetParametersForImport",
            Described(),
            UnsupportedOperationException(
                f"{ARN} origin is AWS_KMS which is not valid for this operation.",
                arn=ARN,
                key_state="Enabled",
            ),
        ),
        (
            "CancelKeyDeletion",
            Described(key_state="Enabled"),
            KMSInvalidStateException(
                f"{ARN} is not pending deletion.", arn=ARN, key_state="Enabled"
            ),
        ),
    ],
)
def test_refusal_gives_the_error_of_aws_for_a_key_described_by_anyone(
    operation: str, described: Described, expected: KmsError | None
) -> None:
    assert same(refusal(operation, described), expected)


@pytest.mark.parametrize("operation", TABLE)
def test_enumeration_members_and_plain_strings_are_refused_alike(operation: str) -> None:
    for key_state in KeyState:
        for origin in OriginType:
            plain = refusal(operation, Described(ARN, key_state.value, origin.value))
            assert same(refusal(operation, Described(ARN, key_state, origin)), plain)


def test_the_origin_is_asked_before_the_key_state() -> None:
    described = Described(key_state="PendingDeletion")
    error = refusal("ImportKeyMaterial", described)
    assert isinstance(error, UnsupportedOperationException)
    assert error.key_state == "PendingDeletion"
    error = refusal("ImportKeyMaterial", evolve(described, origin="EXTERNAL"))
    assert isinstance(error, KMSInvalidStateException)


def test_an_absent_origin_reads_as_aws_kms() -> None:
    assert refusal("EnableKeyRotation", Described(origin=None)) is None
    assert same(
        refusal("ImportKeyMaterial", Described(origin=None)),
        refusal("ImportKeyMaterial", Described(origin="AWS_KMS")),
    )


def test_an_absent_key_state_reads_as_enabled() -> None:
    for absent in (None, ""):
        assert refusal("Encrypt", Described(key_state=absent)) is None
        error = refusal("CancelKeyDeletion", Described(key_state=absent))
        assert error is not None
        assert error.key_state == "Enabled"


def test_an_absent_origin_of_a_key_that_is_pending_import_reads_as_external() -> None:
    described = Described(key_state="PendingImport", origin=None)
    for operation in TABLE:
        expected = refusal(operation, evolve(described, origin="EXTERNAL"))
        assert same(refusal(operation, described), expected)
    assert refusal("ImportKeyMaterial", described) is None


@pytest.mark.parametrize("arn", [None, ""])
def test_without_an_arn_the_message_is_still_a_sentence(arn: str | None) -> None:
    described = Described(arn=arn, key_state="Disabled")
    assert same(
        refusal("Encrypt", described),
        DisabledException("The KMS key is disabled.", key_state="Disabled"),
    )
    text = "The KMS key origin is AWS_KMS which is not valid for this operation."
    error = refusal("ImportKeyMaterial", described)
    assert same(error, UnsupportedOperationException(text, key_state="Disabled"))


@pytest.mark.parametrize(
    "key_state, kind", [(1, "int"), (b"Enabled", "bytes"), (Described.__init__, "function")]
)
def test_a_key_state_that_is_no_string_is_an_error_of_the_caller(key_state: Any, kind: str) -> None:
    for operation in ("Encrypt", "ListKeys"):
        with pytest.raises(TypeError) as caught:
            refusal(operation, Described(key_state=key_state))
        assert str(caught.value).startswith(f"key_state is a {kind}, not a string or None")


@pytest.mark.parametrize("operation", ["Encrypt", "ListKeys"])
def test_a_word_of_awss_in_another_case_is_an_error_of_the_caller(operation: str) -> None:
    with pytest.raises(ValueError, match="key_state is 'disabled'; AWS's word is 'Disabled'"):
        refusal(operation, Described(key_state="disabled"))
    with pytest.raises(ValueError, match="origin is 'aws_kms'; AWS's word is 'AWS_KMS'"):
        refusal(operation, Described(origin="aws_kms"))
    assert refusal("ListKeys", Described(key_state="Newer", origin="NEWER")) is None


def test_the_rows_are_awss_and_those_of_newer_operations() -> None:
    assert {name: ROWS[name] for name in TABLE} == KEY_STATE_TABLE
    assert ROWS.keys() - TABLE.keys() == {"Encapsulate", "Decapsulate"}


def test_a_lifecycle_is_not_taken_for_metadata() -> None:
    """Its `key_state` is a method, since it depends on the time."""
    life: Any = Lifecycle(arn=ARN)
    with pytest.raises(TypeError, match=r"is a method, .* \(of a Lifecycle, ask \.refusal\)$"):
        refusal("Encrypt", life)


@pytest.mark.parametrize("operation", ["Encript", "encrypt", ""])
def test_what_is_no_operation_of_aws_kms_is_refused(operation: str) -> None:
    error = refusal(operation, Described(ARN, "Disabled", "AWS_KMS"))
    assert (
        repr(error) == f"UnknownOperationException('{operation} is not an operation of AWS KMS.')"
    )


@pytest.mark.parametrize("operation", ["Encapsulate", "Decapsulate"])
@pytest.mark.parametrize("key_state", KeyState)
def test_operations_newer_than_the_table_are_read_as_derive_shared_secret(
    operation: str, key_state: KeyState
) -> None:
    key = Described(ARN, key_state, "AWS_KMS")
    assert repr(refusal(operation, key)) == repr(refusal("DeriveSharedSecret", key))


@pytest.mark.parametrize("key_state", [*KeyState, "Frozen"])
def test_an_operation_without_a_row_is_for_keys_in_every_state(key_state: str) -> None:
    for origin in (*OriginType, "ELSEWHERE"):
        assert refusal("GetKeyLastUsage", Described(ARN, key_state, origin)) is None


@pytest.mark.parametrize("operation", TABLE)
def test_a_key_state_that_the_table_does_not_know_is_refused(operation: str) -> None:
    origin = next(iter(KEY_STATE_TABLE[operation].accepts))
    assert same(
        refusal(operation, Described(ARN, "Frozen", origin)),
        KMSInvalidStateException(f"{ARN} is Frozen.", arn=ARN, key_state="Frozen"),
    )


def test_rows_are_values() -> None:
    row = KEY_STATE_TABLE["Encrypt"]
    assert row == Row(dict(row.cells))
    assert row[KeyState.Disabled] == Refusal(DisabledException, "is disabled.")
    assert KEY_STATE_TABLE["Decrypt"] == row != KEY_STATE_TABLE["CreateGrant"]


def test_a_dict_is_no_metadata() -> None:
    answer: Any = {"Arn": "arn", "KeyState": "Enabled"}
    with pytest.raises(TypeError, match=r"^metadata must be a KeyMetadata, not dict; "):
        refusal("Encrypt", answer)
