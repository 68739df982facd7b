"""
The ports are satisfied by what comes with the package, and by whatever is shaped like them.
"""

from __future__ import annotations

from datetime import datetime
from typing import assert_type

from kmsmodel import (
    Hsm,
    KeyMetadata,
    KmsError,
    Lifecycle,
    LocalKms,
    OriginType,
    SeededHsm,
    SoftwareHsm,
    refusal,
)
from kmsmodel.key.key import Key
from kmsmodel.machine.key_state import KeyMetadataLike
from kmsmodel.memory.records import InMemoryRecords, Records


def both_hsms_are_an_hsm(software: SoftwareHsm, seeded: SeededHsm) -> None:
    hsms: tuple[Hsm, ...] = (software, seeded)
    for hsm in hsms:
        LocalKms(hsm=hsm)


class NotAnHsm:
    def random(self, number_of_bytes: int) -> bytes:
        return bytes(number_of_bytes)


def an_hsm_has_all_verbs() -> None:
    LocalKms(hsm=NotAnHsm())  # type: ignore[arg-type]


def records_in_memory_are_records(in_memory: InMemoryRecords[Key]) -> None:
    records: Records[Key] = in_memory
    assert_type(records.get("k"), Key | None)
    assert_type(records.page_after("", 1), tuple[tuple[str, Key], ...])
    assert_type(in_memory.remove("k"), InMemoryRecords[Key])


class Motoish:
    """A key as another emulator keeps it: plain strings that can be set."""

    arn: str = "arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    key_state: str = "Disabled"
    origin: str = "AWS_KMS"


class Stateless:
    arn: str = ""
    origin: str = "AWS_KMS"


def the_table_takes_any_metadata(mine: Motoish, metadata: KeyMetadata) -> None:
    assert_type(refusal("Encrypt", mine), KmsError | None)
    assert_type(refusal("Encrypt", metadata), KmsError | None)
    _alike: tuple[KeyMetadataLike, ...] = (mine, metadata)


def metadata_without_a_key_state_is_refused(mine: Stateless) -> None:
    refusal("Encrypt", mine)  # type: ignore[arg-type]


def the_machine_alone(now: datetime) -> None:
    life = Lifecycle(arn="a", origin=OriginType.EXTERNAL)
    assert_type(life.import_key_material("id", now), Lifecycle)
    assert_type(life.next_change(now), datetime | None)
    life.import_key_material("id", now, now)  # type: ignore[call-arg]
