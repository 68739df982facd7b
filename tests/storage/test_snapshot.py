"""
Snapshots: a `Kms` as plain data, and back.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any, cast

import pytest
from attrs import evolve
from hypothesis import given, strategies as st

from kmsmodel.memory.account import AccountInRegion
from kmsmodel.memory.kms import Kms
from kmsmodel.operations.keys import CreateKeyRequest
from kmsmodel.storage import sealing, snapshot
from kmsmodel.storage.forms import encoded
from kmsmodel.storage.migrations import VERSION, brought_forward
from kmsmodel.storage.snapshot import from_json, to_json
from kmsmodel.testing.values import spans
from tests import strategies
from tests.basics import ACCOUNT, NOBODY, OTHER_REGION
from tests.storage.kept import KEPT, kept
from tests.worlds.conversation import Conversation
from tests.worlds.outcome import keys_of, outcome, secrets_of
from tests.worlds.world import World, world

SCHEMA = Path(__file__).parents[2] / "docs" / "snapshot-2.schema.json"
PASSPHRASE = "correct horse"


def in_json(data: object) -> Any:
    """What comes of it in a file."""
    return json.loads(json.dumps(data))


@pytest.fixture
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys are derived from passphrases in no time."""
    monkeypatch.setattr(sealing, "COST", 2)


# ---- laws


@given(strategies.worlds())
def test_what_is_read_back_equals_what_was_written(world: World) -> None:
    assert from_json(in_json(to_json(world.kms, clear=True))) == world.kms


@given(strategies.worlds(), spans(), st.data())
def test_every_answer_after_it_is_the_same(world: World, later: Any, data: st.DataObject) -> None:
    request = data.draw(strategies.any_requests(world))
    restored = from_json(in_json(to_json(world.kms, clear=True)))
    call = world.call("the call", later)
    assert outcome(restored, request, call) == outcome(world.kms, request, call)
    assert restored.settle(call.now) == world.kms.settle(call.now)


@given(strategies.worlds())
def test_equal_states_have_equal_snapshots(world: World) -> None:
    data = to_json(world.kms, clear=True)
    assert to_json(from_json(data), clear=True) == data


@strategies.per_operation
@given(strategies.worlds())
def test_it_fits_its_published_schema(world: World) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads(SCHEMA.read_text("utf-8"))
    jsonschema.validate(in_json(to_json(world.kms, clear=True)), schema)


def test_every_old_ciphertext_still_opens() -> None:
    from_before = Conversation("before", world().now, from_json(to_json(world().kms, clear=True)))
    opened = 0
    for key in world().keys:
        for each in key.ciphertexts:
            request = each.request(key.key_id)
            there = outcome(world().kms, request, world().call())[1]
            assert outcome(from_before.kms, request, world().call())[1] == there
            opened += getattr(there, "plaintext", None) == each.plaintext
    assert opened > 10


def test_an_account_without_keys_is_kept_too() -> None:
    kms = evolve(Kms(), accounts=Kms().accounts.insert((ACCOUNT, OTHER_REGION), AccountInRegion()))
    assert from_json(to_json(kms, clear=True)) == kms != Kms()


# ---- the form


def test_the_published_schema_is_that_of_the_code() -> None:
    """If this fails because a class has changed, raise the version and write a migration."""
    assert json.loads(SCHEMA.read_text("utf-8")) == snapshot.schema()


def test_a_snapshot_that_was_kept_still_opens() -> None:
    """It was written once, and no later version of the code may fail to read it."""
    data = json.loads(KEPT.read_text("utf-8"))
    assert data["version"] == 1
    assert from_json(data, passphrase="a passphrase") == kept().kms


def test_every_secret_stands_apart() -> None:
    data = to_json(world().kms, clear=True)
    secrets = data.pop("secrets")["clear"]
    written = json.dumps(data)
    assert len(secrets) > 50
    assert not any(secret in written for secret in secrets)


# ---- sealed


