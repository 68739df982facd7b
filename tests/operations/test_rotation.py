"""
Rotating KMS keys on demand, and what key materials they have had.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, cast, final

import pytest
from attrs import evolve
from hypothesis import example, given, strategies as st

from kmsmodel.calls.call import Call
from kmsmodel.calls.delays import Delays
from kmsmodel.clock import Clock
from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.errors import (
    ConflictException,
    DisabledException,
    IncorrectKeyMaterialException,
    InvalidMarkerException,
    KMSInvalidStateException,
    LimitExceededException,
    UnsupportedOperationException,
    ValidationException,
)
from kmsmodel.hsm.port import Hsm
from kmsmodel.hsm.secret import Secret
from kmsmodel.key.backing_key import key_material_id
from kmsmodel.local import LocalKms
from kmsmodel.memory.pages import marker
from kmsmodel.operations.deletion import CancelKeyDeletionRequest, ScheduleKeyDeletionRequest
from kmsmodel.operations.keys import DescribeKeyRequest, DisableKeyRequest, EnableKeyRequest
from kmsmodel.operations.rotation import (
    DisableKeyRotationRequest,
    DisableKeyRotationResponse,
    EnableKeyRotationRequest,
    GetKeyRotationStatusRequest,
    GetKeyRotationStatusResponse,
    ListKeyRotationsRequest,
    ListKeyRotationsResponse,
    RotateKeyOnDemandRequest,
    RotateKeyOnDemandResponse,
    RotationsListEntry,
    list_key_rotations,
)
from kmsmodel.service import handle
from kmsmodel.words.arn import parse_key_arn
from kmsmodel.words.enumerations import (
    ExpirationModelType,
    ImportState,
    ImportType,
    IncludeKeyMaterial,
    KeyMaterialState,
    KeySpec,
    KeyState,
    KeyUsageType,
    RotationType,
)
from tests.basics import ACCOUNT, NOW, REGION
from tests.operations.steps import (
    FIRST,
    SECOND,
    THIRD,
    arn_of,
    create,
    create_external,
    decrypt,
    delete_material,
    describe,
    encrypt,
    import_material,
    import_request,
    local_kms,
    refused,
    rotations,
)

ALL = IncludeKeyMaterial.ALL_KEY_MATERIAL
ROTATIONS = IncludeKeyMaterial.ROTATIONS_ONLY


def rotate(local: LocalKms, key_id: str) -> None:
    local.handle(RotateKeyOnDemandRequest(key_id=key_id))


# ---- EnableKeyRotation and DisableKeyRotation


def enable_rotation(local: LocalKms, key_id: str, days: int | None = None) -> None:
    local.handle(EnableKeyRotationRequest(key_id=key_id, rotation_period_in_days=days))


def rotating(
    arn: str, days: int, next_rotation_date: datetime | None = None
) -> GetKeyRotationStatusResponse:
    return GetKeyRotationStatusResponse(
        key_rotation_enabled=True,
        key_id=arn,
        rotation_period_in_days=days,
        next_rotation_date=next_rotation_date or NOW + timedelta(days=days),
    )


@given(days=st.integers(90, 2560), periods=st.integers(0, 4))
def test_a_key_rotates_by_itself_at_the_dates_that_are_told(days: int, periods: int) -> None:
    """Whether it is looked at between them or not, and a reading changes nothing."""
    often, seldom = local_kms(), local_kms()
    arns = [arn_of(create(local)) for local in (often, seldom)]
    for local in (often, seldom):
        enable_rotation(local, arns[0], days)
    dates: list[datetime] = []
    for number in range(periods):
        date = status(often, arns[0]).next_rotation_date
        assert date is not None
        dates.append(date)
        often.clock.advance(seconds=(date - often.clock.now()).total_seconds())
        assert len(rotations(often, arns[0])) == number + 2
    seldom.clock.advance(days=days * periods)
    before = seldom.kms
    entries = rotations(seldom, arns[0])
    assert entries == rotations(often, arns[0])
    assert [each.rotation_date for each in entries] == [None, *dates]
    assert describe(seldom, arns[0]).current_key_material_id == entries[-1].key_material_id
    assert len({each.key_material_id for each in entries}) == periods + 1
    assert seldom.kms is before


def test_what_was_encrypted_before_a_key_rotated_by_itself_still_opens(local: LocalKms) -> None:
    arn = arn_of(create(local))
    enable_rotation(local, arn, 90)
    blobs: list[bytes] = []
    for _ in range(3):
        blobs.append(encrypt(local, arn, b"attack"))
        local.clock.advance(days=90)
    rotate(local, arn)
    blobs.append(encrypt(local, arn, b"attack"))
    assert {decrypt(local, blob) for blob in blobs} == {b"attack"}
    ids = [bytes.fromhex(each.key_material_id) for each in rotations(local, arn)]
    assert [[id_ in blob for id_ in ids].index(True) for blob in blobs] == [0, 1, 2, 4]
    types = [each.rotation_type for each in rotations(local, arn)]
    assert types == [None, *[RotationType.AUTOMATIC] * 3, RotationType.ON_DEMAND]


def test_an_on_demand_rotation_does_not_move_the_automatic_one(local: LocalKms) -> None:
    arn = arn_of(create(local))
    enable_rotation(local, arn, 100)
    local.clock.advance(days=50)
    rotate(local, arn)
    assert status(local, arn) == rotating(arn, 100)


def test_a_key_is_not_rotated_on_demand_close_to_an_automatic_rotation(local: LocalKms) -> None:
    """AWS KMS says 20 minutes."""
    arn = arn_of(create(local))
    enable_rotation(local, arn, 90)
    local.clock.advance(days=89, hours=23, minutes=39, seconds=59)
    rotate(local, arn)
    local.clock.advance(seconds=1)
    message = f"An automatic rotation of {arn} is in progress, or begins within 20 minutes."
    refused(local, RotateKeyOnDemandRequest(key_id=arn), ConflictException, message)
    local.clock.advance(minutes=20)
    rotate(local, arn)
    assert len(rotations(local, arn)) == 4


def test_a_disabled_key_is_rotated_at_once_when_it_is_enabled_again(local: LocalKms) -> None:
    """If a rotation was missed; and once, however many were."""
    early, late = arn_of(create(local)), arn_of(create(local))
    for arn in (early, late):
        enable_rotation(local, arn, 90)
        local.handle(DisableKeyRequest(key_id=arn))
    local.clock.advance(days=80)
    local.handle(EnableKeyRequest(key_id=early))
    assert status(local, early) == rotating(early, 90)
    local.clock.advance(days=920)
    assert len(rotations(local, late)) == 1
    local.handle(EnableKeyRequest(key_id=late))
    dates = [each.rotation_date for each in rotations(local, late)]
    assert dates == [None, NOW + timedelta(days=1000)]
    assert status(local, late) == rotating(late, 90, NOW + timedelta(days=1090))


def test_what_rotated_stays_when_automatic_rotation_ends_and_begins_anew(local: LocalKms) -> None:
    arn = arn_of(create(local))
    enable_rotation(local, arn, 90)
    local.clock.advance(days=100)
    local.handle(DisableKeyRotationRequest(key_id=arn))
    local.clock.advance(days=1000)
    before = rotations(local, arn)
    assert len(before) == 2
    enable_rotation(local, arn, 90)
    local.clock.advance(days=90)
    after = rotations(local, arn)
    assert [each.key_material_id for each in after[:-1]] == [e.key_material_id for e in before]
    assert len({each.key_material_id for each in after}) == 3


@pytest.mark.parametrize("request_type", [EnableKeyRotationRequest, DisableKeyRotationRequest])
def test_only_symmetric_encryption_keys_with_generated_material_rotate_by_themselves(
    local: LocalKms, request_type: Any
) -> None:
    message = "{} origin is EXTERNAL which is not valid for this operation."
    for arn in (create_external(local), create_external(local, FIRST)):
        request = request_type(key_id=arn)
        refused(local, request, UnsupportedOperationException, message.format(arn))
    arn = arn_of(create(local))
    local.handle(DisableKeyRequest(key_id=arn))
    refused(local, request_type(key_id=arn), DisabledException, f"{arn} is disabled.")


@pytest.mark.parametrize(
    "key_spec, usage",
    [
        (KeySpec.RSA_2048, KeyUsageType.SIGN_VERIFY),
        (KeySpec.HMAC_256, KeyUsageType.GENERATE_VERIFY_MAC),
    ],
)
def test_a_key_of_another_spec_does_not_rotate_by_itself_and_can_be_told_not_to(
    local: LocalKms, key_spec: KeySpec, usage: KeyUsageType
) -> None:
    arn = arn_of(create(local, key_spec=key_spec, key_usage=usage))
    refused(local, EnableKeyRotationRequest(key_id=arn), UnsupportedOperationException, "")
    before = local.kms
    answer = local.handle(DisableKeyRotationRequest(key_id=arn))
    assert answer == DisableKeyRotationResponse()
    assert local.kms == before


@pytest.mark.parametrize("days", [None, 90])
def test_enabled_again_without_another_period_a_key_keeps_period_and_date(
    local: LocalKms, days: int | None
) -> None:
    """As it was recorded."""
    arn = arn_of(create(local))
    enable_rotation(local, arn, 90)
    local.clock.advance(days=10)
    enable_rotation(local, arn, days)
    assert status(local, arn) == rotating(arn, 90)
    enable_rotation(local, arn, 100)
    assert status(local, arn) == rotating(arn, 100, NOW + timedelta(days=110))
    local.handle(DisableKeyRotationRequest(key_id=arn))
    enable_rotation(local, arn)
    assert status(local, arn) == rotating(arn, 365, NOW + timedelta(days=375))


@pytest.mark.parametrize("days", [89, 2561])
def test_a_rotation_period_is_90_to_2560_days(local: LocalKms, days: int) -> None:
    request = EnableKeyRotationRequest(key_id=arn_of(create(local)), rotation_period_in_days=days)
    with pytest.raises(ValidationException):
        local.handle(request)


# ---- RotateKeyOnDemand


def test_a_rotation_makes_new_material_current_and_former_ciphertexts_still_open(
    local: LocalKms,
) -> None:
    before = create(local)
    blob = encrypt(local, before.key_id)
    answer = local.handle(RotateKeyOnDemandRequest(key_id=before.key_id))
    assert answer == RotateKeyOnDemandResponse(key_id=arn_of(before))
    after = describe(local, before.key_id)
    assert after == evolve(before, current_key_material_id=after.current_key_material_id)
    assert after.current_key_material_id != before.current_key_material_id
    later = encrypt(local, before.key_id)
    assert decrypt(local, blob) == decrypt(local, later) == b"attack at dawn"
    assert bytes.fromhex(before.current_key_material_id or "") in blob
    assert bytes.fromhex(after.current_key_material_id or "") in later


def test_a_key_is_rotated_25_times_on_demand_and_no_more(local: LocalKms) -> None:
    arn = arn_of(create(local))
    for _ in range(25):
        rotate(local, arn)
    assert len({entry.key_material_id for entry in rotations(local, arn)}) == 26
    message = (
        "The on-demand rotations limit has been reached for the given keyId. "
        f"No more on-demand rotations can be performed for this key: {arn}"
    )
    error = refused(local, RotateKeyOnDemandRequest(key_id=arn), LimitExceededException, message)
    assert error.arn == arn


@final
class _Unasked:
    """An HSM that nobody may ask."""

    def random(self, _: int, purpose: str) -> bytes:
        raise AssertionError(purpose)


def test_no_key_material_is_generated_for_a_rotation_that_is_refused(local: LocalKms) -> None:
    """The HSM of the last call is not asked for any."""
    arn = arn_of(create(local))
    for _ in range(25):
        rotate(local, arn)
    call = Call(now=NOW, hsm=cast("Hsm", _Unasked()), request_id="last")
    with pytest.raises(LimitExceededException):
        handle(local.kms, RotateKeyOnDemandRequest(key_id=arn), call)


def test_a_key_with_imported_material_is_rotated_25_times_too(local: LocalKms) -> None:
    arn = create_external(local, *(bytes([number]) * 32 for number in range(26)))
    import_material(local, arn, b"z" * 32, import_type="NEW_KEY_MATERIAL")
    with pytest.raises(LimitExceededException):
        rotate(local, arn)


def test_a_key_with_imported_material_is_rotated_to_the_material_that_waits(
    local: LocalKms,
) -> None:
    arn = create_external(local, FIRST)
    message = f"No available key material pending rotation for the key: {arn}."
    request = RotateKeyOnDemandRequest(key_id=arn)
    refused(local, request, KMSInvalidStateException, message)
    import_material(local, arn, SECOND, import_type="NEW_KEY_MATERIAL")
    rotate(local, arn)
    second = key_material_id(parse_key_arn(arn), Secret(SECOND))
    assert describe(local, arn).current_key_material_id == second
    refused(local, request, KMSInvalidStateException, message)


def test_material_that_expires_while_it_waits_stays_listed_and_is_rotated_to(
    local: LocalKms,
) -> None:
    """As it was recorded; the key is then pending import, and its bytes are erased."""
    arn = create_external(local, FIRST)
    soon = NOW + timedelta(seconds=10)
    import_material(local, arn, SECOND, import_type="NEW_KEY_MATERIAL", valid_to=soon)
    listed = rotations(local, arn)
    local.clock.advance(minutes=15)
    assert rotations(local, arn) == listed
    second = listed[1]
    assert (second.import_state, second.valid_to) == (ImportState.IMPORTED, soon)
    again = import_request(local, arn, SECOND, import_type=ImportType.NEW_KEY_MATERIAL)
    message = (
        f"Key material (id: {second.key_material_id}) being imported as NEW_KEY_MATERIAL "
        f"is already associated with KMS key {arn}."
    )
    refused(local, again, IncorrectKeyMaterialException, message)
    rotate(local, arn)
    assert describe(local, arn).key_state is KeyState.PendingImport
    current = evolve(
        second,
        key_material_state=KeyMaterialState.CURRENT,
        rotation_date=local.clock.now(),
        rotation_type=RotationType.ON_DEMAND,
    )
    assert rotations(local, arn)[1] == current
    import_material(local, arn, SECOND)
    assert decrypt(local, encrypt(local, arn)) == b"attack at dawn"


# ---- RotateKeyOnDemand, which takes time

TAKES = Delays.recorded().on_demand_rotation


def slow_kms() -> LocalKms:
    return LocalKms(clock=Clock(NOW), hsm=SeededHsm(), delays=Delays.recorded())


def progress(local: LocalKms, arn: str) -> datetime | None:
    """Since when a rotation of a key that does not rotate by itself is in progress."""
    answer = status(local, arn)
    since = answer.on_demand_rotation_start_date
    assert answer == GetKeyRotationStatusResponse(
        key_rotation_enabled=False, key_id=arn, on_demand_rotation_start_date=since
    )
    return since


def places(local: LocalKms, arn: str) -> list[KeyMaterialState]:
    return [each.key_material_state for each in rotations(local, arn)]


CURRENT, NON_CURRENT = KeyMaterialState.CURRENT, KeyMaterialState.NON_CURRENT
PENDING = KeyMaterialState.PENDING_ROTATION


def pass_over(local: LocalKms, span: timedelta) -> None:
    local.clock.advance(seconds=span.total_seconds())


def test_a_rotation_is_in_progress_until_its_end_which_is_its_date() -> None:
    """As it was recorded, with generated material. A second request changes nothing."""
    local = slow_kms()
    before = create(local)
    arn = arn_of(before)
    rotate(local, arn)
    assert progress(local, arn) == NOW
    assert describe(local, arn) == before
    assert local.handle(ListKeyRotationsRequest(key_id=arn)).rotations == ()
    former = encrypt(local, arn)
    local.clock.advance(seconds=60)
    state = local.kms
    rotate(local, arn)
    assert local.kms is state
    assert progress(local, arn) == NOW
    local.clock.advance(seconds=TAKES.total_seconds() - 60 - 0.000001)
    assert places(local, arn) == [CURRENT]
    local.clock.advance(seconds=0.000001)
    assert progress(local, arn) is None
    (entry,) = local.handle(ListKeyRotationsRequest(key_id=arn)).rotations
    assert entry.rotation_date == NOW + TAKES
    assert describe(local, arn).current_key_material_id == entry.key_material_id
    assert bytes.fromhex(entry.key_material_id) in encrypt(local, arn)
    assert decrypt(local, former) == b"attack at dawn"


def test_no_key_material_is_generated_for_a_second_request_meanwhile() -> None:
    """The HSM of the last call is not asked for any."""
    local = slow_kms()
    arn = arn_of(create(local))
    rotate(local, arn)
    call = Call(now=NOW, hsm=cast("Hsm", _Unasked()), request_id="last")
    after, _ = handle(local.kms, RotateKeyOnDemandRequest(key_id=arn), call)
    assert after is local.kms


@pytest.mark.parametrize("request_type", [DisableKeyRequest, ScheduleKeyDeletionRequest])
def test_a_rotation_goes_on_in_a_key_that_is_disabled_or_pending_deletion(
    request_type: Any,
) -> None:
    """As it was recorded."""
    local = slow_kms()
    arn = arn_of(create(local))
    rotate(local, arn)
    local.handle(request_type(key_id=arn))
    assert progress(local, arn) == NOW
    pass_over(local, TAKES)
    assert progress(local, arn) is None
    assert places(local, arn) == [NON_CURRENT, CURRENT]


def slow_external() -> tuple[LocalKms, str]:
    """A key with imported material, after a request to rotate it to the second one."""
    local = slow_kms()
    arn = create_external(local, FIRST)
    import_material(local, arn, SECOND, import_type="NEW_KEY_MATERIAL")
    rotate(local, arn)
    return local, arn


def test_imported_material_waits_until_the_end_of_the_rotation() -> None:
    """As it was recorded."""
    local, arn = slow_external()
    assert places(local, arn) == [CURRENT, PENDING]
    assert local.handle(ListKeyRotationsRequest(key_id=arn)).rotations == ()
    assert progress(local, arn) == NOW
    pass_over(local, TAKES)
    assert places(local, arn) == [NON_CURRENT, CURRENT]
    assert rotations(local, arn)[1].rotation_date == NOW + TAKES


def test_the_end_is_the_next_event_if_the_key_is_then_pending_import() -> None:
    local = slow_kms()
    arn = create_external(local, FIRST)
    soon = NOW + timedelta(seconds=10)
    import_material(local, arn, SECOND, import_type="NEW_KEY_MATERIAL", valid_to=soon)
    assert local.kms.next_event_at(NOW) == soon
    rotate(local, arn)
    assert local.kms.next_event_at(soon) == NOW + TAKES
    pass_over(local, TAKES)
    assert describe(local, arn).key_state is KeyState.PendingImport
    assert local.kms.next_event_at(local.clock.now()) is None


def test_a_rotation_to_material_that_is_deleted_meanwhile_comes_to_nothing() -> None:
    """As it was recorded."""
    local, arn = slow_external()
    before = describe(local, arn)
    delete_material(local, arn, rotations(local, arn)[1].key_material_id)
    assert progress(local, arn) == NOW
    rotate(local, arn)
    pass_over(local, TAKES)
    assert progress(local, arn) is None
    assert places(local, arn) == [CURRENT]
    assert describe(local, arn) == before


def test_a_rotation_ends_on_material_that_took_the_place_of_what_was_deleted() -> None:
    """As it was recorded."""
    local, arn = slow_external()
    delete_material(local, arn, rotations(local, arn)[1].key_material_id)
    third = import_material(local, arn, THIRD, import_type="NEW_KEY_MATERIAL").key_material_id
    assert places(local, arn) == [CURRENT, PENDING]
    pass_over(local, TAKES)
    after = describe(local, arn)
    assert (after.current_key_material_id, after.key_state) == (third, KeyState.Enabled)


def test_a_key_without_material_is_pending_import_and_not_rotated(local: LocalKms) -> None:
    arn = create_external(local)
    message = f"{arn} is pending import."
    refused(local, RotateKeyOnDemandRequest(key_id=arn), KMSInvalidStateException, message)


# ---- ListKeyRotations


def test_all_key_material_tells_of_what_was_generated(local: LocalKms) -> None:
    arn = arn_of(create(local))
    first = describe(local, arn).current_key_material_id or ""
    local.clock.advance(days=1)
    rotate(local, arn)
    second = describe(local, arn).current_key_material_id or ""
    former = RotationsListEntry(
        key_id=arn, key_material_id=first, key_material_state=KeyMaterialState.NON_CURRENT
    )
    current = RotationsListEntry(
        key_id=arn,
        key_material_id=second,
        key_material_state=KeyMaterialState.CURRENT,
        rotation_date=NOW + timedelta(days=1),
        rotation_type=RotationType.ON_DEMAND,
    )
    assert rotations(local, arn) == (former, current)
    for include in (None, ROTATIONS):
        request = ListKeyRotationsRequest(key_id=arn, include_key_material=include)
        assert local.handle(request) == ListKeyRotationsResponse(
            rotations=(current,), truncated=False
        )


def test_all_key_material_tells_of_what_was_imported_and_what_is_missing(local: LocalKms) -> None:
    arn = create_external(local)
    soon = NOW + timedelta(days=9)
    name = parse_key_arn(arn)
    first, second, third = (key_material_id(name, Secret(m)) for m in (FIRST, SECOND, THIRD))
    import_material(local, arn, FIRST, key_material_description="one")
    import_material(local, arn, SECOND, import_type="NEW_KEY_MATERIAL", valid_to=soon)
    rotate(local, arn)
    import_material(local, arn, THIRD, import_type="NEW_KEY_MATERIAL")
    delete_material(local, arn, first)
    assert rotations(local, arn) == (
        RotationsListEntry(
            key_id=arn,
            key_material_id=first,
            key_material_state=KeyMaterialState.NON_CURRENT,
            key_material_description="one",
            import_state=ImportState.PENDING_IMPORT,
        ),
        RotationsListEntry(
            key_id=arn,
            key_material_id=second,
            key_material_state=KeyMaterialState.CURRENT,
            import_state=ImportState.IMPORTED,
            expiration_model=ExpirationModelType.KEY_MATERIAL_EXPIRES,
            valid_to=soon,
            rotation_date=NOW,
            rotation_type=RotationType.ON_DEMAND,
        ),
        RotationsListEntry(
            key_id=arn,
            key_material_id=third,
            key_material_state=KeyMaterialState.PENDING_ROTATION,
            import_state=ImportState.IMPORTED,
            expiration_model=ExpirationModelType.KEY_MATERIAL_DOES_NOT_EXPIRE,
        ),
    )


def test_a_key_before_its_first_import_has_no_rotations(local: LocalKms) -> None:
    nothing = ListKeyRotationsResponse(rotations=(), truncated=False)
    arn = create_external(local)
    for include in (None, ROTATIONS, ALL):
        request = ListKeyRotationsRequest(key_id=arn, include_key_material=include)
        assert local.handle(request) == nothing


@given(number=st.integers(0, 8), limit=st.integers(1, 9), include=st.sampled_from((ROTATIONS, ALL)))
@example(number=2, limit=3, include=ALL)
def test_the_pages_of_list_key_rotations_are_the_list(
    number: int, limit: int, include: IncludeKeyMaterial
) -> None:
    local = local_kms()
    arn = arn_of(create(local))
    for _ in range(number):
        rotate(local, arn)
    request = ListKeyRotationsRequest(key_id=arn, include_key_material=include)
    pages = [local.handle(evolve(request, limit=limit))]
    while pages[-1].truncated:
        next_request = evolve(request, limit=limit, marker=pages[-1].next_marker)
        pages.append(local.handle(next_request))
    whole = local.handle(request)
    assert sum((page.rotations for page in pages), ()) == whole.rotations
    assert len(whole.rotations) == number + (include is ALL)
    assert all(len(page.rotations) == limit for page in pages[:-1])
    assert all(page.rotations for page in pages[1:])
    assert pages[-1].next_marker is whole.next_marker is None


@pytest.mark.parametrize("text", ["nonsense", marker("ListKeys", "1")])
def test_a_marker_is_one_that_list_key_rotations_gave(local: LocalKms, text: str) -> None:
    request = ListKeyRotationsRequest(key_id=create(local).key_id, marker=text)
    refused(local, request, InvalidMarkerException, "")


def test_a_marker_past_the_end_has_nothing_after_it(local: LocalKms) -> None:
    request = ListKeyRotationsRequest(
        key_id=create(local).key_id,
        marker=marker("ListKeyRotations", "9"),
        include_key_material=ALL,
    )
    assert local.handle(request) == ListKeyRotationsResponse(rotations=(), truncated=False)


def test_the_limit_of_list_key_rotations_is_1_to_1000_and_by_default_100(local: LocalKms) -> None:
    key_id = create(local).key_id
    for limit, bound in ((0, "greater than or equal to 1"), (1001, "less than or equal to 1000")):
        message = (
            f"1 validation error detected: Value '{limit}' at 'limit' failed to satisfy "
            f"constraint: Member must have value {bound}"
        )
        request = ListKeyRotationsRequest(key_id=key_id, limit=limit)
        refused(local, request, ValidationException, message)


def test_a_page_of_list_key_rotations_has_100_entries_unless_the_request_says_otherwise(
    local: LocalKms,
) -> None:
    arn = arn_of(create(local))
    key = local.kms.accounts[ACCOUNT, REGION].keys.get(arn.rpartition("/")[2])
    assert key is not None
    (first,) = key.lifecycle.materials
    materials = tuple(evolve(first, key_material_id=f"{number:064x}") for number in range(101))
    kms = local.kms.with_key(evolve(key, lifecycle=evolve(key.lifecycle, materials=materials)))
    request = ListKeyRotationsRequest(key_id=arn, include_key_material=ALL)
    call = Call(now=NOW, hsm=SeededHsm(), request_id="r")
    _, page = handle(kms, request, call)
    assert len(page.rotations) == 100
    _, rest = handle(kms, evolve(request, marker=page.next_marker), call)
    assert [entry.key_material_id for entry in rest.rotations] == [f"{100:064x}"]


def test_key_material_is_told_of_only_for_keys_that_can_be_rotated(local: LocalKms) -> None:
    """No such key can be made yet: one is put there."""
    arn = arn_of(create(local))
    key = local.kms.accounts[ACCOUNT, REGION].keys.get(arn.rpartition("/")[2])
    assert key is not None
    hmac = evolve(key, lifecycle=evolve(key.lifecycle, key_spec=KeySpec.HMAC_256))
    kms = local.kms.with_key(hmac)
    call = Call(now=NOW, hsm=SeededHsm(), request_id="r")
    request = ListKeyRotationsRequest(key_id=arn)
    _, response = list_key_rotations(kms, request, call)
    assert response == ListKeyRotationsResponse(rotations=(), truncated=False)
    message = "Input parameter includeKeyMaterial can only be used with symmetric keys."
    for include in (ALL, ROTATIONS):
        with pytest.raises(ValidationException) as caught:
            list_key_rotations(kms, evolve(request, include_key_material=include), call)
        assert (caught.value.message, caught.value.arn) == (message, arn)


def test_rotations_are_listed_in_every_key_state(local: LocalKms) -> None:
    arn = create_external(local, FIRST, SECOND)
    before = rotations(local, arn)
    local.handle(DisableKeyRequest(key_id=arn))
    assert rotations(local, arn) == before
    local.handle(ScheduleKeyDeletionRequest(key_id=arn))
    assert rotations(local, arn) == before


# ---- GetKeyRotationStatus


def status(local: LocalKms, key_id: str) -> GetKeyRotationStatusResponse:
    return local.handle(GetKeyRotationStatusRequest(key_id=key_id))


def test_no_key_rotates_by_itself_unless_it_is_asked_to(local: LocalKms) -> None:
    for arn in (arn_of(create(local)), create_external(local, FIRST)):
        for request in (DisableKeyRequest(key_id=arn), ScheduleKeyDeletionRequest(key_id=arn)):
            answer = GetKeyRotationStatusResponse(key_rotation_enabled=False, key_id=arn)
            assert status(local, arn) == answer
            local.handle(request)


def test_the_status_of_a_key_that_rotates_by_itself_tells_when(local: LocalKms) -> None:
    arn = arn_of(create(local))
    enable_rotation(local, arn)
    assert status(local, arn) == rotating(arn, 365)
    local.clock.advance(days=10)
    enable_rotation(local, arn, 90)
    assert status(local, arn) == rotating(arn, 90, NOW + timedelta(days=100))
    local.handle(DisableKeyRequest(key_id=arn))
    local.clock.advance(days=95)
    assert status(local, arn) == rotating(arn, 90, NOW + timedelta(days=100))
    local.handle(ScheduleKeyDeletionRequest(key_id=arn))
    nothing = GetKeyRotationStatusResponse(key_rotation_enabled=False, key_id=arn)
    assert status(local, arn) == nothing
    local.handle(CancelKeyDeletionRequest(key_id=arn))
    assert status(local, arn) == rotating(arn, 90, NOW + timedelta(days=100))
    local.handle(EnableKeyRequest(key_id=arn))
    assert status(local, arn) == rotating(arn, 90, NOW + timedelta(days=105 + 90))
    local.handle(DisableKeyRotationRequest(key_id=arn))
    assert status(local, arn) == nothing


def test_an_on_demand_rotation_is_done_at_once_unless_it_is_said_to_take_time(
    local: LocalKms,
) -> None:
    arn = arn_of(create(local))
    rotate(local, arn)
    assert progress(local, arn) is None
    assert places(local, arn) == [NON_CURRENT, CURRENT]


def test_the_status_of_a_key_with_imported_material_is_false_in_every_state(
    local: LocalKms,
) -> None:
    for arn in (create_external(local), create_external(local, FIRST)):
        for request in (
            DescribeKeyRequest(key_id=arn),
            ScheduleKeyDeletionRequest(key_id=arn),
            CancelKeyDeletionRequest(key_id=arn),
        ):
            local.handle(request)
            assert progress(local, arn) is None


def test_both_kinds_of_rotation_are_told_of_at_once() -> None:
    local = slow_kms()
    arn = arn_of(create(local))
    enable_rotation(local, arn, 90)
    rotate(local, arn)
    assert status(local, arn) == evolve(rotating(arn, 90), on_demand_rotation_start_date=NOW)
    pass_over(local, TAKES)
    assert status(local, arn) == rotating(arn, 90)
