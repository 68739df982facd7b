"""
A recording played against a `LocalKms`: its requests are sent, and each answer is compared with the recorded one.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeGuard, final

from kmsmodel import iam_file, wire
from kmsmodel.calls.delays import Delays
from kmsmodel.clock import Clock
from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.crypto.wrapping import wrap_key_material
from kmsmodel.errors import KmsError, UnknownOperationException
from kmsmodel.local import LocalKms
from tests.recordings import keys
from tests.recordings.directory import Directory
from tests.recordings.scenario import Scenario, Step

ACCOUNT = "111111111111"
"""The account of every recording: the real one was written over before they were published."""

_KEY_ID = re.compile("(?:mrk-[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
_HEX = re.compile("[0-9a-f]{64}")

_FORMS: Mapping[str, re.Pattern[str]] = {
    "$key": _KEY_ID,
    "$material_id": _HEX,
    "$grant": _HEX,
    "$grant_token": re.compile(".+"),
    "$marker": re.compile(".+"),
}
"""What a text looks like that is another one each time."""


class UnboundError(Exception):
    """A request needs what no answer has told: an earlier step went another way than it was recorded."""


@final
class Playback:
    """
    One recording, played step by step.

    A placeholder is bound where it first appears in an answer, and stands for that value from then on.
    """

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.clock = Clock(scenario.recorded_from)
        self.local = LocalKms(
            region=scenario.region,
            principal=scenario.principal,
            clock=self.clock,
            hsm=SeededHsm(scenario.name),
            delays=Delays(**{name: timedelta(seconds=n) for name, n in scenario.delays.items()}),
            iam=iam_file.parse(json.dumps(scenario.directory), scenario.name, is_json=True),
        )
        self.directory = Directory(self.local, scenario.principal)
        self.bound: dict[tuple[str, str], Any] = {}
        self.moments: dict[str, datetime] = {}
        self.sent: dict[str, Any] = {}

    def differences(self) -> dict[str, str]:
        """The steps that are answered otherwise than they were recorded, each with its first difference."""
        found: dict[str, str] = {}
        for step in self.scenario.steps:
            self.clock.advance(seconds=step.elapsed)
            self.directory.come_to(step.name)
            if step.waits_for is None and (difference := self.play(step)) is not None:
                found[step.name] = difference
        return found

    def play(self, step: Step) -> str | None:
        """Send one request; the first difference between its answer and the recorded one, or None."""
        self.moments[step.name] = self.clock.now()
        try:
            self.sent = self._request(step)
        except UnboundError as error:
            return f"cannot be sent: {error}"
        try:
            caller = self.directory.caller(step.credentials)
            if step.service != "kms":
                self.directory.do(step, self.sent, caller)
                return None
            answer: Mapping[str, Any] = self.local.dispatch(
                step.operation, self.sent, caller=caller, region=step.region
            )
        except KmsError as error:
            return self._error(step, error.code, error.message)
        if step.error is not None:
            return f"succeeds, and was {step.error['code']}"
        if step.answer is None:
            return None
        # All are compared, even when one is enough: what comes later is bound too.
        return next(iter([*self._differences(step.answer, answer, "")]), None)

    def _error(self, step: Step, code: str, message: str) -> str | None:
        if step.error is None:
            return f"{code} {message!r}, and succeeded"
        if code != step.error["code"]:
            return f"{code} {message!r}, and was {step.error['code']}"
        if not self._fits(step.error["message"], message):
            return f"{code} {message!r}, and was {step.error['message']!r}"
        return None

    # ---- what is sent

    def _request(self, step: Step) -> dict[str, Any]:
        values = {
            name: self._value(value)
            for name, value in step.request.items()
            if name != "EncryptedKeyMaterial"
        }
        if "EncryptedKeyMaterial" in step.request:
            given = step.request["EncryptedKeyMaterial"]
            values["EncryptedKeyMaterial"] = self._wrapped(given, step.request["ImportToken"])
        return values

    def _value(self, value: Any) -> Any:
        if _is_list(value):
            return [self._value(each) for each in value]
        if not _is_structure(value):
            return value
        kind = next(iter(value), "")
        if not kind.startswith("$"):
            return {name: self._value(each) for name, each in value.items()}
        if kind == "$unique_id":
            return self._unique_id(value[kind], value)
        return self._placeholder(kind, value[kind], value)

    def _placeholder(self, kind: str, name: Any, members: Mapping[str, Any]) -> Any:
        match kind:
            case "$arn":
                return self._arn(name, members.get("region"))
            case "$date":
                return self._date_to_send(name)
            case "$text":
                return name.encode()
            case "$repeat":
                return name.encode() * members["bytes"]
            case "$digest":
                return keys.digest(name, members["of"].encode())
            case "$mu":
                public_key = self._told("$public_key", members["under"])
                return keys.message_representative(name.encode(), public_key)
            case "$turned":
                blob = self._told(members.get("of", "$blob"), name)
                return bytes([blob[0] ^ 1]) + blob[1:]
            case "$peer":
                return keys.public_key_of(self._peer(name))
            case "$encrypted":
                public_key = self._told("$public_key", members["under"])
                return keys.encrypted(name.encode(), public_key, members["algorithm"])
            case _:
                return self._told(kind, name)

    def _told(self, kind: str, name: str) -> Any:
        if (kind, name) not in self.bound:
            raise UnboundError(f"{kind} {name} was never told")
        return self.bound[kind, name]

    def _arn(self, key: str, region: str | None = None) -> str:
        key_id = self._told("$key", key)
        return f"arn:aws:kms:{region or self.scenario.region}:{ACCOUNT}:key/{key_id}"

    def _unique_id(self, name: str, members: Mapping[str, Any]) -> str:
        unique_id = self.directory.unique_ids[name]
        return f"{unique_id}:{members['session']}" if "session" in members else unique_id

    def _date_to_send(self, told: Any) -> datetime:
        given = _date(told)
        if "after" not in given:
            date: datetime = self._told("$date", given["name"])
            return date
        date = self.clock.now() + timedelta(seconds=given["after"])
        if given.get("whole_seconds"):
            date = date.replace(microsecond=0)
        if "name" in given:
            self.bound["$date", given["name"]] = date
        return date

    def _wrapped(self, given: Mapping[str, Any], token: Mapping[str, Any]) -> bytes:
        """Key material, encrypted under the public key that came with the import token."""
        if "$material" not in given:
            blob: bytes = self._value(given)
            return blob
        name = given.get("under") or token["$token"]
        public_key = self._told("$public_key", name)
        algorithm = self._told("$wrapping_algorithm", name)
        return wrap_key_material(public_key, algorithm, self._material(given))

    def _material(self, given: Mapping[str, Any]) -> bytes:
        name: str = given["$material"]
        made = self.scenario.materials.get(name)
        if made is None:
            size: int = given.get("bytes", 32)
            return name.encode() * size
        key_spec = made["private_key"]
        pkcs8 = keys.private_key(key_spec, f"{self.scenario.name} {key_spec}")
        return keys.in_indefinite_length(pkcs8) if "outer_length" in made else pkcs8

    def _peer(self, name: str) -> bytes:
        return keys.private_key(self.scenario.peers[name], f"{self.scenario.name} peer {name}")

    # ---- what is answered

    def _differences(self, recorded: Any, answered: Any, path: str) -> Iterator[str]:
        if _is_structure(recorded):
            kind = next(iter(recorded), "")
            if kind.startswith("$"):
                yield from self._compare(kind, recorded, answered, path)
            elif not _is_structure(answered):
                yield f"{path}: {answered!r} is not a structure"
            else:
                yield from self._of_members(recorded, answered, path)
        elif _is_list(recorded):
            if _is_list(answered):
                yield from self._of_list(recorded, answered, path)
            else:
                yield f"{path}: {answered!r} is not a list"
        elif recorded != answered:
            yield f"{path}: {answered!r}, and was {recorded!r}"

    def _of_list(
        self, recorded: Sequence[Any], answered: Sequence[Any], path: str
    ) -> Iterator[str]:
        if len(recorded) != len(answered):
            yield f"{path}: {len(answered)} in the list, and was {len(recorded)}: {answered!r}"
        for index, (one, other) in enumerate(zip(recorded, answered, strict=False)):
            yield from self._differences(one, other, f"{path}[{index}]")

    def _of_members(
        self, recorded: Mapping[str, Any], answered: Mapping[str, Any], path: str
    ) -> Iterator[str]:
        for name, value in recorded.items():
            if name not in answered:
                yield f"{path}.{name}: is missing"
            else:
                yield from self._differences(value, answered[name], f"{path}.{name}")
        for name in answered:
            if name not in recorded:
                yield f"{path}.{name}: was not there"

    def _compare(
        self, kind: str, members: Mapping[str, Any], answered: Any, path: str
    ) -> Iterator[str]:
        """What is wrong with a value where the recording has a placeholder."""
        name = members[kind]
        try:
            wrong = self._wrong(kind, name, members, answered)
        except UnboundError as error:
            wrong = str(error)
        if wrong is not None:
            yield f"{path}: {wrong}"

    def _wrong(self, kind: str, name: Any, members: Mapping[str, Any], answered: Any) -> str | None:
        form = _FORMS.get(kind)
        if form is not None:
            if not (isinstance(answered, str) and form.fullmatch(answered)):
                return f"{answered!r} is not a {kind}"
            return self._bind(kind, name, answered)
        checks: Mapping[str, Callable[[Any, Mapping[str, Any], Any], str | None]] = {
            "$arn": self._wrong_arn,
            "$token": self._wrong_token,
            "$public_key": self._wrong_public_key,
            "$signature": self._wrong_signature,
            "$blob": partial(self._wrong_blob, "$blob"),
            "$shared_secret": self._wrong_shared_secret,
            "$base64": lambda text, _, told: _unequal(base64.b64decode(text), told),
            "$text": lambda text, _, told: _unequal(text.encode(), told),
            "$date": self._wrong_date,
            "$unique_id": lambda name, told, answer: _unequal(self._unique_id(name, told), answer),
        }
        return checks[kind](name, members, answered)

    def _bind(self, kind: str, name: str, answered: Any) -> str | None:
        """What is bound stays the same, and two names never stand for the same value."""
        if (kind, name) in self.bound:
            return _unequal(self.bound[kind, name], answered)
        for (of, other), value in self.bound.items():
            if of == kind and value == answered:
                return f"{answered!r} is already {kind} {other}"
        self.bound[kind, name] = answered
        return None

    def _wrong_arn(self, key: str, members: Mapping[str, Any], answered: Any) -> str | None:
        region = members.get("region")
        if ("$key", key) not in self.bound:
            key_id = str(answered).rpartition("/")[2]
            return self._wrong("$key", key, {}, key_id) or self._wrong_arn(key, members, answered)
        return _unequal(self._arn(key, region), answered)

    def _wrong_token(self, name: str, members: Mapping[str, Any], answered: Any) -> str | None:
        self.bound["$wrapping_algorithm", name] = self.sent["WrappingAlgorithm"]
        return self._wrong_blob("$token", name, members, answered)

    def _wrong_blob(
        self, kind: str, name: str, members: Mapping[str, Any], answered: Any
    ) -> str | None:
        if not (isinstance(answered, bytes) and answered):
            return f"{answered!r} is not a blob"
        wrong = self._bind(kind, name, answered)
        size = members.get("bytes", len(answered))
        if wrong is None and abs(len(answered) - size) > members.get("within", 0):
            return f"{len(answered)} bytes, and was {size}"
        if wrong is None and "material_id" in members:
            id_inside = bytes.fromhex(self._told("$material_id", members["material_id"]))
            if answered[5:37] != id_inside:
                return "the id of the key material is not at its place"
        return wrong

    def _wrong_public_key(self, name: str, members: Mapping[str, Any], answered: Any) -> str | None:
        wrong = self._wrong_blob("$public_key", name, {}, answered)
        if wrong is None and not keys.is_public_key(answered, members["key_spec"]):
            return f"is not a public key of {members['key_spec']}"
        if wrong is None and "of_material" in members:
            material = self._material({"$material": members["of_material"]})
            return _unequal(keys.public_key_of(material), answered)
        return wrong

    def _wrong_signature(self, name: str, members: Mapping[str, Any], answered: Any) -> str | None:
        wrong = self._wrong_blob("$signature", name, members, answered)
        public_key = self._told("$public_key", members["under"])
        if wrong is None and not keys.verifies(answered, public_key, self.sent):
            return "is not a signature of the message"
        return wrong

    def _wrong_shared_secret(
        self, peer: str, members: Mapping[str, Any], answered: Any
    ) -> str | None:
        if "with_material" in members:
            material = self._material({"$material": members["with_material"]})
            public_key = keys.public_key_of(material)
        else:
            public_key = self._told("$public_key", members["with"])
        return _unequal(keys.shared_secret(self._peer(peer), public_key), answered)

    def _wrong_date(self, date: Any, _: Mapping[str, Any], answered: Any) -> str | None:
        told = _date(date)
        if not isinstance(answered, datetime):
            return f"{answered!r} is not a date"
        name = told.get("name")
        if name is not None and ("$date", name) in self.bound:
            return _unequal(self.bound["$date", name], answered)
        now = self.clock.now()
        since = self.moments[told["since"]] if "since" in told else now
        if "after" in told:
            expected = since + timedelta(seconds=told["after"])
            if told.get("whole_seconds"):
                expected = expected.replace(microsecond=0)
            within = timedelta(seconds=told.get("within", 0))
            wrong = None if abs(answered - expected) <= within else _unequal(expected, answered)
        elif "since" in told:
            wrong = None if since <= answered <= now else f"{answered} is not after {since}"
        else:
            raise UnboundError(f"$date {name} was never told")
        if wrong is None and name is not None:
            self.bound["$date", name] = answered
        return wrong

    def _fits(self, recorded: str, answered: str) -> bool:
        """Whether a text is the recorded one, in which ``{arn k1}`` and the like are placeholders."""
        pattern, names = "", list[tuple[str, str, str | None]]()
        for part in re.split(r"(\{(?:arn|key|material_id|unique_id) [^}]+\})", recorded):
            if not part.startswith("{"):
                pattern += re.escape(part)
                continue
            kind, name, *region = part[1:-1].split(" ")
            names.append((f"${kind}", name, region[0] if region else None))
            pattern += "(arn:[^ ,]+[0-9a-f]|[0-9A-Za-z-]+)"
        found = re.fullmatch(pattern, answered)
        return found is not None and all(
            self._wrong(kind, name, {"region": region}, value) is None
            for (kind, name, region), value in zip(names, found.groups(), strict=True)
        )


def is_known(operation: str) -> bool:
    """Whether this model has the operation."""
    try:
        wire.request_class(operation)
    except UnknownOperationException:
        return False
    return True


def _date(told: Any) -> dict[str, Any]:
    """A date in its long form: a number is seconds after the call, and a text is a name."""
    if isinstance(told, str):
        return {"name": told}
    return told if _is_structure(told) else {"after": told}


def _is_structure(value: Any) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)


def _is_list(value: Any) -> TypeGuard[Sequence[Any]]:
    return isinstance(value, list | tuple)


def _unequal(recorded: Any, answered: Any) -> str | None:
    return None if recorded == answered else f"{answered!r}, and was {recorded!r}"
