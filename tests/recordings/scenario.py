"""
Recordings of the real AWS KMS, as they stand in `tests/data/recorded_2026_09`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, final

from attrs import field, frozen

DATA = Path(__file__).parents[1] / "data" / "recorded_2026_09"


@final
@frozen
class Step:
    """One request, and what AWS KMS answered."""

    name: str
    service: str
    """``kms``, or ``iam`` or ``sts`` for a request that decides who calls."""

    operation: str
    region: str
    elapsed: float
    """Seconds since the step before."""

    request: Mapping[str, Any]
    answer: Mapping[str, Any] | None
    error: Mapping[str, str] | None
    recorded: bool
    """False for a request that was sent and whose answer was not written down: it succeeded."""

    credentials: str | None
    """Whose credentials signed it, if not those of whoever made the recording."""

    named: str | None
    """The name of the credentials, or of the unique id, that IAM or AWS STS answered."""

    seen_from: str | None
    """The first step in which AWS KMS knew of a change of IAM, if not at once."""

    waits_for: str | None
    """Why the step cannot be played yet: an operation, or one of `REASONS`."""


@final
@frozen
class Scenario:
    """The steps of one recording, in the order in which they were made."""

    name: str
    region: str
    principal: str
    recorded_from: datetime
    delays: Mapping[str, float]
    """How many seconds AWS KMS took for what takes time."""

    directory: Mapping[str, Any]
    """Who is there when the recording begins, in the form of `kmsmodel.iam_file`."""

    materials: Mapping[str, Mapping[str, str]]
    peers: Mapping[str, str]
    steps: tuple[Step, ...] = field(repr=False)

    def __str__(self) -> str:
        return self.name


REASONS: Mapping[str, str] = {
    "propagation": "a change takes some time to be seen everywhere in AWS",
    "the AWS CLI refused it": "the request was never sent",
}
"""Why a step cannot be played, if not for want of an operation."""

_USER = "arn:aws:iam::111111111111:user/Delegated"

_AN_ADMINISTRATOR: Mapping[str, Any] = {
    "accounts": {
        "111111111111": {
            "users": {
                "Delegated": {
                    "policies": [{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}]
                }
            }
        }
    }
}
"""The user who made the recordings: none of their requests was refused for want of an identity-based policy."""


def scenario(name: str) -> Scenario:
    """The recording of this name."""
    told: dict[str, Any] = json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))
    region: str = told["region"]
    return Scenario(
        name=told["scenario"],
        region=region,
        principal=told.get("principal", _USER),
        recorded_from=datetime.fromisoformat(told["recorded_from"]),
        delays=told.get("delays", {}),
        directory=told.get("directory", _AN_ADMINISTRATOR),
        materials=told.get("materials", {}),
        peers=told.get("peers", {}),
        steps=tuple(_step(each, region) for each in told["steps"]),
    )


def _step(told: Mapping[str, Any], region: str) -> Step:
    return Step(
        name=told["step"],
        service=told.get("service", "kms"),
        operation=told["operation"],
        region=told.get("region", region),
        elapsed=told["elapsed"],
        request=told["request"],
        answer=told.get("answer"),
        error=told.get("error"),
        recorded=told.get("recorded", True),
        credentials=told.get("credentials"),
        named=told.get("named"),
        seen_from=told.get("seen_from"),
        waits_for=told.get("waits_for"),
    )


NAMES = tuple(path.stem for path in sorted(DATA.glob("*.json")))
"""The recordings that there are."""
