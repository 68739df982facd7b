"""The tables and the picture in the docs are what the code decides."""

from __future__ import annotations

import pytest

from kmsmodel.exploration.diagrams import (
    arrows,
    joint,
    joint_table,
    key_state_table,
    mermaid,
)
from kmsmodel.machine.key_state import KEY_STATE_TABLE
from kmsmodel.words.enumerations import KeyState, OriginType


def cells(table: str, name: str) -> dict[str, str]:
    """The row of a Markdown table that begins with this name, by column."""
    heads, *rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines()]
    (row,) = [row for row in rows if row and row[0] == name]
    return dict(zip(heads, row, strict=True))


def test_the_joint_table_tells_what_follows() -> None:
    imported = cells(joint_table(), "ImportKeyMaterial")
    assert imported["PendingImport"] == "Enabled *or* stays"
    assert imported["PendingReplicaDeletion"] == (
        "KMSInvalidStateException *or* UnsupportedOperationException"
    )
    ended = cells(joint_table(), "waiting period ends")
    assert ended["PendingDeletion"] == "deleted"
    assert ended["Enabled"] == ""


def test_the_key_state_table_has_a_row_for_each_operation() -> None:
    table = key_state_table()
    assert all(f"\n| {operation} |" in table for operation in KEY_STATE_TABLE)
    cancelling = cells(table.partition("\n\n")[0], "CancelKeyDeletion")
    assert cancelling["PendingDeletion, PendingReplicaDeletion"] == "ok"
    assert cancelling["Enabled"] == "refused [1]"
    assert "\n[1] KMSInvalidStateException: *ARN* is not pending deletion.\n" in table
    assert (
        "\n[2] KMSInvalidStateException: *ARN* is pending deletion."
        " In PendingReplicaDeletion: *ARN* is pending replica deletion.\n"
    ) in table
    importing = cells(table.partition("\n\n")[0], "ImportKeyMaterial")
    assert importing["Takes only keys of origin"] == "EXTERNAL"


def test_the_picture_has_all_eight_key_states() -> None:
    first, *arrows = mermaid().splitlines()
    assert first == "stateDiagram-v2"
    ends = {end for arrow in arrows for end in arrow.strip().partition(":")[0].split(" --> ")}
    assert ends == {*KeyState, "[*]"}
    assert "    PendingDeletion --> [*]: waiting period ends" in arrows


def test_the_short_walk_finds_every_arrow_that_all_combinations_have() -> None:
    found = {
        (arrow.before, label, arrow.after)
        for arrow in arrows()
        for label in arrow.labels
        if label != "CreateKey"
    }
    assert found == {
        (before, label, after)
        for (before, label), cell in joint().items()
        for after in cell.states
        if after is not before
    }


def test_a_new_key_is_enabled_or_waits_for_its_key_material() -> None:
    created = {arrow.after for arrow in arrows() if "CreateKey" in arrow.labels}
    assert created == {KeyState.Enabled, KeyState.PendingImport}


@pytest.mark.parametrize(
    "origin, states",
    [
        (OriginType.AWS_KMS, set(KeyState) - {KeyState.PendingImport, KeyState.Unavailable}),
        (OriginType.EXTERNAL, set(KeyState) - {KeyState.Unavailable}),
        *(
            (
                origin,
                {
                    KeyState.Enabled,
                    KeyState.Disabled,
                    KeyState.PendingDeletion,
                    KeyState.Unavailable,
                },
            )
            for origin in (OriginType.AWS_CLOUDHSM, OriginType.EXTERNAL_KEY_STORE)
        ),
    ],
)
def test_keys_of_an_origin_have_their_own_key_states(
    origin: OriginType, states: set[KeyState]
) -> None:
    assert {arrow.after for arrow in arrows(origin)} == {*states, None}
