"""
Worlds to play in: KMS keys of each kind in each key state that requests lead to, and what belongs to them.

`world()` is made by real requests alone, once; ``world(step, ...)`` is what more requests make of it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from typing import Any, final

from kmsmodel.calls.call import Call
from kmsmodel.calls.request import Request
from kmsmodel.key.key import Key
from kmsmodel.memory.kms import Kms
from tests.basics import AWS_MANAGED, DAY, NOW, call
from tests.worlds.belongings import KeyInWorld
from tests.worlds.conversation import Conversation
from tests.worlds.outcome import keys_of, outcome
from tests.worlds.owner import Owner
from tests.worlds.source import source
from tests.worlds.stories import BEGINNING, KINDS, REPLICATED, STORED, STORIES

Step = tuple[timedelta, Request[Any]]


@final
class World:
    """A `Kms` at ``now``, its keys, and the steps by which it came from the first world."""

    def __init__(
        self, kms: Kms, now: datetime, keys: tuple[KeyInWorld, ...], steps: tuple[Step, ...] = ()
    ) -> None:
        self.kms = kms
        self.now = now
        self.keys = keys
        self.steps = steps

    def __repr__(self) -> str:
        return f"world({', '.join(source(step) for step in self.steps)})"

    def call(self, name: str = "the call", later: timedelta = timedelta()) -> Call:
        return call(name, self.now + later)

    @property
    def remembered(self) -> tuple[Key, ...]:
        """What is remembered of each key."""
        return tuple(keys_of(self.kms))

    def named(self, name: str) -> KeyInWorld:
        (key,) = (key for key in self.keys if key.name == name)
        return key

    @property
    def conversation(self) -> Conversation:
        """Someone who goes on from here."""
        return Conversation("another", self.now, self.kms)


def world(*steps: Step) -> World:
    """The first world after these steps: so much time later, this request, and what was refused has no effect."""
    kms, keys = _first_world()
    now = NOW
    for number, (span, request) in enumerate(steps):
        now += span
        kms, _ = outcome(kms, request, call(f"step {number}", now))
    return World(kms, now, keys, steps)


@cache
def _first_world() -> tuple[Kms, tuple[KeyInWorld, ...]]:
    conversation = Conversation("first world", NOW - BEGINNING * DAY)
    owners = [
        (Owner(conversation, name, multi_region=multi_region), story)
        for multi_region in (False, True)
        for name, story in {**STORIES, **(REPLICATED if multi_region else STORED)}.items()
    ]
    owners += [
        (Owner(conversation, f"{kind}, {name}", key_spec=key_spec, key_usage=key_usage), story)
        for kind, (key_spec, key_usage, stories) in KINDS.items()
        for name, story in stories.items()
    ]
    told = [(BEGINNING, number, story(owner)) for number, (owner, story) in enumerate(owners)]
    while told:
        day, number, story = max(told, key=lambda each: (each[0], -each[1]))
        told.remove((day, number, story))
        conversation.now = NOW - day * DAY
        waits_for = next(story, None)
        if waits_for is not None:
            told.append((waits_for, number, story))
    conversation.describe_key(AWS_MANAGED)  # its first use, so that a reading is one from now on
    keys = tuple(owner.belongings() for owner, _ in owners)
    return conversation.kms, keys
