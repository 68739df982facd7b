"""
ReEncrypt by an AWS service, under a grant on each of the two KMS keys.
"""

from __future__ import annotations

from contextlib import nullcontext

import pytest

from kmsmodel.calls.caller import Caller
from kmsmodel.errors import AccessDeniedException
from kmsmodel.local import LocalKms
from kmsmodel.operations.encryption import EncryptRequest, ReEncryptRequest
from kmsmodel.operations.keys import CreateKeyRequest
from kmsmodel.policy.grant import GrantConstraints
from tests.basics import ACCOUNT
from tests.operations.grants.granting import BUCKET, JANITOR, S3, Op, grant

OTHER_BUCKET = f"{BUCKET}-of-another"


@pytest.mark.parametrize("source", [BUCKET, OTHER_BUCKET])
@pytest.mark.parametrize("destination", [BUCKET, OTHER_BUCKET])
@pytest.mark.parametrize("asked_for", [BUCKET, OTHER_BUCKET, None])
def test_both_grants_have_the_source_arn_of_the_request(
    local: LocalKms, source: str, destination: str, asked_for: str | None
) -> None:
    """A request has one ``aws:SourceArn``, so the grants on both keys must have the same."""
    key_ids: list[str] = []
    for operation, arn in ((Op.ReEncryptFrom, source), (Op.ReEncryptTo, destination)):
        key_id = local.handle(CreateKeyRequest()).key_metadata.key_id
        key_ids.append(key_id)
        grant(
            local,
            key_id,
            grantee_principal=None,
            grantee_service_principal=S3,
            retiring_principal=JANITOR,
            operations=(operation,),
            constraints=GrantConstraints(source_arn=arn),
        )
    sealed = local.handle(EncryptRequest(key_id=key_ids[0], plaintext=b"a")).ciphertext_blob
    context = {} if asked_for is None else {"aws:SourceArn": asked_for}
    service = Caller(S3, account=ACCOUNT, context=context)
    is_allowed = source == destination == asked_for
    with nullcontext() if is_allowed else pytest.raises(AccessDeniedException):
        local.handle(
            ReEncryptRequest(ciphertext_blob=sealed, destination_key_id=key_ids[1]), caller=service
        )
