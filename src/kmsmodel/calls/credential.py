"""
The credential of a signed request: which access key signed it, and for which Region.

Source: *Signature Version 4 request signing* in the IAM User Guide. Nothing else of a signature is read or checked.
"""

from __future__ import annotations

from functools import lru_cache
from typing import final
from urllib.parse import parse_qs

from attrs import frozen

from kmsmodel.calls.caller import REGION
from kmsmodel.errors import IncompleteSignatureException, InvalidSignatureException
from kmsmodel.words.arguments import expect
from kmsmodel.words.arn import ACCOUNT

_SIGNED = "AWS4-HMAC-SHA256"


@final
@frozen
class Credential:
    """The parts of a credential: ``AKIAIOSFODNN7EXAMPLE/20261124/us-west-2/kms/aws4_request``."""

    access_key_id: str
    date: str
    region: str
    service: str
    term: str

    @property
    def account(self) -> str | None:
        """The account that the access key id names: one of twelve digits is an account, any other names none."""
        return self.access_key_id if ACCOUNT.fullmatch(self.access_key_id) else None


def credential(
    authorization: str | None, query_string: str = "", *, service: str = "kms"
) -> Credential | None:
    """
    The credential in an ``Authorization`` header, or in the query string of a presigned URL; None if there is none.

    A request without the header has None. Raises IncompleteSignatureException for one without its five parts,
    InvalidSignatureException for one of another ``service``, or of no Region, and TypeError for anything but strings.
    """
    authorization = "" if authorization is None else authorization
    expect("authorization", authorization, str)
    expect("query_string", query_string, str)
    text = _text(authorization, query_string)
    return None if text is None else _parsed(text, service)


def _text(authorization: str, query_string: str) -> str | None:
    scheme, _, parameters = authorization.partition(" ")
    if scheme == _SIGNED:
        return parameters.partition("Credential=")[2].partition(",")[0]
    presigned = parse_qs(query_string).get("X-Amz-Credential") if query_string else None
    return presigned[0] if presigned else None


@lru_cache(1024)
def _parsed(text: str, service: str) -> Credential:
    parts = text.split("/")
    if len(parts) != 5:  # noqa: PLR2004 - the message says so
        raise IncompleteSignatureException(
            "Credential must have exactly 5 slash-delimited elements, "
            f"e.g. keyid/date/region/service/term, got '{text}'",
        )
    parsed = Credential(*parts)
    wrong = ""
    if REGION.fullmatch(parsed.region) is None:
        wrong += "Credential should be scoped to a valid region. "
    if parsed.service != service:
        wrong += f"Credential should be scoped to correct service: '{service}'. "
    if wrong:
        raise InvalidSignatureException(wrong)
    return parsed
