"""
What no console of AWS has: the life cycle, why somebody may, the record of calls, and the request behind a button.
"""

from __future__ import annotations

from playwright.sync_api import expect

from kmsmodel.local import LocalKms
from kmsmodel.operations.aliases import CreateAliasRequest
from kmsmodel.operations.keys import CreateKeyRequest
from kmsmodel.words.enumerations import OriginType
from tests.basics import ACCOUNT
from tests.console.browser.person import Person
from tests.console.people import BERT


def created(local: LocalKms, origin: OriginType = OriginType.AWS_KMS) -> str:
    return local.handle(CreateKeyRequest(origin=origin)).key_metadata.key_id


def test_a_key_is_shown_its_place_and_what_may_come_next(person: Person) -> None:
    key_id = created(person.local, OriginType.EXTERNAL)
    person.goes("keys", key_id, "life-cycle")
    table = person.page.get_by_role("table", name="What may happen next")
    imported = table.get_by_role("row").filter(has_text="ImportKeyMaterial")
    expect(imported).to_contain_text("Enabled")
    expect(table.get_by_role("row").filter(has_text="EnableKey")).to_have_count(0)
    drawing = person.page.get_by_role("img", name="The life cycle of this key")
    expect(drawing).to_be_visible()
    imported.get_by_role("link", name="Who has kms:ImportKeyMaterial").click()
    person.sees("Who may use it, and why")
    expect(person.page.get_by_role("button", name="Operation ImportKeyMaterial")).to_be_visible()


def test_a_decision_names_the_statement_that_decides(person: Person) -> None:
    person.goes("keys", created(person.local), "why")
    rows = person.page.get_by_role("row")
    root = rows.filter(has_text=f"arn:aws:iam::{ACCOUNT}:root")
    expect(root).to_contain_text("Allowed")
    expect(root).to_contain_text("Enable IAM User Permissions")
    bert = rows.filter(has_text=BERT.arn)
    expect(bert).to_contain_text("Denied")
    expect(bert).to_contain_text("no identity-based policy allows it")
    person.presses(f"The whole explanation for {BERT.arn}")
    person.sees(f"by {BERT.arn}")


def test_the_record_tells_of_refused_calls_too(person: Person) -> None:
    key_id = created(person.local)
    person.local.handle(CreateAliasRequest(alias_name="alias/orders", target_key_id=key_id))
    person.goes("keys", key_id, "aliases")
    person.presses("Create alias")
    person.fills("Alias", "orders")
    dialog = person.page.get_by_role("dialog")
    dialog.get_by_role("button", name="Create alias").click()
    person.sees("AlreadyExistsException")
    person.goes("calls")
    calls = person.page.get_by_role("row")
    expect(calls.filter(has_text="CreateKey")).to_contain_text("OK")
    expect(calls.filter(has_text="AlreadyExistsException")).to_contain_text("CreateAlias")
    expect(calls.filter(has_text="DescribeKey")).to_have_count(0)
    person.page.get_by_role("switch", name="Show readings").or_(
        person.page.get_by_role("checkbox", name="Show readings")
    ).check()
    expect(calls.filter(has_text="DescribeKey").first).to_be_visible()


def test_a_button_shows_its_request_in_three_forms(person: Person) -> None:
    key_id = created(person.local)
    person.goes("keys", key_id)
    person.acts("Schedule key deletion")
    person.presses("The request behind this button: ScheduleKeyDeletion")
    person.sees(f"aws kms schedule-key-deletion --key-id {key_id} --pending-window-in-days 30")
    person.page.get_by_role("tab", name="boto3").click()
    person.sees("kms.schedule_key_deletion(")
    person.page.get_by_role("tab", name="JSON").click()
    person.sees('"PendingWindowInDays": 30')


def test_the_wizard_shows_the_requests_behind_finish(person: Person) -> None:
    person.goes("keys", "create")
    person.fills("Alias", "orders")
    for _ in range(5):
        person.presses("Next")
    person.presses("The requests behind Finish")
    person.sees("aws kms create-key")
    person.sees("aws kms create-alias --alias-name alias/orders")


def test_a_step_is_not_left_before_it_is_right(person: Person) -> None:
    person.goes("keys", "create")
    person.presses("Next")
    problem = person.page.get_by_role("textbox", name="Alias", exact=True)
    expect(problem).to_have_attribute("aria-invalid", "true")
    person.sees_heading("Add alias and description")
