"""
The routes of the console, asked without HTTP.
"""

from __future__ import annotations

from typing import Any

from kmsmodel.clock import Clock
from kmsmodel.console.editions import WizardName
from kmsmodel.console.routes import draft
from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.local import LocalKms
from kmsmodel.operations.keys import CreateKeyRequest
from kmsmodel.words.enumerations import OriginType
from tests.basics import ACCOUNT, NOW, REGION
from tests.console.people import IAM

ORDERS = {"alias": "orders", "origin": "EXTERNAL", "acknowledged": True}


def local_kms() -> LocalKms:
    """The same state and the same keys each time."""
    hsm = SeededHsm("console")
    return LocalKms(account=ACCOUNT, region=REGION, hsm=hsm, clock=Clock(NOW), iam=IAM)


LOCAL = local_kms()
KEY_ID = LOCAL.handle(CreateKeyRequest(origin=OriginType.EXTERNAL)).key_metadata.key_id
"""A key that the routes only look at."""


def asked(name: WizardName, chosen: object, **more: object) -> Any:
    return draft(LOCAL, {"wizard": name, "draft": chosen, **more})


def problems(answer: Any) -> list[tuple[str, str]]:
    return [(step["id"], each["field"]) for step in answer["steps"] for each in step["problems"]]
