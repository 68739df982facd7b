"""
Grant tokens: they name their grant, in their own Region, and nothing else is one.
"""

from __future__ import annotations

import base64

from hypothesis import given, strategies as st

from kmsmodel.hsm.grant_token import GrantToken, unseal
from kmsmodel.words.arn import KeyArn
from tests.basics import ACCOUNT, HSM, KEY_ID, OTHER_REGION, REGION

grant_ids = st.binary(min_size=32, max_size=32).map(bytes.hex)
keys = st.builds(
    KeyArn,
    st.from_regex("[0-9]{12}", fullmatch=True),
    st.sampled_from([REGION, OTHER_REGION]),
    st.sampled_from([KEY_ID, "mrk-1234abcd12ab34cd56ef1234567890ab"]),
)


@given(keys, grant_ids, st.text())
def test_a_token_names_its_grant_in_its_own_region(key: KeyArn, grant_id: str, name: str) -> None:
    token = GrantToken(key, grant_id)
    text = token.seal(HSM, name)
    assert unseal(text, key.region, HSM) == token
    elsewhere = OTHER_REGION if key.region == REGION else REGION
    assert unseal(text, elsewhere, HSM) is None


@given(st.data())
def test_a_token_that_was_changed_is_none(data: st.DataObject) -> None:
    """By any bit, or by a byte less or more, wherever it is."""
    token = GrantToken(KeyArn(ACCOUNT, REGION, KEY_ID), "ab" * 32).seal(HSM, "changed")
    content = bytearray(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    at = data.draw(st.integers(0, len(content) - 1))
    match data.draw(st.sampled_from(["bit", "less", "more"])):
        case "bit":
            content[at] ^= 1 << data.draw(st.integers(0, 7))
        case "less":
            del content[at]
        case _:
            content.insert(at, data.draw(st.integers(0, 255)))
    changed = base64.urlsafe_b64encode(content).decode().rstrip("=")
    assert unseal(changed, REGION, HSM) is None


@given(st.one_of(st.text(), st.binary().map(lambda each: base64.b64encode(each).decode())))
def test_other_texts_are_no_tokens(text: str) -> None:
    assert unseal(text, REGION, HSM) is None


@given(st.text(max_size=4))
def test_a_token_has_one_spelling(added: str) -> None:
    token = GrantToken(KeyArn(ACCOUNT, REGION, KEY_ID), "ab" * 32).seal(HSM, "spelled")
    for text in (token + added, added + token, token + "="):
        assert (unseal(text, REGION, HSM) is None) is (text != token)


def test_a_token_has_the_form_of_aws() -> None:
    """Source: the example of CreateGrant in the API Reference."""
    text = GrantToken(KeyArn(ACCOUNT, REGION, KEY_ID), "ab" * 32).seal(HSM, "form")
    assert text.startswith("AQpA")
    token = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    id_of_key = bytes.fromhex(token[3:67].decode())
    assert token[67:68] == b"\x22"
    low, high = token[68:70]
    length = (low & 0x7F) | (high << 7)
    sealed = token[70 : 70 + length]
    assert sealed.startswith(bytes.fromhex("0101020078") + id_of_key)
    assert token[70 + length :] == b"\x2a\x20" + bytes.fromhex("ab" * 32)
