"""
The lists of KMS keys.
"""

from __future__ import annotations

from collections import Counter

from playwright.sync_api import Locator, Response, Route, expect

from kmsmodel.local import LocalKms
from kmsmodel.operations.aliases import CreateAliasRequest
from kmsmodel.operations.keys import CreateKeyRequest, DescribeKeyRequest
from kmsmodel.words.enumerations import KeySpec, KeyUsageType, OriginType
from tests.basics import ACCOUNT
from tests.console.browser.person import Person


def creates(local: LocalKms, alias: str = "", **members: object) -> str:
    key_id = local.handle(CreateKeyRequest(**members)).key_metadata.key_id  # type: ignore[arg-type]
    if alias:
        local.handle(CreateAliasRequest(alias_name=f"alias/{alias}", target_key_id=key_id))
    return key_id


def row(person: Person, text: str) -> Locator:
    return person.page.get_by_role("row").filter(has_text=text)


def described(local: LocalKms) -> int:
    return sum(each.operation == "DescribeKey" for each in local.calls)


def test_an_account_without_keys_is_told_what_to_do(person: Person) -> None:
    person.goes("keys")
    person.sees("You don’t have any customer managed keys in this Region.")
    person.presses("Create a key")
    person.sees_heading("Add alias and description")


def test_the_origin_is_shown_when_a_person_wants_it(person: Person) -> None:
    creates(person.local, "imported", origin=OriginType.EXTERNAL)
    person.goes("keys")
    expect(row(person, "imported")).to_contain_text("Pending import")
    expect(person.page.get_by_role("columnheader", name="Origin")).to_have_count(0)
    person.presses("Preferences")
    person.page.get_by_role("dialog", name="Preferences").get_by_role(
        "checkbox", name="Origin"
    ).check()
    person.presses("Confirm")
    expect(person.page.get_by_role("columnheader", name="Origin")).to_be_visible()
    expect(row(person, "imported")).to_contain_text("External (Import Key material)")
    person.goes("keys")  # it is kept
    expect(row(person, "imported")).to_contain_text("External (Import Key material)")


def test_keys_are_filtered_by_alias_and_key_id(person: Person) -> None:
    creates(person.local, "orders")
    key_id = creates(person.local)
    person.goes("keys")
    search = person.page.get_by_role("searchbox", name="Filter keys")
    search.fill("ORD")
    person.sees("1 match")
    expect(row(person, "orders")).to_be_visible()
    search.fill(key_id[:13])
    expect(row(person, key_id)).to_be_visible()
    search.fill("nothing has this name")
    person.sees("No key matches this filter.")
    person.presses("Clear filter")
    expect(row(person, "orders")).to_be_visible()


def test_aws_managed_keys_have_a_list_of_their_own(person: Person) -> None:
    creates(person.local, "orders")
    person.local.handle(DescribeKeyRequest(key_id="alias/aws/ebs"))
    person.goes("keys")
    expect(row(person, "orders")).to_be_visible()
    expect(row(person, "aws/ebs")).to_have_count(0)
    person.follows("AWS managed keys")
    expect(row(person, "aws/ebs")).to_contain_text("Enabled")
    expect(row(person, "orders")).to_have_count(0)


def sorts(person: Person, column: str) -> None:
    """By the keyboard: for the mouse, another header lies over this one, which stays in sight."""
    person.page.get_by_role("columnheader", name=column).get_by_role("button").press("Enter")


def first(person: Person) -> Locator:
    """The first key of the list."""
    return person.page.get_by_role("table").get_by_role("row").nth(1)


def test_a_list_is_sorted_by_alias_before_anybody_chooses(person: Person) -> None:
    for alias in ("orders", "", "archive"):
        creates(person.local, alias)
    person.goes("keys")
    expect(first(person)).to_contain_text("archive")
    header = person.page.get_by_role("columnheader", name="Aliases")
    expect(header).to_have_attribute("aria-sort", "ascending")
    sorts(person, "Aliases")
    expect(person.page.get_by_role("row").last).to_contain_text("archive")


def test_all_aliases_are_read_before_a_list_is_said_to_be_whole(person: Person) -> None:
    """AWS KMS gives them in pages of 100."""
    for number in range(120):
        creates(person.local, f"key-{number:03}")
    creates(person.local)
    person.goes("keys")
    person.sees_heading("Customer managed keys (121)")
    expect(first(person)).to_contain_text("key-000")
    sorts(person, "Aliases")
    sorts(person, "Aliases")
    person.page.get_by_role("searchbox", name="Filter keys").fill("key-119")
    expect(first(person)).to_contain_text("Enabled")
    asked = Counter(each.operation for each in person.local.calls)
    assert (asked["ListKeys"], asked["ListAliases"]) == (1, 2)


def test_keys_are_sorted_by_key_id(person: Person) -> None:
    ids = sorted(creates(person.local, f"key-{number}") for number in range(12))
    person.goes("keys")
    expect(first(person)).to_contain_text("key-0")
    sorts(person, "Key ID")
    expect(first(person)).to_contain_text(ids[0])
    sorts(person, "Key ID")
    expect(first(person)).to_contain_text(ids[-1])