@pytest.mark.usefixtures("cheap")
def test_under_a_passphrase_no_secret_shows() -> None:
    sealed = json.dumps(to_json(world().kms, passphrase=PASSPHRASE))
    clear = json.dumps(to_json(world().kms, clear=True))
    for secret in secrets_of(keys_of(world().kms)):
        assert encoded(secret) in clear
        assert encoded(secret) not in sealed


@given(strategies.worlds(), st.text(min_size=1))
def test_it_opens_under_its_passphrase(world: World, passphrase: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sealing, "COST", 2)
        data = in_json(to_json(world.kms, passphrase=passphrase))
        assert from_json(data, passphrase=passphrase) == world.kms
        with pytest.raises(ValueError, match=r"^the snapshot does not open: the passphrase is"):
            from_json(data, passphrase=passphrase + "x")


def test_trying_a_passphrase_costs_what_owasp_advises() -> None:
    sealed = to_json(Kms(), passphrase=PASSPHRASE)["secrets"]["sealed"]
    assert sealed["cost"] == 2**17


@pytest.mark.usefixtures("cheap")
def test_a_sealed_snapshot_that_was_changed_does_not_open() -> None:
    data = to_json(world().kms, passphrase=PASSPHRASE)
    data["accounts"][0]["keys"][0]["description"] = "another"
    with pytest.raises(ValueError, match=r"or the snapshot was changed$"):
        from_json(data, passphrase=PASSPHRASE)


@pytest.mark.usefixtures("cheap")
def test_equal_states_are_sealed_otherwise_each_time() -> None:
    one, other = (to_json(Kms(), passphrase=PASSPHRASE)["secrets"]["sealed"] for _ in range(2))
    assert one["salt"] != other["salt"]
    assert one["nonce"] != other["nonce"]


@pytest.mark.parametrize("how", [{}, {"clear": True, "passphrase": "x"}])
def test_it_needs_either_a_passphrase_or_leave_to_be_in_the_clear(how: Any) -> None:
    with pytest.raises(ValueError, match=r"^a snapshot has a passphrase or clear=True: "):
        to_json(Kms(), **how)


def test_an_empty_passphrase_seals_nothing() -> None:
    with pytest.raises(ValueError, match=r"^an empty passphrase seals nothing$"):
        to_json(Kms(), passphrase="")


@pytest.mark.usefixtures("cheap")
def test_a_sealed_one_needs_its_passphrase_and_a_clear_one_has_none() -> None:
    with pytest.raises(ValueError, match=r"^the snapshot is sealed: it needs a passphrase$"):
        from_json(to_json(Kms(), passphrase=PASSPHRASE))
    with pytest.raises(ValueError, match=r"^the snapshot is in the clear: no passphrase belongs"):
        from_json(to_json(Kms(), clear=True), passphrase=PASSPHRASE)


# ---- versions


def test_a_newer_version_is_refused_with_what_to_do() -> None:
    data = {"format": snapshot.FORMAT, "version": VERSION + 1, "whatever": "it holds"}
    message = (
        f"^the snapshot has version {VERSION + 1}, and this kmsmodel knows versions up to "
        f"{VERSION}: take a newer kmsmodel$"
    )
    with pytest.raises(ValueError, match=message):
        from_json(data)


@pytest.mark.parametrize("version", [0, -1])
def test_a_version_that_never_was_is_refused(version: int) -> None:
    with pytest.raises(ValueError, match=f"^there are no snapshots of version {version}$"):
        from_json({**to_json(Kms(), clear=True), "version": version})


@given(st.integers(1, 5), st.integers(0, 5))
def test_a_former_version_is_brought_forward_step_by_step(version: int, steps: int) -> None:
    def migration(number: int) -> Callable[[dict[str, Any]], dict[str, Any]]:
        return lambda data: {"been": [*data["been"], number]}

    migrations = {number: migration(number) for number in range(1, 11)}
    data = brought_forward({"been": []}, version, to=version + steps, migrations=migrations)
    assert data["been"] == list(range(version, version + steps))


