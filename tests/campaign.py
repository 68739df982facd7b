"""
A campaign of bodies at the wire door: ``python -m tests.campaign [NUMBER [SEED]]`` tells what came of so many.

Every answer is a response or an error as AWS has them, and a refused request changes nothing.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from http import HTTPStatus
from random import Random
from typing import Any, cast

from botocore.parsers import JSONParser
from botocore.validate import ParamValidator

from kmsmodel.local import LocalKms
from kmsmodel.wire import CONTENT_TYPE, HttpResponse
from tests.bodies.bodies import Bodies, Body
from tests.bodies.service_model import OPERATIONS, SERIALIZATION, VALIDATION, operation_model
from tests.differences import BY_A_FAULT, COMMON, NOT_RAISED
from tests.examples import examples, plain_json

OK = "200"
EPISODE = 20
"""So many bodies go to one KMS, one after another; the next episode begins at the beginning."""

_PARSER = JSONParser()
_VALIDATOR = ParamValidator()


def episode(random: Random, number: int = EPISODE) -> Iterator[tuple[Body, str]]:
    """Bodies, and what came of each: ``200`` or the code of an error. Raises AssertionError where that is wrong."""
    local, bodies = examples().local(), Bodies(random)
    for _ in range(number):
        body = bodies.draw()
        code, told = answered(local, body)
        if code == OK:
            bodies.things.see(told)
        yield body, code
        if random.randrange(10) == 9:
            local.clock.advance(hours=random.choice([1, 24, 24 * 7, 24 * 30]))


def answered(local: LocalKms, body: Body) -> tuple[str, dict[str, Any]]:
    """What came of a body, and what was told."""
    before = local.kms
    try:
        http = local.respond(body.target, body.content)
        code, told = _read(http, body)
        assert code == OK or local.kms is before, f"{code} changed something"
        assert code == (body.expected or code), f"{code}, not {body.expected}"
        if body.kind == "valid":
            assert _is_meant(body.operation, code, told.get("message", "")), told
    except Exception as error:
        shown = body.content if len(body.content) < 3_000 else body.content[:3_000] + b"..."
        error.add_note(f"{body.made}\n{body.target!r}\n{shown!r}")
        raise
    return code, told


def _read(http: HttpResponse, body: Body) -> tuple[str, dict[str, Any]]:
    """An answer, as botocore's parser reads it against the service model."""
    headers = {name.lower(): value for name, value in http.headers}
    assert headers["content-type"] == CONTENT_TYPE
    assert headers["content-length"] == str(len(http.body))
    assert len(headers["x-amzn-requestid"]) == 36
    told = json.loads(http.body or b"{}")
    output = operation_model(body.operation).output_shape if http.status == HTTPStatus.OK else None
    response = {"status_code": http.status, "headers": headers, "body": http.body}
    parsed = cast("Any", _PARSER).parse(response, output)
    del parsed["ResponseMetadata"]
    if http.status == HTTPStatus.OK:
        assert plain_json(parsed) == told, "botocore reads something else"
        if output is not None:
            report = _VALIDATOR.validate(parsed, output)
            assert not report.has_errors(), report.generate_report()
        return OK, told
    error = parsed["Error"]
    message_member = "Message" if error["Code"] == "AccessDeniedException" else "message"
    members = {"__type": error["Code"], message_member: error["Message"]}
    assert told == {name: text for name, text in members.items() if text}
    assert http.status == HTTPStatus.BAD_REQUEST
    assert error["Code"] in _errors(body.operation)
    return error["Code"], told


def _errors(operation: str) -> set[str]:
    """What an operation may answer: what AWS lists for it, and the common errors."""
    listed = {shape.name for shape in operation_model(operation).error_shapes}
    return (listed | set(COMMON)) - set(NOT_RAISED) - set(BY_A_FAULT)


MEANT = {
    ("Decrypt", "ciphertextBlob"): "optional in the service model, for a dry run only",
    ("ReEncrypt", "ciphertextBlob"): "optional in the service model, for a dry run only",
    ("ListAliases", "limit"): "at most 100, says the text of the API",
    ("ListGrants", "limit"): "at most 100, says the text of the API",
    ("ListResourceTags", "limit"): "at most 50, says the text of the API",
    ("ListRetirableGrants", "limit"): "at most 100, says the text of the API",
}
"""Constraints that the service model does not tell of."""


def _is_meant(operation: str, code: str, message: str) -> bool:
    """Of what is valid by the service model, neither a type nor a constraint is refused, unless that is meant."""
    if code != VALIDATION or "failed to satisfy constraint" not in message:
        return code != SERIALIZATION
    return any(operation == of and f"'{member}'" in message for of, member in MEANT)


# ---- what a campaign tells


def main(number: int, seed: int) -> None:
    """Send so many bodies, and print what came of them."""
    random, began = Random(seed), time.perf_counter()
    came: Counter[tuple[str, str, str]] = Counter()
    while came.total() < number:
        for body, code in episode(random, min(EPISODE, number - came.total())):
            came[body.operation, body.kind, code] += 1
    seconds = time.perf_counter() - began
    told = f"{number:,} bodies from the seed {seed} in {seconds:.0f} s. Nothing was wrong."
    sys.stdout.write("\n".join((told, "", *table(came), "")))


def table(came: Counter[tuple[str, str, str]]) -> Iterator[str]:
    """What came of each kind of body, what each operation answered, and each error."""
    yield "| bodies | sent | answered | refused |"
    yield "|---|--:|--:|--:|"
    for kind in ("valid", "nearly valid", "hostile"):
        yield _row(kind, {key: count for key, count in came.items() if key[1] == kind})
    yield _row("all", came)
    yield ""
    yield "| operation | sent | answered | refused |"
    yield "|---|--:|--:|--:|"
    for operation in sorted(set(OPERATIONS) & set(examples().requests)):
        yield _row(
            f"`{operation}`", {key: count for key, count in came.items() if key[0] == operation}
        )
    yield _row(
        "those that are not in the model",
        {key: count for key, count in came.items() if key[0] not in examples().requests},
    )
    yield ""
    yield "| error | times |"
    yield "|---|--:|"
    codes: Counter[str] = Counter()
    for (_, _, code), count in came.items():
        codes[code] += count
    del codes[OK]
    yield from (f"| `{code}` | {count:,} |" for code, count in codes.most_common())


def _row(name: str, came: dict[tuple[str, str, str], int]) -> str:
    sent = sum(came.values())
    ok = sum(count for (_, _, code), count in came.items() if code == OK)
    return f"| {name} | {sent:,} | {ok:,} | {sent - ok:,} |"


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]), *(100_000, 0)[len(sys.argv) - 1 :])
