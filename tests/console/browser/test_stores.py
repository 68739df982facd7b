"""
Custom key stores: created, connected, edited, disconnected and deleted, and KMS keys that are created in them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

import pytest
from attrs import evolve
from playwright.sync_api import Locator, expect

from kmsmodel.calls.request import Request
from kmsmodel.operations.custom_key_store_updates import UpdateCustomKeyStoreRequest
from kmsmodel.operations.custom_key_stores import (
    ConnectCustomKeyStoreRequest,
    DescribeCustomKeyStoresRequest,
)
from kmsmodel.operations.keys import CreateKeyRequest, DescribeKeyRequest, ListKeysRequest
from kmsmodel.words.enumerations import (
    ConnectionErrorCodeType,
    CustomKeyStoreType,
    KeyState,
    OriginType,
)
from tests.basics import ACCOUNT, OTHER_ACCOUNT
from tests.console.browser.person import Person, focused_item, tabs_to
from tests.key_stores import (
    CLUSTERS,
    KEY_STORES,
    PROXIES,
    VPC_ENDPOINT_SERVICE,
    behind,
    of_cluster,
    of_proxy,
    proxy,
)

CLUSTER, OTHER_CLUSTER = CLUSTERS[:2]
PROXY = PROXIES[0]
SECRET = PROXY.raw_secret_access_key.reveal().decode()


def made(person: Person, operation: str) -> Sequence[Request[object] | None]:
    return [each.request for each in person.local.calls if each.operation == operation]


def store(person: Person, of: str, *, connected: bool = False) -> str:
    """The id of a new custom key store with this name, of the cluster or of the proxy."""
    person.local.key_stores = KEY_STORES
    request = of_proxy(PROXY, of) if "outside" in of else of_cluster(CLUSTER, of)
    custom_key_store_id = person.local.handle(request).custom_key_store_id
    if connected:
        person.local.handle(ConnectCustomKeyStoreRequest(custom_key_store_id=custom_key_store_id))
    return custom_key_store_id


def row(person: Person, text: str) -> Locator:
    return person.page.get_by_role("row").filter(has_text=text)


def says(field: Locator, text: str) -> None:
    """What is wrong is told with the field."""
    expect(field).to_have_accessible_description(re.compile(re.escape(text)))


def of_the_store(person: Person, label: str, text: str) -> None:
    """A custom key store has this beside that label, on its page."""
    term = person.page.get_by_role("term").filter(has_text=re.compile(f"^{label}$"))
    expect(term.locator("xpath=following-sibling::*[1]")).to_have_text(text)


def textbox(person: Person, name: str) -> Locator:
    return person.page.get_by_role("textbox", name=name, exact=True)


def cluster_of(person: Person) -> Locator:
    return person.page.get_by_role("combobox", name="AWS CloudHSM cluster")


def describes_cluster(person: Person, name: str, password: str, certificate: str) -> None:
    person.fills("Custom key store name", name)
    person.uploads("Trust anchor certificate", certificate.encode())
    person.fills("kmsuser password", password)


def describes_proxy(person: Person, name: str) -> None:
    person.fills("Custom key store name", name)
    person.fills("Proxy URI endpoint", PROXY.uri_endpoint)
    person.fills("Proxy credential: Access key ID", PROXY.access_key_id)
    person.fills("Proxy credential: Secret access key", SECRET)


def acts(person: Person, action: str) -> None:
    person.presses("Key store actions")
    person.page.get_by_role("menuitem", name=action, exact=True).click()


@pytest.mark.parametrize("rest", [(), ("edit",)])
def test_an_address_without_a_key_store_says_so(person: Person, rest: tuple[str, ...]) -> None:
    person.goes("custom-key-stores", "cks-1234567890abcdef0", *rest)
    person.sees_heading("cks-1234567890abcdef0")
    absent = "There is no custom key store cks-1234567890abcdef0 in this Region."
    expect(person.page.get_by_text(absent, exact=True)).to_be_visible()
    expect(person.text("Error:")).to_have_count(0)


# ---- AWS CloudHSM key stores


def test_a_key_store_of_a_cluster_is_created_and_connected(person: Person) -> None:
    person.local.key_stores = KEY_STORES
    person.goes("custom-key-stores")
    person.sees("You don’t have any AWS CloudHSM key stores in this Region.")
    person.follows("Create key store")
    describes_cluster(person, "ours", CLUSTER.kmsuser_password, CLUSTER.trust_anchor_certificate)
    cluster_of(person).click()
    person.page.get_by_role("option", name=CLUSTER.cluster_id).click()
    person.presses("Create")
    person.sees("The custom key store ours was created.")
    expect(row(person, "ours")).to_contain_text("Disconnected")
    (created,) = made(person, "CreateCustomKeyStore")
    asked = of_cluster(CLUSTER, "ours")
    assert created == evolve(asked, custom_key_store_type=CustomKeyStoreType.AWS_CLOUDHSM)
    person.page.get_by_role("radio", name="Select ours").check()
    acts(person, "Connect")
    person.presses("Connect")
    expect(row(person, "ours")).to_contain_text("Connected")


def test_a_cluster_that_has_a_key_store_is_not_offered_again(person: Person) -> None:
    store(person, "ours")
    person.goes("custom-key-stores", "cloudhsm", "create")
    cluster_of(person).click()
    expect(person.page.get_by_role("option", name=OTHER_CLUSTER.cluster_id)).to_be_visible()
    expect(person.page.get_by_role("option", name=CLUSTER.cluster_id)).to_have_count(0)


def test_what_aws_kms_refuses_of_a_cluster_is_told_with_its_field(person: Person) -> None:
    store(person, "ours")
    person.goes("custom-key-stores", "cloudhsm", "create")
    person.presses("Create")
    length = "failed to satisfy constraint: Member must have length greater than or equal to"
    says(textbox(person, "Custom key store name"), f"Value '' at 'customKeyStoreName' {length} 1")
    says(cluster_of(person), f"Value '' at 'cloudHsmClusterId' {length} 19")
    says(textbox(person, "kmsuser password"), f"Value at 'keyStorePassword' {length} 7")
    person.sees(f"Value '' at 'trustAnchorCertificate' {length} 1")

    describes_cluster(person, "ours", "kmsPswd1", "another certificate")
    cluster_of(person).fill(OTHER_CLUSTER.cluster_id)
    person.page.keyboard.press("Escape")
    person.presses("Create")
    says(textbox(person, "Custom key store name"), "CustomKeyStoreNameInUseException")
    person.fills("Custom key store name", "another")
    person.presses("Create")
    person.sees("IncorrectTrustAnchorException")
    cluster_of(person).fill(CLUSTER.cluster_id[:-1] + "b")
    person.page.keyboard.press("Escape")
    person.presses("Create")
    says(cluster_of(person), "CloudHsmClusterNotFoundException")


def test_a_server_without_clusters_says_what_aws_says(person: Person) -> None:
    person.goes("custom-key-stores", "cloudhsm", "create")
    describes_cluster(person, "ours", "kmsPswd1", "a certificate")
    cluster_of(person).fill("cluster-2a34b5cdefg")
    person.page.keyboard.press("Escape")
    person.presses("Create")
    says(cluster_of(person), "CloudHsmClusterNotFoundException")


def test_a_connection_that_fails_tells_why_and_is_disconnected_first(person: Person) -> None:
    store(person, "ours")
    refusing = evolve(CLUSTER, refuses_with=ConnectionErrorCodeType.USER_LOCKED_OUT)
    person.local.key_stores = behind(refusing)
    person.goes("custom-key-stores", "cloudhsm")
    person.page.get_by_role("radio", name="Select ours").check()
    acts(person, "Connect")
    person.presses("Connect")
    expect(row(person, "ours")).to_contain_text("Failed: USER_LOCKED_OUT")
    person.presses("Key store actions")
    expect(person.page.get_by_role("menuitem", name="Connect", exact=True)).to_be_disabled()
    person.page.get_by_role("menuitem", name="Disconnect", exact=True).click()
    person.presses("Disconnect")
    expect(row(person, "ours")).to_contain_text("Disconnected")


def test_a_key_store_of_a_cluster_is_edited(person: Person) -> None:
    custom_key_store_id = store(person, "ours")
    person.goes("custom-key-stores", custom_key_store_id)
    acts(person, "Edit")
    expect(person.button("Save")).to_be_disabled()
    person.fills("Custom key store name", "theirs")
    person.fills("kmsuser password", "another1")
    person.presses("The request behind this button: UpdateCustomKeyStore")
    person.sees("aws kms update-custom-key-store")
    person.presses("Save")
    person.sees("The custom key store theirs was changed.")
    person.sees_heading("theirs")
    asked = UpdateCustomKeyStoreRequest(
        custom_key_store_id=custom_key_store_id,
        new_custom_key_store_name="theirs",
        key_store_password="another1",
    )
    assert made(person, "UpdateCustomKeyStore") == [asked]
    acts(person, "Edit")
    cluster_of(person).fill(OTHER_CLUSTER.cluster_id)
    person.page.keyboard.press("Escape")
    person.presses("Save")
    says(cluster_of(person), "CloudHsmClusterNotRelatedException")


def test_a_key_store_is_deleted_once_it_has_no_keys(person: Person) -> None:
    custom_key_store_id = store(person, "ours", connected=True)
    person.local.handle(
        CreateKeyRequest(origin=OriginType.AWS_CLOUDHSM, custom_key_store_id=custom_key_store_id)
    )
    person.goes("custom-key-stores", custom_key_store_id)
    acts(person, "Delete")
    person.page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
    person.sees("CustomKeyStoreHasCMKsException")
    person.presses("Cancel")

    other = person.local.handle(of_cluster(OTHER_CLUSTER, "empty")).custom_key_store_id
    person.goes("custom-key-stores", other)
    acts(person, "Delete")
    person.page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
    person.sees("The custom key store empty was deleted.")
    expect(row(person, "ours")).to_be_visible()
    expect(row(person, "empty")).to_have_count(0)


# ---- external key stores


def test_an_external_key_store_is_created_from_what_is_typed(person: Person) -> None:
    person.local.key_stores = KEY_STORES
    person.goes("custom-key-stores")
    person.follows("External key stores")
    person.follows("Create external key store")
    describes_proxy(person, "outside")
    person.sees("The proxy URI path is /kms/xks/v1")
    person.presses("The request behind this button: CreateCustomKeyStore")
    person.sees("aws kms create-custom-key-store")
    person.presses("Create external key store")
    person.sees("The custom key store outside was created.")
    expect(row(person, "outside")).to_contain_text(PROXY.uri_endpoint)
    assert made(person, "CreateCustomKeyStore") == [of_proxy(PROXY, "outside")]


def test_a_proxy_configuration_file_fills_the_form(person: Person) -> None:
    elsewhere = evolve(PROXY, uri_path="/example-prefix/kms/xks/v1")
    person.local.key_stores = behind(elsewhere)
    person.goes("custom-key-stores", "external", "create")
    person.fills("Custom key store name", "outside")
    person.fills("Proxy URI endpoint", elsewhere.uri_endpoint)
    file = "Proxy configuration file – optional"
    person.uploads(file, b"no JSON", button="Upload configuration file")
    person.sees("This is not a proxy configuration file.")
    content = {
        "XksProxyUriPath": elsewhere.uri_path,
        "XksProxyAuthenticationCredential": {
            "AccessKeyId": elsewhere.access_key_id,
            "RawSecretAccessKey": SECRET,
        },
    }
    person.uploads(file, json.dumps(content).encode(), button="Upload configuration file")
    person.sees(f"The proxy URI path is {elsewhere.uri_path}")
    secret = textbox(person, "Proxy credential: Secret access key")
    expect(secret).to_have_attribute("type", "password")
    person.ticks("Show secret access key")
    expect(secret).to_have_attribute("type", "text")
    expect(secret).to_have_value(SECRET)
    person.presses("Create external key store")
    person.sees("The custom key store outside was created.")
    assert made(person, "CreateCustomKeyStore") == [of_proxy(elsewhere, "outside")]


def test_an_external_key_store_behind_a_vpc_endpoint_service_is_created(person: Person) -> None:
    inside = proxy("vpc", vpc_endpoint_service_name=VPC_ENDPOINT_SERVICE)
    person.local.key_stores = behind(inside)
    person.goes("custom-key-stores", "external", "create")
    describes_proxy(person, "outside")
    person.fills("Proxy URI endpoint", inside.uri_endpoint)
    person.page.get_by_role("radio", name="VPC endpoint service").check()
    person.presses("Create external key store")
    says(textbox(person, "VPC endpoint service name"), "'xksProxyVpcEndpointServiceName' failed")
    person.fills("VPC endpoint service name", f"{VPC_ENDPOINT_SERVICE}1")
    person.presses("Create external key store")
    says(
        textbox(person, "VPC endpoint service name"), "XksProxyVpcEndpointServiceNotFoundException"
    )
    person.fills("VPC endpoint service name", VPC_ENDPOINT_SERVICE)
    person.ticks("Cross-account VPC endpoint service")
    person.fills("VPC endpoint service owner account ID", "1")
    person.presses("Create external key store")
    says(textbox(person, "VPC endpoint service owner account ID"), "ServiceOwner' failed")
    person.page.get_by_role("checkbox", name="Cross-account VPC endpoint service").uncheck()
    person.presses("Create external key store")
    person.sees("The custom key store outside was created.")
    assert made(person, "CreateCustomKeyStore")[-1] == of_proxy(inside, "outside")
    person.follows("outside")
    of_the_store(person, "Proxy connectivity", "VPC endpoint service")
    of_the_store(person, "VPC endpoint service name", VPC_ENDPOINT_SERVICE)
    of_the_store(person, "VPC endpoint service owner account ID", ACCOUNT)


def test_the_owner_of_a_vpc_endpoint_service_is_changed(person: Person) -> None:
    inside = proxy(
        "vpc",
        vpc_endpoint_service_name=VPC_ENDPOINT_SERVICE,
        vpc_endpoint_service_owner=OTHER_ACCOUNT,
    )
    person.local.key_stores = behind(inside)
    request = evolve(
        of_proxy(inside, "outside"), xks_proxy_vpc_endpoint_service_owner=OTHER_ACCOUNT
    )
    custom_key_store_id = person.local.handle(request).custom_key_store_id
    person.goes("custom-key-stores", custom_key_store_id)
    of_the_store(person, "VPC endpoint service owner account ID", OTHER_ACCOUNT)
    acts(person, "Edit")
    cross_account = person.page.get_by_role("checkbox", name="Cross-account VPC endpoint service")
    expect(cross_account).to_be_checked()
    expect(textbox(person, "VPC endpoint service owner account ID")).to_have_value(OTHER_ACCOUNT)
    update = "Update external key store"
    expect(person.button(update)).to_be_disabled()
    cross_account.uncheck()
    person.presses(update)
    person.ticks("Confirm that you want to update this external key store.")
    person.page.get_by_role("dialog", name=update).get_by_role("button", name=update).click()
    person.sees("The custom key store outside was changed.")
    assert made(person, "UpdateCustomKeyStore") == [
        UpdateCustomKeyStoreRequest(
            custom_key_store_id=custom_key_store_id, xks_proxy_vpc_endpoint_service_owner=ACCOUNT
        )
    ]
    of_the_store(person, "VPC endpoint service owner account ID", ACCOUNT)


def test_what_aws_kms_refuses_of_a_proxy_is_told_with_its_field(person: Person) -> None:
    store(person, "outside")
    person.goes("custom-key-stores", "external", "create")
    describes_proxy(person, "again")
    person.presses("Create external key store")
    prefix = textbox(person, "Proxy URI path prefix – optional")
    says(prefix, "XksProxyUriInUseException")
    prefix.fill("elsewhere")
    person.presses("Create external key store")
    says(prefix, "XksProxyInvalidConfigurationException: The external key store proxy rejected")
    prefix.fill("")
    person.fills("Proxy URI endpoint", PROXIES[1].uri_endpoint)
    person.fills("Proxy credential: Access key ID", "ABCDE2345672EXAMPLEB")
    person.presses("Create external key store")
    says(
        textbox(person, "Proxy credential: Access key ID"),
        "XksProxyIncorrectAuthenticationCredentialException",
    )
    person.fills("Proxy URI endpoint", "https://nobody.example.com")
    person.presses("Create external key store")
    says(textbox(person, "Proxy URI endpoint"), "XksProxyUriUnreachableException")


def test_an_external_key_store_is_edited_once_the_warning_is_confirmed(person: Person) -> None:
    custom_key_store_id = store(person, "outside")
    person.goes("custom-key-stores", custom_key_store_id)
    person.sees_heading("External key store proxy configuration")
    acts(person, "Edit")
    update = "Update external key store"
    expect(person.button(update)).to_be_disabled()
    person.fills("Custom key store name", "elsewhere")
    person.fills("Proxy URI endpoint", "https://nobody.example.com")
    person.presses(update)
    dialog = person.page.get_by_role("dialog", name=update)
    expect(dialog.get_by_role("button", name=update)).to_be_disabled()
    person.ticks("Confirm that you want to update this external key store.")
    dialog.get_by_role("button", name=update).click()
    says(textbox(person, "Proxy URI endpoint"), "XksProxyUriUnreachableException")
    person.fills("Proxy URI endpoint", PROXY.uri_endpoint)
    person.presses(update)
    person.ticks("Confirm that you want to update this external key store.")
    dialog.get_by_role("button", name=update).click()
    person.sees("The custom key store elsewhere was changed.")
    assert made(person, "UpdateCustomKeyStore")[-1] == UpdateCustomKeyStoreRequest(
        custom_key_store_id=custom_key_store_id, new_custom_key_store_name="elsewhere"
    )


# ---- KMS keys in them


def test_a_key_is_created_from_the_page_of_its_key_store(person: Person) -> None:
    custom_key_store_id = store(person, "outside")
    person.goes("custom-key-stores", custom_key_store_id)
    person.presses("Create a KMS key in this key store")
    person.presses("Connect")  # it is not connected yet
    person.sees("AWS KMS is connecting the custom key store.")
    person.presses("Create a KMS key in this key store")
    person.fills("Alias", "orders")
    person.presses("Next")
    expect(person.page.get_by_role("radio", name="External key store")).to_be_checked()
    person.presses("Next")
    person.sees("Confirm that you intend to create a KMS key in an external key store.")
    person.ticks("Confirm that you intend to create a KMS key in the specified external key store")
    person.presses("Next")
    person.sees_heading("Choose custom key store")
    expect(person.page.get_by_role("radio", name="Select outside")).to_be_checked()
    person.fills("External key ID", "nothing")
    person.presses("Next")
    says(textbox(person, "External key ID"), "was not found in its external key manager")
    person.fills("External key ID", "key-3")
    for _ in range(4):
        person.presses("Next")
    person.sees_heading("Review and edit key policy")
    person.presses("Finish")
    person.sees("Your AWS KMS key was created with alias orders")
    (key,) = person.local.handle(ListKeysRequest()).keys
    found = person.local.handle(DescribeKeyRequest(key_id=key.key_id)).key_metadata
    assert (found.origin, found.custom_key_store_id) == (
        OriginType.EXTERNAL_KEY_STORE,
        custom_key_store_id,
    )
    person.goes("keys", key.key_id, "configuration")
    person.sees_heading("Custom key store")
    person.sees("key-3")


def test_a_key_is_created_in_a_cluster_and_is_unavailable_without_it(person: Person) -> None:
    custom_key_store_id = store(person, "ours", connected=True)
    person.local.handle(of_cluster(OTHER_CLUSTER, "not connected"))
    person.goes("keys", "create")
    person.fills("Alias", "orders")
    person.presses("Next")
    person.presses("Advanced options")
    person.page.get_by_role("radio", name="AWS CloudHSM key store").check()
    person.presses("Next")
    expect(person.page.get_by_role("radio", name="Select not connected")).to_be_disabled()
    person.presses("Next")
    person.sees("A custom key store is required.")
    person.page.get_by_role("radio", name="Select ours").check()
    for _ in range(4):
        person.presses("Next")
    person.sees_heading("Review and edit key policy")
    person.presses("Finish")
    person.sees("Your AWS KMS key was created with alias orders")
    expect(row(person, "orders")).to_contain_text("Enabled")

    person.goes("custom-key-stores", custom_key_store_id)
    acts(person, "Disconnect")
    person.presses("Disconnect")
    person.sees("Disconnected")
    person.goes("keys")
    expect(row(person, "orders")).to_contain_text("Unavailable")
    (key,) = person.local.handle(ListKeysRequest()).keys
    found = person.local.handle(DescribeKeyRequest(key_id=key.key_id)).key_metadata
    assert found.key_state is KeyState.Unavailable


def test_a_person_with_a_keyboard_alone_creates_and_connects_a_key_store(person: Person) -> None:
    person.local.key_stores = KEY_STORES
    page = person.page
    person.goes("custom-key-stores", "external")
    person.sees("You don’t have any External key stores in this Region.")
    tabs_to(person, "Create external key store")
    page.keyboard.press("Enter")
    person.sees_heading("Create external key store")
    for field, text in (
        ("Custom key store name", "outside"),
        ("Proxy URI endpoint", PROXY.uri_endpoint),
        ("Proxy credential: Access key ID", PROXY.access_key_id),
        ("Proxy credential: Secret access key", SECRET),
    ):
        tabs_to(person, field)
        page.keyboard.type(text)
    tabs_to(person, "Create external key store")
    page.keyboard.press("Enter")
    person.sees("The custom key store outside was created.")
    tabs_to(person, "Select outside")
    page.keyboard.press("Space")
    page.keyboard.press("Shift+Tab")
    for _ in range(8):
        if page.locator("*:focus").and_(person.button("Key store actions")).count():
            break
        page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    focused_item(person, "Connect")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Connect custom key store")).to_be_visible()
    tabs_to(person, "Connect")
    page.keyboard.press("Enter")
    expect(row(person, "outside")).to_contain_text("Connected")
    (found,) = person.local.handle(DescribeCustomKeyStoresRequest()).custom_key_stores
    assert found.connection_state == "CONNECTED"
