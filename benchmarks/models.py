"""Models of many keys, and keys taken from all over them."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from functools import cache
from itertools import cycle

from kmsmodel import Call, CreateKeyRequest, Kms, Quotas, SoftwareHsm, handle

NOW = datetime(2026, 11, 24, tzinfo=UTC)
CALL = Call(now=NOW, hsm=SoftwareHsm(), request_id="a benchmark", quotas=Quotas(keys=10_000_000))


@cache
def model(keys: int) -> tuple[Kms, tuple[str, ...]]:
    """A model of so many keys of generated key material, and their ids."""
    kms = Kms()
    ids: list[str] = []
    for _ in range(keys):
        kms, response = handle(kms, CreateKeyRequest(), CALL)
        ids.append(response.key_metadata.key_id)
    return kms, tuple(ids)


def any_ids(ids: tuple[str, ...]) -> cycle[str]:
    """Key ids from all over a model, without end."""
    return cycle(random.Random(0).sample(ids, min(len(ids), 10_000)))
