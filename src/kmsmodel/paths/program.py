"""
A path as a program in Python, which makes the KMS key and takes each step on a `LocalKms`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import final

from attrs import define, evolve, field

from kmsmodel.paths import goals
from kmsmodel.paths.requests import (
    ENCRYPTED,
    NEEDS,
    SECRET,
    SIGNED,
    Members,
    NoProgramError,
    Place,
    caller_context,
    context_of_encryption,
    members,
    text,
)
from kmsmodel.policy.access import Access
from kmsmodel.policy.document import to_json
from kmsmodel.policy.grant import Grant
from kmsmodel.policy.policies import Policies
from kmsmodel.policy.principal import Principal, principal
from kmsmodel.policy.proofs.answers import context_keys
from kmsmodel.policy.proofs.askers import context_of
from kmsmodel.policy.proofs.callers import WILLING, WORST
from kmsmodel.policy.proofs.leading import Path
from kmsmodel.policy.proofs.moves import Move
from kmsmodel.policy.proofs.programs import written
from kmsmodel.policy.proofs.standing import ALIASES, KEY_TYPE
from kmsmodel.policy.proofs.steps import OPEN_POLICY
from kmsmodel.policy.values import milliseconds

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth")


def program(path: Path) -> str:
    """The program of a path, which fails unless each step is taken, and prints what was done. Raises NoProgramError."""
    return _Writer(path).program()


@final
@define
class _Writer:
    """What is written of a path."""

    path: Path
    lines: list[str] = field(init=False, factory=list[str])
    callers: dict[tuple[Principal, str, Policies], str] = field(
        init=False, factory=dict["tuple[Principal, str, Policies]", str]
    )
    at: Place = field(init=False)
    now: datetime = field(init=False)
    region: str = field(init=False)

    def __attrs_post_init__(self) -> None:
        region = self.region = self._region()
        self.at = Place(
            key="key",
            region=region,
            key_spec=self._key_spec(),
            other_region=self._said("kms:replicaregion")
            or ("eu-west-1" if region != "eu-west-1" else "us-east-1"),
        )
        self.now = self._times()[0]

    # ---- what is so at first

    def _said(self, name: str) -> str | None:
        """The value of a condition key in the first request that has it."""
        for move in self.path.moves:
            value = context_keys(move.access).get(name)
            if isinstance(value, str):
                return value
        return None

    def _region(self) -> str:
        return self._said("aws:requestedregion") or self.path.moves[0].access.resource.split(":")[3]

    def _fact(self, name: str, otherwise: str) -> str:
        value = self.path.start.facts.get(name, otherwise)
        return value if isinstance(value, str) else otherwise

    @property
    def _last(self) -> Move:
        return self.path.moves[-1]

    @property
    def _is_import(self) -> bool:
        return self.path.goal.means != "" and self._last.access.action == "kms:ImportKeyMaterial"

    def _key_spec(self) -> str:
        return self._fact("kms:keyspec", _SPECS.get(self._last.access.action, "SYMMETRIC_DEFAULT"))

    def _key_usage(self) -> str:
        spec = self.at.key_spec
        default = "GENERATE_VERIFY_MAC" if spec.startswith("HMAC") else "ENCRYPT_DECRYPT"
        of_curves = "SIGN_VERIFY" if spec.startswith("ECC") else default
        return self._fact("kms:keyusage", _USAGES.get(self._last.access.action, of_curves))

    def _times(self) -> list[datetime]:
        times: list[datetime] = []
        for move in self.path.moves:
            said = context_keys(move.access).get("aws:currenttime")
            read = milliseconds(said) if isinstance(said, str) else None
            if read is not None:
                times.append(_EPOCH + timedelta(milliseconds=int(read)))
            else:
                times.append(times[-1] if times else _SOME_DATE)
        return times

    # ---- the program

    def program(self) -> str:
        self._make_the_key()
        self._make_what_is_needed()
        self._put_the_policy()
        self.lines.append("")
        times = self._times()
        before = self.now
        for move, time in zip(self.path.moves, times, strict=True):
            if time < before:
                raise NoProgramError("a clock that goes back")
            if time > before:
                seconds = (time - before).total_seconds()
                self.lines.append(f"local.clock.advance(seconds={seconds!r})")
            before = time
            self._take(move)
        self.lines.append(f"print({self._done()!r})")
        return "\n".join((*self._head(), *self.lines, ""))

    def _done(self) -> str:
        """What the program has shown, in a sentence."""
        last = self._last.access
        done = (
            "has imported key material that they know" if self._is_import else f"did {last.action}"
        )
        before = [move.access.action for move in self.path.moves[:-1]]
        after = f" after {', '.join(before)}" if before else ""
        return f"{last.principal.arn} {done}{after}"

    def _head(self) -> Iterator[str]:
        body = "\n".join(self.lines)
        start, date = self.path.start.world, self.now.replace(tzinfo=None)
        policies = [policies for _, _, policies in self.callers]
        own = any(each != WORST for each in policies)
        yield "from datetime import UTC, datetime"
        yield ""
        if "generate_private_key" in body:
            yield "from cryptography.hazmat.primitives.asymmetric import ec, rsa"
            yield ""
        imports = " import_key_material," if "import_key_material" in body else ""
        yield f"from kmsmodel import Caller, Clock, LocalKms,{imports}".removesuffix(",")
        if own:
            yield "from kmsmodel.policy.document import from_json"
        yield "from kmsmodel.policy.policies import Policies"
        yield "from kmsmodel.policy.principal import principal"
        yield ""
        yield f"key_policy = {json.dumps(to_json(start.policy))!r}"
        if _OPEN in body:
            yield f"{_OPEN} = {json.dumps(OPEN_POLICY)!r}"
        if WORST in policies:
            everything = json.dumps(to_json(WILLING))
            yield f"{_ANY} = Policies(identity=({everything!r},), session=({everything!r},))"
        yield ""
        yield f"owner = Caller.unasked({start.owner!r}, {self.region!r})"
        for (asks, context, of), name in self.callers.items():
            yield f"{name} = Caller("
            yield f"    {_principal(asks)},"
            yield f"    policies={_ANY if of == WORST else written(of)},"
            if context != "{}":
                yield f"    context={context},"
            yield ")"
        yield ""
        yield "local = LocalKms("
        yield f"    region={self.region!r},"
        moment = ", ".join(map(str, date.timetuple()[:6]))
        yield f"    clock=Clock(datetime({moment}, {date.microsecond}, tzinfo=UTC)),"
        yield ")"

    def _call(
        self,
        operation: str,
        sent: Members,
        caller: str,
        *,
        gives: str = "",
        of: str = "",
        region: str = "",
    ) -> None:
        self.lines.append(f"{gives} = local.dispatch(" if gives else "local.dispatch(")
        self.lines.append(f"    {operation!r},")
        self.lines.append("    {")
        self.lines.extend(f"        {name!r}: {value}," for name, value in sent.items())
        self.lines.append("    },")
        self.lines.append(f"    caller={caller},")
        if region:
            self.lines.append(f"    region={region!r},")
        self.lines.append(f"){of}")

    # ---- the key

    def _make_the_key(self) -> None:
        facts = self.path.start.facts
        if facts.get(KEY_TYPE) == "REPLICA":
            raise NoProgramError("a replica key to begin with")
        origin = "EXTERNAL" if self._is_import else self._fact("kms:keyorigin", "AWS_KMS")
        replicated = any(move.access.action == "kms:ReplicateKey" for move in self.path.moves)
        tags = [
            {"TagKey": self.path.start.spelled(key), "TagValue": value}
            for key, value in self.path.start.tags().items()
        ]
        sent = {
            "KeySpec": text(self.at.key_spec),
            "KeyUsage": text(self._key_usage()),
            **({"Origin": text(origin)} if origin != "AWS_KMS" else {}),
            **({"Tags": text(tags)} if tags else {}),
        }
        if replicated or facts.get("kms:multiregion") == "true":
            sent["MultiRegion"] = "True"
        self._call("CreateKey", sent, "owner", gives="key", of="['KeyMetadata']['Arn']")
        for name in self._aliases():
            self._call("CreateAlias", {"AliasName": text(name), "TargetKeyId": "key"}, "owner")
        if origin == "EXTERNAL" and not self._is_import:
            self.lines.append("import_key_material(local, key, bytes(32), caller=owner)")

    def _aliases(self) -> tuple[str, ...]:
        """The aliases that the key has at first: those that are known, and those by which requests name it."""
        start = self.path.start
        known = start.aliases()
        by_request = {
            name
            for move in self.path.moves
            if isinstance(name := context_keys(move.access).get("kms:requestalias"), str)
        }
        made = {move.alias for move in self.path.moves}
        missing = sorted(by_request - set(known) - made)
        if missing and (ALIASES in start.facts or ALIASES in start.absent):
            raise NoProgramError("a request by an alias that the key does not have")
        return (*known, *missing)

    def _make_what_is_needed(self) -> None:
        last = self._last
        needed = NEEDS.get(last.access.action)
        if needed is None:
            return
        operation = {ENCRYPTED: "Encrypt", SIGNED: "Sign"}.get(needed, "GenerateMac")
        member = {ENCRYPTED: "CiphertextBlob", SIGNED: "Signature"}.get(needed, "Mac")
        _, sent = members(last, self.at)
        kept = ("EncryptionAlgorithm", "SigningAlgorithm", "MacAlgorithm", "MessageType")
        made: Members = {"KeyId": "key", **{each: sent[each] for each in kept if each in sent}}
        if needed == ENCRYPTED:
            algorithm = sent.get("EncryptionAlgorithm", sent.get("SourceEncryptionAlgorithm"))
            made |= {"Plaintext": text(SECRET), **context_of_encryption(last.access)}
            made["EncryptionAlgorithm"] = algorithm or text("SYMMETRIC_DEFAULT")
        else:
            made["Message"] = text(SECRET)
        self._call(operation, made, "owner", gives=needed, of=f"[{member!r}]")

    def _put_the_policy(self) -> None:
        for grant in self.path.start.world.grants:
            self._give(grant)
        resource = self.path.moves[0].access.resource
        is_named = resource in json.dumps(to_json(self.path.start.world.policy))
        policy = f"key_policy.replace({resource!r}, key)" if is_named else "key_policy"
        sent = {"KeyId": "key", "Policy": policy, "BypassPolicyLockoutSafetyCheck": "True"}
        self._call("PutKeyPolicy", sent, "owner")

    def _give(self, grant: Grant) -> None:
        """A grant that the key has at first."""
        if grant.grantee_principal is None or grant.retiring_service_principal is not None:
            raise NoProgramError("a grant to an AWS service to begin with")
        access = evolve(self.path.moves[0].access, action="kms:CreateGrant", context={})
        made = Move(access=access, before=self.path.start, grant=grant)
        sent = members(made, self.at)[1]
        self._call("CreateGrant", sent, f"Caller.unasked({grant.issuing_account!r})")

    # ---- the steps

    def _take(self, move: Move) -> None:
        caller = self._caller(move.access)
        is_last = move is self._last
        if is_last and self._is_import:
            account = move.access.principal.account
            self.lines.extend(goals.imported(self.at, self._key_usage(), caller, account))
            return
        operation, sent = members(move, self.at)
        region = "" if self.at.key == "key" else self.at.region
        action = move.access.action
        if action == "kms:ReEncryptFrom":
            self.lines.append(goals.own_key(move.access.principal.account))
        if action == "kms:ReEncryptTo":
            self.lines.extend(goals.encrypted_before(caller, move.access.principal.account))
        gives = "answer" if is_last else ""
        self._call(operation, sent, caller, gives=gives, region=region)
        if action == "kms:ReplicateKey" and not is_last:
            there = self.at.other_region
            self.lines.append(f"replica = key.replace({self.at.region!r}, {there!r})")
            self.at = Place(
                key="replica",
                region=there,
                key_spec=self.at.key_spec,
                other_region=self.at.region,
            )
        if is_last:
            self.lines.extend(goals.checks(action, caller))

    def _caller(self, access: Access) -> str:
        """The name of a caller in the program."""
        context = caller_context(access, context_of(access.principal))
        is_for_aws = context_keys(access).get("kms:grantisforawsresource") == "true"
        if is_for_aws and access.principal.account:
            context.setdefault("kms:viaservice", f"ec2.{self.at.region}.amazonaws.com")
        caller = (access.principal, text(_sorted(context)), access.policies)
        if caller not in self.callers:
            self.callers[caller] = _ORDINALS[len(self.callers)]
        return self.callers[caller]


_ANY, _OPEN = "any_iam_policies", "everything_to_everybody"


def _principal(asks: Principal) -> str:
    unique_id = "" if asks.unique_id is None else f", unique_id={asks.unique_id!r}"
    plain = principal(asks.arn)
    issuer = "" if asks.issuer == plain.issuer else f", issuer={asks.issuer!r}"
    return f"principal({asks.arn!r}{issuer}{unique_id})"


def _sorted(context: Mapping[str, object]) -> dict[str, object]:
    return dict(sorted(context.items()))


_SPECS = {
    "kms:GenerateMac": "HMAC_256",
    "kms:VerifyMac": "HMAC_256",
    "kms:Sign": "ECC_NIST_P256",
    "kms:Verify": "ECC_NIST_P256",
    "kms:GetPublicKey": "ECC_NIST_P256",
    "kms:ImportKeyMaterial": "HMAC_256",
}
_USAGES = {
    "kms:GenerateMac": "GENERATE_VERIFY_MAC",
    "kms:VerifyMac": "GENERATE_VERIFY_MAC",
    "kms:Sign": "SIGN_VERIFY",
    "kms:Verify": "SIGN_VERIFY",
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SOME_DATE = datetime(2026, 1, 1, tzinfo=UTC)
