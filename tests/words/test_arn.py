"""
What names a KMS key.
"""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from kmsmodel.errors import NotFoundException
from kmsmodel.words.arn import AliasArn, KeyArn, is_elsewhere, parse, parse_key_arn, partition
from tests.basics import ACCOUNT, REGION

REGIONS = st.sampled_from(
    ["us-west-2", "eu-central-1", "cn-north-1", "us-gov-west-1", "us-iso-east-1", "us-isob-east-1"]
)
ACCOUNTS = st.from_regex("[0-9]{12}", fullmatch=True)
KEY_IDS = st.uuids().map(str) | st.from_regex("mrk-[0-9a-f]{32}", fullmatch=True)
ALIASES = st.text(min_size=1, max_size=20).map("alias/{}".format)


@given(account=ACCOUNTS, region=REGIONS, key_id=KEY_IDS, caller=ACCOUNTS)
def test_a_key_arn_is_read_as_it_is_written(
    account: str, region: str, key_id: str, caller: str
) -> None:
    name = KeyArn(account, region, key_id)
    assert parse(str(name), caller, region) == name
    assert parse_key_arn(str(name)) == name
    assert parse(key_id, account, region) == name


@given(account=ACCOUNTS, region=REGIONS, alias=ALIASES, caller=ACCOUNTS)
def test_an_alias_arn_is_read_as_it_is_written(
    account: str, region: str, alias: str, caller: str
) -> None:
    name = AliasArn(account, region, alias)
    assert parse(str(name), caller, region) == name
    assert parse(alias, account, region) == name


@given(account=ACCOUNTS, region=REGIONS, other=REGIONS, key_id=KEY_IDS)
def test_a_key_of_another_region_is_not_found(
    account: str, region: str, other: str, key_id: str
) -> None:
    if other == region:
        return
    with pytest.raises(NotFoundException) as caught:
        parse(str(KeyArn(account, other, key_id)), account, region)
    assert caught.value.message == f"Invalid arn {other}"
    assert caught.value.__notes__ == [f"the ARN is in {other}, and the call in {region}"]


@given(account=ACCOUNTS, region=REGIONS, other=REGIONS, key_id=KEY_IDS, alias=ALIASES)
def test_an_arn_is_elsewhere_if_it_has_another_region(
    account: str, region: str, other: str, key_id: str, alias: str
) -> None:
    for name in (KeyArn(account, other, key_id), AliasArn(account, other, alias)):
        assert is_elsewhere(str(name), region) is (other != region)
    for text in (key_id, alias, "arn:aws:s3:eu-west-1:111122223333:key/any"):
        assert not is_elsewhere(text, region)


@given(st.text(max_size=60) | st.text(max_size=60).map("arn:{}".format))
def test_whatever_names_a_key_it_is_read_or_not_found(identifier: str) -> None:
    try:
        name = parse(identifier, ACCOUNT, REGION)
    except NotFoundException as error:
        assert error.message in {  # noqa: PT017
            f"Invalid keyId '{identifier}'",
            f"Invalid arn {identifier}",
        }
    else:
        assert isinstance(name, KeyArn | AliasArn)


@pytest.mark.parametrize(
    "identifier",
    [
        "1234abcd-12ab-34cd-56ef-1234567890a",
        "1234abcd-12ab-34cd-56ef-1234567890abc",
        "1234abcd12ab34cd56ef1234567890ab",
        "1234abcg-12ab-34cd-56ef-1234567890ab",
        "1234abcd-12ab-34cd-56ef-1234567890ab\n",
        "mrk-1234abcd12ab34cd56ef1234567890a",
        "mrk-1234abcg12ab34cd56ef1234567890ab",
        "key/1234abcd-12ab-34cd-56ef-1234567890ab",
        "ALIAS/Vault",
    ],
)
def test_what_is_nearly_a_key_id_is_not_found(identifier: str) -> None:
    with pytest.raises(NotFoundException) as caught:
        parse(identifier, ACCOUNT, REGION)
    assert caught.value.message == f"Invalid keyId '{identifier}'"
    with pytest.raises(NotFoundException) as caught:
        parse(f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{identifier}", ACCOUNT, REGION)
    assert caught.value.message == f"Invalid keyId {identifier}"


def test_a_key_id_has_digits_of_either_case() -> None:
    for key_id in ("1234ABCD-12AB-34cd-56ef-1234567890ab", "mrk-1234ABCD12AB34CD56ef1234567890ab"):
        assert parse(key_id, ACCOUNT, REGION) == KeyArn(ACCOUNT, REGION, key_id)


@pytest.mark.parametrize(
    "region, name",
    [
        ("us-west-2", "aws"),
        ("cn-northwest-1", "aws-cn"),
        ("us-gov-east-1", "aws-us-gov"),
        ("us-iso-west-1", "aws-iso"),
        ("us-isob-east-1", "aws-iso-b"),
    ],
)
def test_a_region_belongs_to_a_partition(region: str, name: str) -> None:
    assert partition(region) == name
    arn = f"arn:{name}:kms:{region}:{ACCOUNT}"
    assert str(KeyArn(ACCOUNT, region, "k")) == f"{arn}:key/k"
    assert str(AliasArn(ACCOUNT, region, "alias/a")) == f"{arn}:alias/a"