def test_keys_are_sorted_by_key_type_also_those_of_other_pages(person: Person) -> None:
    for number in range(12):
        creates(person.local, f"key-{number:02}")
    creates(
        person.local,
        "zone-signing",
        key_spec=KeySpec.ECC_NIST_P256,
        key_usage=KeyUsageType.SIGN_VERIFY,
    )
    person.goes("keys")
    expect(first(person)).to_contain_text("key-00")
    expect(first(person)).to_contain_text("Enabled")
    before = described(person.local)
    assert before <= 10
    sorts(person, "Key type")
    expect(first(person)).to_contain_text("zone-signing")
    expect(first(person)).to_contain_text("Asymmetric")
    sorts(person, "Key type")
    expect(first(person)).to_contain_text("Symmetric")
    person.presses("Next page")
    expect(person.page.get_by_role("row").last).to_contain_text("zone-signing")
    assert described(person.local) - before <= 13 + 13


def test_aws_managed_keys_are_sorted_as_in_aws_console(person: Person) -> None:
    person.local.handle(DescribeKeyRequest(key_id="alias/aws/ebs"))
    person.goes("aws-managed-keys")
    expect(row(person, "aws/ebs")).to_be_visible()
    sortable = person.page.get_by_role("columnheader").filter(has=person.page.get_by_role("button"))
    expect(sortable).to_contain_text(["Aliases", "Key ID"])
    expect(sortable).to_have_count(2)


def test_several_keys_are_disabled_together(person: Person) -> None:
    for name in ("one", "two"):
        creates(person.local, name)
    person.goes("keys")
    for name in ("one", "two"):
        expect(row(person, name)).to_contain_text("Enabled")
        person.page.get_by_role("checkbox", name=f"Select alias/{name}").check()
    person.acts("Disable")
    person.ticks("Confirm that you want to disable these keys.")
    person.presses("Disable keys")
    person.sees("2 keys were disabled.")
    for name in ("one", "two"):
        expect(row(person, name)).to_contain_text("Disabled")


def test_another_region_has_keys_of_its_own(person: Person) -> None:
    creates(person.local, "orders")
    person.goes("keys")
    expect(row(person, "orders")).to_be_visible()
    person.page.get_by_role("button", name="Region: us-west-2").click()
    person.page.get_by_role("menuitem", name="Europe (Ireland)").click()
    person.sees("You don’t have any customer managed keys in this Region.")


def test_who_may_not_list_keys_reads_why(person: Person) -> None:
    person.goes("keys")
    person.page.get_by_role("button", name=f"Account: {ACCOUNT}").click()
    person.page.get_by_role("menuitem", name="Caller: access key ID").click()
    person.presses("Use the access key of Ada")
    person.presses("Save")
    person.sees("AccessDeniedException")
    person.sees("is not authorized to perform: kms:ListKeys")


def test_ten_thousand_keys_are_described_only_where_they_are_shown(person: Person) -> None:
    for _ in range(10_000):
        creates(person.local)
    creates(person.local, "last")
    before = described(person.local)
    person.goes("keys")
    expect(row(person, "Enabled").first).to_be_visible()
    expect(person.page.get_by_role("heading", name="Customer managed keys (10001)")).to_be_visible()
    assert described(person.local) - before <= 10
    person.presses("Next page")
    expect(row(person, "Enabled").nth(9)).to_be_visible()
    assert described(person.local) - before <= 20
    person.page.get_by_role("searchbox", name="Filter keys").fill("last")
    expect(row(person, "last")).to_contain_text("Enabled")
    assert described(person.local) - before <= 21


def test_a_list_begins_with_one_page_of_each_request(person: Person) -> None:
    """What is asked before the page is drawn is not asked again."""
    for alias in ("orders", "archive"):
        creates(person.local, alias)
    person.goes("keys")
    expect(row(person, "orders")).to_contain_text("Enabled")
    person.page.wait_for_load_state("networkidle")
    asked = Counter(each.operation for each in person.local.calls)
    assert (asked["ListKeys"], asked["ListAliases"], asked["DescribeKey"]) == (1, 1, 2)


def test_what_comes_after_the_page_is_drawn_is_not_asked_again_either(person: Person) -> None:
    creates(person.local, "orders")
    held: list[Route] = []
    person.page.route(f"{person.url}/", lambda route: held.append(route), times=2)  # noqa: PLW0108
    person.goes("keys")
    person.sees("Loading keys")
    for each in held:
        each.continue_()
    expect(row(person, "orders")).to_contain_text("Enabled")
    person.page.wait_for_load_state("networkidle")
    asked = Counter(each.operation for each in person.local.calls)
    assert (asked["ListKeys"], asked["ListAliases"], asked["DescribeKey"]) == (1, 1, 1)


def test_a_list_is_read_before_the_script_that_draws_it(person: Person) -> None:
    creates(person.local, "orders")
    held: list[Route] = []
    # Playwright marks what it calls, which a method of a list does not allow.
    person.page.route("**/assets/index-*.js", lambda route: held.append(route))  # noqa: PLW0108
    with person.page.expect_response(describes):
        person.page.goto(f"{person.url}/console/#/kms/keys", wait_until="commit")
    assert len(held) == 1
    held[0].continue_()
    expect(row(person, "orders")).to_contain_text("Enabled")


def describes(answer: Response) -> bool:
    return answer.request.headers.get("x-amz-target") == "TrentService.DescribeKey"
