"""
One call to the API: who calls, where, when, and with which HSM.

Time, randomness and the caller enter the model only in this way.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias, final

from attrs import evolve, field, frozen

from kmsmodel.calls.caller import Caller, named, plain_region, plain_text
from kmsmodel.calls.delays import Delays
from kmsmodel.calls.iam import Iam
from kmsmodel.calls.quotas import Quotas
from kmsmodel.hsm.key_stores import NO_KEY_STORES, KeyStores
from kmsmodel.hsm.port import Hsm
from kmsmodel.hsm.remembering import RememberingHsm
from kmsmodel.memory.kms import Kms
from kmsmodel.policy.evaluation import Decision
from kmsmodel.words.arguments import another, expect
from kmsmodel.words.dates import moment

Witness: TypeAlias = Callable[[Decision], None]

NO_DELAYS = Delays()
DEFAULT_QUOTAS = Quotas()


@final
@frozen(init=False)
class Call:
    """
    One call to AWS KMS.

    ``request_id`` must be different for each call in the life of a `Kms`. ``delays`` says how long things take,
    ``quotas`` how many there can be, and ``key_stores`` what lies behind custom key stores. With ``iam``, only the
    users and roles of this directory exist. ``witness`` is told each decision about the caller, for explanations; it
    has no part in the answer. ``key_id`` is that of the KMS key that the call creates; without it, the HSM draws one.
    """

    now: datetime
    hsm: Hsm
    request_id: str
    region: str
    caller: Caller
    delays: Delays
    iam: Iam | None
    key_stores: KeyStores
    quotas: Quotas
    witness: Witness | None = field(eq=False)
    key_id: str | None

    def __init__(
        self,
        *,
        now: datetime,
        hsm: Hsm,
        request_id: str,
        region: str = "us-west-2",
        caller: Caller | None = None,
        account: str | None = None,
        principal: str | None = None,
        delays: Delays = NO_DELAYS,
        iam: Iam | None = None,
        key_stores: KeyStores = NO_KEY_STORES,
        quotas: Quotas = DEFAULT_QUOTAS,
        witness: Witness | None = None,
        key_id: str | None = None,
    ) -> None:
        """
        A call by ``caller``, or for short by a ``principal`` of ``account``, by default its root user.

        With ``iam``, a ``principal`` has the policies and tags that it has there. Raises TypeError or ValueError for an
        argument that is not a time, an HSM, a Region, a request id, a caller, a directory or whatever else it is named
        after, and for a user or a role that the directory does not have.
        """
        region = plain_region(region)
        _expect_hsm(hsm)
        expect("delays", delays, Delays)
        expect("key_stores", key_stores, KeyStores)
        expect("quotas", quotas, Quotas)
        if key_id is not None:
            key_id = plain_text("key_id", key_id)
        if witness is not None and not callable(witness):
            raise another("witness", "a function", witness)
        put = object.__setattr__  # the class is frozen
        put(self, "now", moment(now))
        put(self, "hsm", hsm)
        put(self, "request_id", plain_text("request_id", request_id))
        put(self, "region", region)
        put(self, "delays", delays)
        put(self, "witness", witness)
        put(self, "iam", iam)
        put(self, "key_stores", key_stores)
        put(self, "quotas", quotas)
        put(self, "key_id", key_id)
        found = named(region, caller=caller, account=account, principal=principal)
        if iam is not None:
            expect("iam", iam, Iam)
            found = iam.identified(found) if caller is not None else iam.named(found)
        put(self, "caller", found)

    def in_region(self, region: str) -> Call:
        """The same call as AWS KMS makes it in another Region, for an operation that changes keys in both."""
        return evolve(self, region=region)

    def purpose(self, name: str) -> str:
        """The purpose that the HSM gets when this call asks it for randomness."""
        return f"{self.request_id} {name}"


def expect_state(kms: object, call: object) -> None:
    """Raise TypeError for what is not a state or not a call."""
    if type(kms) is not Kms:
        expect("kms", kms, Kms, hint="the state of a LocalKms is its .kms")
    if type(call) is not Call:
        expect("call", call, Call)


def _expect_hsm(hsm: object) -> None:
    """Raise TypeError unless this is an object with an HSM's verbs; a class has them too, but is not an HSM."""
    if isinstance(
        hsm, RememberingHsm
    ):  # of a `LocalKms`, which has asked this of the HSM behind it
        return
    if isinstance(hsm, type) or not callable(getattr(hsm, "random", None)):
        raise another("hsm", "an Hsm", hsm)