# ---- anything that is not a snapshot


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda of: st.lists(of) | st.dictionaries(st.text(), of),
    max_leaves=8,
)


@given(_JSON)
def test_what_is_no_snapshot_is_refused(data: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - one of several, each with its own words
        from_json(data)


_STRANGE = st.sampled_from(
    [None, "", "x", 0, -1, 10**30, 1.5, True, [], [1], {}, {"a": 1}, "\ud800"]
)


def _places(data: Any) -> list[tuple[Any, Any]]:
    """Each place in the data, as its container and what it is there by."""
    if isinstance(data, str) or not hasattr(data, "__getitem__"):
        return []
    names: list[Any] = list(data) if hasattr(data, "keys") else list(range(len(data)))
    inner = [place for name in names for place in _places(data[name])]
    return [*((data, name) for name in names), *inner]


def _small() -> dict[str, Any]:
    """Of the kept one; the first account there has all kinds of keys."""
    data = in_json(to_json(kept().kms, clear=True))
    data["accounts"].reverse()
    return cast("dict[str, Any]", data)


@given(st.data())
def test_one_that_was_tampered_with_is_read_or_refused_with_a_value_error(
    data: st.DataObject,
) -> None:
    tampered = _small()
    container, name = data.draw(st.sampled_from(_places(tampered)))
    if data.draw(st.booleans()):
        del container[name]
    else:
        container[name] = data.draw(_STRANGE)
    with contextlib.suppress(ValueError):
        assert isinstance(from_json(tampered), Kms)


@pytest.mark.parametrize("number, many", [(0, "keys"), (0, "aliases")])
def test_nothing_is_there_twice(number: int, many: str) -> None:
    data = _small()
    of = data["accounts"][number][many]
    of.append(deepcopy(of[0]))
    with pytest.raises(ValueError, match="must be another"):
        from_json(data)


def test_no_account_is_there_twice() -> None:
    data = _small()
    data["accounts"] *= 2
    with pytest.raises(ValueError, match=r"accounts\[2\] must be of another account or Region"):
        from_json(data)


def test_an_alias_and_its_key_know_each_other() -> None:
    data = _small()
    data["accounts"][0]["aliases"] = []
    with pytest.raises(ValueError, match=r"must be with alias/kept, which a KMS key has$"):
        from_json(data)


def test_a_grant_is_on_a_key_that_is_there() -> None:
    data = _small()
    data["accounts"][0]["grants"][0]["key_id"] = NOBODY
    with pytest.raises(ValueError, match=r"accounts\[0\].grants\[0\] must be of a KMS key in its"):
        from_json(data)


def test_no_grant_is_there_twice() -> None:
    data = _small()
    of_key = data["accounts"][0]["grants"][0]["grants"]
    of_key.append(deepcopy(of_key[0]))
    with pytest.raises(ValueError, match="must be another grant than those before"):
        from_json(data)


def test_a_key_is_in_its_account() -> None:
    data = _small()
    data["accounts"][0]["region"] = OTHER_REGION
    with pytest.raises(
        ValueError, match=r"must be the ARN of a KMS key in its account and Region$"
    ):
        from_json(data)


@pytest.mark.usefixtures("cheap")
@pytest.mark.parametrize(
    "name, value",
    [("kdf", "none"), ("cost", 3), ("cost", 2**30), ("cost", "2"), ("nonce", "AAAA"), ("salt", 1)],
)
def test_a_seal_of_another_form_is_refused(name: str, value: object) -> None:
    data = to_json(Kms(), passphrase=PASSPHRASE)
    data["secrets"]["sealed"][name] = value
    with pytest.raises(ValueError, match=r"^the snapshot is malformed: secrets.sealed"):
        from_json(data, passphrase=PASSPHRASE)


def test_calls_go_on_from_it() -> None:
    restored = from_json(to_json(world().kms, clear=True))
    after = Conversation("after", world().now, restored)
    arn = after.describe_key(after.create_key()).arn
    assert outcome(world().kms, CreateKeyRequest(), world().call())[1].key_metadata.arn != arn
