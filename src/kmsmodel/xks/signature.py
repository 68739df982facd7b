"""
AWS Signature Version 4 of requests to an external key store proxy.

Source: *Appendix A: Using SigV4 to sign XKS proxy requests* in the *External Key Store Proxy API Specification*. The
headers that are signed are ``Host`` and ``X-Amz-Date``.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import final

from attrs import frozen

from kmsmodel.hsm.external_keys import XksProxyAuthenticationCredential
from kmsmodel.hsm.secret import Secret

SERVICE = "kms-xks-proxy"
MOST_RECENT = timedelta(minutes=5)
"""How much older or newer than now a request may be."""

_ALGORITHM = "AWS4-HMAC-SHA256"
_SIGNED = ("host", "x-amz-date")
_DATE = "%Y%m%dT%H%M%SZ"
_HEADER = re.compile(
    rf"{_ALGORITHM} Credential=([A-Z2-7]+)/(\d{{8}})/([a-z0-9-]+)/{SERVICE}/aws4_request,\s*"
    r"SignedHeaders=([a-z0-9;-]+),\s*Signature=([0-9a-f]{64})"
)


@final
@frozen
class Signed:
    """What a signature says: by which access key id, in which Region, and whether it holds."""

    access_key_id: str
    region: str
    _scope_date: str
    _names: tuple[str, ...]
    _signature: str

    def holds(
        self, secret: Secret, path: str, headers: Mapping[str, str], body: bytes, now: datetime
    ) -> bool:
        """Was this request signed with this secret, and not long ago? Names of headers are in lower case."""
        date = headers.get("x-amz-date", "")
        if not set(_SIGNED) <= set(self._names) or not set(self._names) <= headers.keys():
            return False
        try:
            age = now - datetime.strptime(date, _DATE).replace(tzinfo=UTC)
        except ValueError:
            return False
        if abs(age) > MOST_RECENT or not date.startswith(self._scope_date):
            return False
        signed = {name: headers[name] for name in self._names}
        expected = _signature(secret, self.region, path, signed, body)
        return hmac.compare_digest(expected, self._signature)


def sign(
    credential: XksProxyAuthenticationCredential,
    region: str,
    *,
    host: str,
    path: str,
    body: bytes,
    now: datetime,
) -> dict[str, str]:
    """The headers of a signed request: Host, X-Amz-Date and Authorization."""
    date = now.astimezone(UTC).strftime(_DATE)
    signed = {"host": host, "x-amz-date": date}
    secret = credential.raw_secret_access_key
    authorization = (
        f"{_ALGORITHM} Credential={credential.access_key_id}/{_scope(date, region)}, "
        f"SignedHeaders={';'.join(_SIGNED)}, "
        f"Signature={_signature(secret, region, path, signed, body)}"
    )
    return {"Host": host, "X-Amz-Date": date, "Authorization": authorization}


def read(authorization: str) -> Signed | None:
    """What an Authorization header says, or None if it is of another form."""
    found = _HEADER.fullmatch(authorization)
    if found is None:
        return None
    access_key_id, date, region, names, signature = found.groups()
    return Signed(access_key_id, region, date, tuple(names.split(";")), signature)


def _scope(date: str, region: str) -> str:
    return f"{date[:8]}/{region}/{SERVICE}/aws4_request"


def _signature(
    secret: Secret, region: str, path: str, signed: Mapping[str, str], body: bytes
) -> str:
    names = sorted(signed)
    headers = "".join(f"{name}:{' '.join(signed[name].split())}\n" for name in names)
    digest = hashlib.sha256(body).hexdigest()
    request = f"POST\n{path}\n\n{headers}\n{';'.join(names)}\n{digest}"
    date = signed["x-amz-date"]
    hashed = hashlib.sha256(request.encode()).hexdigest()
    to_sign = f"{_ALGORITHM}\n{date}\n{_scope(date, region)}\n{hashed}"
    key = b"AWS4" + secret.reveal()
    for part in (date[:8], region, SERVICE, "aws4_request", to_sign):
        key = hmac.digest(key, part.encode(), "sha256")
    return key.hex()
