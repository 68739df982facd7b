"""
The wizard that creates a KMS key and its alias: a draft, what is wrong with it, and the requests that it leads to.

Sources: *Importing Key Material Step 1*, *Create a KMS key in an AWS CloudHSM key store* and *Create a KMS key in
external key stores* in the Developer Guide; `docs/fidelity.md`, *The console*.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import final

from attrs import evolve, fields_dict, frozen

from kmsmodel import service
from kmsmodel.calls.call import Call
from kmsmodel.console.editions import WIZARDS, Edition, Wizard, WizardName
from kmsmodel.console.key_policy import Chosen, key_policy
from kmsmodel.console.people import people
from kmsmodel.console.problems import Problem, Problems, by_step, refusal_of, told, unfit
from kmsmodel.console.trial import trial
from kmsmodel.errors import (
    AccessDeniedException,
    KmsError,
    XksKeyAlreadyInUseException,
    XksKeyInvalidConfigurationException,
    XksKeyNotFoundException,
)
from kmsmodel.key import tag
from kmsmodel.key.key_spec import ALGORITHMS, SUPPORTED, WRAPPING, is_asymmetric
from kmsmodel.key.tag import Tag
from kmsmodel.memory.kms import Kms
from kmsmodel.operations.aliases import CreateAliasRequest
from kmsmodel.operations.keys import CreateKeyRequest
from kmsmodel.words.arn import ACCOUNT, ALIAS_PREFIX, AliasArn
from kmsmodel.words.enumerations import (
    ORIGINS_IN_CUSTOM_KEY_STORES,
    KeySpec,
    KeyUsageType,
    OriginType,
)


@final
class KeyType(StrEnum):
    """What the console asks first: whether the key material is one secret, or a key pair."""

    SYMMETRIC = "SYMMETRIC"
    ASYMMETRIC = "ASYMMETRIC"


def _key_types() -> Mapping[KeyType, Mapping[KeyUsageType, tuple[KeySpec, ...]]]:
    found: dict[KeyType, dict[KeyUsageType, tuple[KeySpec, ...]]] = {each: {} for each in KeyType}
    for key_spec, usages in ALGORITHMS.items():
        if key_spec in SUPPORTED:
            of_type = found[KeyType.ASYMMETRIC if is_asymmetric(key_spec) else KeyType.SYMMETRIC]
            for usage in usages:
                of_type[usage] = (*of_type.get(usage, ()), key_spec)
    return found


KEY_TYPES = _key_types()
"""The key usages of each key type, and the key specs of each key usage."""

ORIGINS: Mapping[OriginType, str] = {
    OriginType.AWS_KMS: "KMS",
    OriginType.EXTERNAL: "External (Import key material)",
    OriginType.AWS_CLOUDHSM: "AWS CloudHSM key store",
    OriginType.EXTERNAL_KEY_STORE: "External key store",
}
"""The origins that may be chosen, and how the console calls them."""


def key_specs(origin: OriginType) -> tuple[KeySpec, ...]:
    """The key specs that a KMS key of this origin may have."""
    if origin in ORIGINS_IN_CUSTOM_KEY_STORES:
        return (KeySpec.SYMMETRIC_DEFAULT,)
    offered = [spec for usages in KEY_TYPES.values() for found in usages.values() for spec in found]
    takes = [spec for spec in offered if origin is not OriginType.EXTERNAL or spec in WRAPPING]
    return tuple(dict.fromkeys(takes))


def origins(edition: Edition) -> tuple[OriginType, ...]:
    """The origins of an edition: the original console has no custom key stores."""
    is_new = edition is Edition.NEW
    return tuple(each for each in ORIGINS if is_new or each not in ORIGINS_IN_CUSTOM_KEY_STORES)


ACKNOWLEDGED: Mapping[OriginType, str] = {
    OriginType.EXTERNAL: "Say that you understand the implications.",
    OriginType.EXTERNAL_KEY_STORE: "Confirm that you intend to create a KMS key in an external key store.",
}
"""The origins with a box to tick, and what is told of one that is not ticked."""

RESERVED: Mapping[Edition, str] = {Edition.NEW: "aws/", Edition.ORIGINAL: "aws"}
"""What the name of an alias cannot begin with."""


@final
@frozen(kw_only=True)
class TagDraft:
    """A tag as it is typed."""

    key: str = ""
    value: str = ""


@final
@frozen(kw_only=True)
class CreateKeyDraft:
    """
    What is chosen in the wizard, so far.

    ``alias`` is without ``alias/``. ``custom_key_store_id`` names the custom key store that the key is to be in, and
    ``xks_key_id`` its external key. ``acknowledged`` is the box below an origin that has one. ``administrators`` and
    ``users`` are ARNs of IAM users and roles, and ``other_accounts`` account ids. ``policy`` is the key policy as
    somebody has edited it, or None for the console's own.
    """

    alias: str = ""
    description: str = ""
    key_type: KeyType = KeyType.SYMMETRIC
    key_usage: KeyUsageType = KeyUsageType.ENCRYPT_DECRYPT
    key_spec: KeySpec = KeySpec.SYMMETRIC_DEFAULT
    origin: OriginType = OriginType.AWS_KMS
    acknowledged: bool = False
    multi_region: bool = False
    custom_key_store_id: str = ""
    xks_key_id: str = ""
    tags: tuple[TagDraft, ...] = ()
    administrators: tuple[str, ...] = ()
    administrators_may_delete: bool = True
    users: tuple[str, ...] = ()
    other_accounts: tuple[str, ...] = ()
    policy: str | None = None


@final
@frozen
class KeyRequests:
    """The two requests of a wizard that is finished; the second needs the key id that the first is answered with."""

    create_key: CreateKeyRequest
    alias_name: str

    def create_alias(self, key_id: str) -> CreateAliasRequest:
        """The request that gives the new KMS key its alias."""
        return CreateAliasRequest(alias_name=self.alias_name, target_key_id=key_id)


@final
@frozen
class CreateKeyWizard:
    """
    A draft of a KMS key, in one edition of the console.

    Its methods take the state and the call that the requests would be answered with, and change nothing.
    """

    draft: CreateKeyDraft = CreateKeyDraft()
    edition: Edition = Edition.NEW

    @property
    def wizard(self) -> Wizard:
        """The pages of the wizard, for the origin that is chosen."""
        return WIZARDS[WizardName.CREATE_KEY, self.edition].for_origin(self.draft.origin)

    def policy(self, call: Call) -> str:
        """The key policy: as it was edited, or the console's own."""
        draft = self.draft
        if draft.policy is not None:
            return draft.policy
        return key_policy(
            Chosen(
                account=call.caller.account,
                region=call.region,
                edition=self.edition,
                key_spec=draft.key_spec,
                key_usage=draft.key_usage,
                origin=draft.origin,
                multi_region=draft.multi_region,
                administrators=draft.administrators,
                administrators_may_delete=draft.administrators_may_delete,
                users=draft.users,
                other_accounts=draft.other_accounts,
            )
        )

    def problems(self, kms: Kms, call: Call) -> Problems:
        """
        What is wrong on each page, so that the wizard is not left.

        If the console itself finds nothing, the requests are tried on the state, and what AWS KMS refuses is a problem
        too. So no wizard without problems is refused.
        """
        found = [*self._of_the_edition(), *self._of_the_pages(kms, call)]
        return by_step(self.wizard, found or self._tried(kms, call), otherwise="review")

    def requests(self, kms: Kms, call: Call) -> KeyRequests:
        """The requests that *Finish* makes. Raises ValueError if there are problems."""
        problems = self.problems(kms, call)
        if any(problems.values()):
            texts = [each.text for step in problems.values() for each in step]
            raise ValueError(f"the draft is not finished: {'; '.join(texts)}")
        return self.finished(call)

    def finished(self, call: Call) -> KeyRequests:
        """The same requests, whatever is wrong with them."""
        draft, is_new = self.draft, self.edition is Edition.NEW
        tags = tuple(Tag(tag_key=each.key, tag_value=each.value) for each in draft.tags)
        create_key = CreateKeyRequest(
            policy=self.policy(call),
            description=draft.description,
            key_usage=draft.key_usage,
            # The original console is older than these two.
            key_spec=draft.key_spec if is_new else None,
            multi_region=draft.multi_region if is_new else None,
            origin=draft.origin,
            custom_key_store_id=draft.custom_key_store_id or None,
            tags=tags or None,
            xks_key_id=draft.xks_key_id or None,
        )
        return KeyRequests(create_key, ALIAS_PREFIX + draft.alias)

    # ---- what AWS KMS refuses

    def _tried(self, kms: Kms, call: Call) -> Iterator[Problem]:
        """What AWS KMS says to the requests, of which nothing remains."""
        call = trial(call)
        requests = self.finished(call)
        try:
            after, created = service.handle(kms, requests.create_key, call)
        except KmsError as error:
            yield Problem(_field_of(error, requests.create_key, kms, call), told(error))
            return
        create_alias = requests.create_alias(created.key_metadata.key_id)
        refused = refusal_of(lambda: service.handle(after, create_alias, call))
        if refused is not None:
            yield Problem(
                "" if isinstance(refused, AccessDeniedException) else "alias", told(refused)
            )

    # ---- what the console itself refuses

    def _of_the_edition(self) -> Iterator[Problem]:
        """What this edition does not let anybody choose."""
        every = WIZARDS[WizardName.CREATE_KEY, self.edition].fields
        for name, member in fields_dict(CreateKeyDraft).items():
            chosen = getattr(self.draft, name)
            if name not in every and chosen != member.default:
                yield Problem(name, f"The {self.edition} console has no {name.replace('_', ' ')}.")
        if self.draft.origin not in origins(self.edition):
            yield Problem("origin", f"The {self.edition} console has no custom key stores.")

    def _of_the_pages(self, kms: Kms, call: Call) -> Iterator[Problem]:
        draft = self.draft
        yield from self._of_the_alias(kms, call)
        yield from unfit("description", CreateKeyRequest(description=draft.description))
        yield from _of_the_configuration(draft)
        yield from _of_the_store(draft, kms, call)
        yield from _of_the_tags(draft.tags)
        known = frozenset(each.arn for each in people(call.iam, call.caller.account))
        for name, chosen in (("administrators", draft.administrators), ("users", draft.users)):
            for index, arn in enumerate(chosen):
                if arn not in known:
                    yield Problem(
                        f"{name}.{index}", f"{arn} is not an IAM user or role of this account."
                    )
        for index, account in enumerate(draft.other_accounts):
            if ACCOUNT.fullmatch(account) is None:
                yield Problem(f"other_accounts.{index}", "An AWS account ID has 12 digits.")

    def _of_the_alias(self, kms: Kms, call: Call) -> Iterator[Problem]:
        alias, reserved = self.draft.alias, RESERVED[self.edition]
        if not alias:
            yield Problem("alias", "An alias is required.")
            return
        if alias.startswith(reserved):
            yield Problem("alias", f"The alias name cannot begin with {reserved}.")
        name = ALIAS_PREFIX + alias
        unfit_names = unfit("alias", CreateAliasRequest(alias_name=name, target_key_id=name))
        yield from unfit_names
        if unfit_names:
            return
        arn = AliasArn(call.caller.account, call.region, name)
        if kms.alias(arn, call.now) is not None:
            yield Problem("alias", f"An alias with the name {arn} already exists")


def _of_the_configuration(draft: CreateKeyDraft) -> Iterator[Problem]:
    usages = KEY_TYPES[draft.key_type]
    if draft.key_usage not in usages:
        yield Problem("key_usage", f"A key of type {draft.key_type} cannot have this key usage.")
    elif draft.key_spec not in usages[draft.key_usage]:
        text = f"A key of type {draft.key_type} for {draft.key_usage} cannot have this key spec."
        yield Problem("key_spec", text)
    if draft.origin is not OriginType.AWS_KMS and draft.key_spec not in key_specs(draft.origin):
        text = f"KeySpec {draft.key_spec} is not supported for Origin {draft.origin}"
        yield Problem("origin", text)
    if draft.origin in ACKNOWLEDGED and not draft.acknowledged:
        yield Problem("acknowledged", ACKNOWLEDGED[draft.origin])
    if draft.origin in ORIGINS_IN_CUSTOM_KEY_STORES and draft.multi_region:
        text = "You cannot create a multi-Region key in a custom key store."
        yield Problem("multi_region", text)


def _of_the_store(draft: CreateKeyDraft, kms: Kms, call: Call) -> Iterator[Problem]:
    """What is wrong with the custom key store and the external key."""
    if draft.origin not in ORIGINS_IN_CUSTOM_KEY_STORES:
        if draft.custom_key_store_id or draft.xks_key_id:
            text = f"Origin {draft.origin} is not compatible with a custom key store."
            yield Problem("origin", text)
        return
    is_external = draft.origin is OriginType.EXTERNAL_KEY_STORE
    if not draft.custom_key_store_id:
        yield Problem("custom_key_store_id", "A custom key store is required.")
    else:
        request = CreateKeyRequest(custom_key_store_id=draft.custom_key_store_id)
        yield from unfit("custom_key_store_id", request)
        of = kms.account_in_region(call.caller.account, call.region)
        store = of.custom_key_stores.get(draft.custom_key_store_id)
        if store is not None and (store.proxy is not None) is not is_external:
            text = f"Origin {draft.origin} is not compatible with this custom key store."
            yield Problem("custom_key_store_id", text)
    if draft.xks_key_id and not is_external:
        text = f"Origin {draft.origin} is not compatible with an XksKeyId."
        yield Problem("xks_key_id", text)
    elif draft.xks_key_id:
        yield from unfit("xks_key_id", CreateKeyRequest(xks_key_id=draft.xks_key_id))
    elif is_external:
        yield Problem("xks_key_id", "An external key ID is required.")


_OF_AN_EXTERNAL_KEY = (
    XksKeyAlreadyInUseException,
    XksKeyInvalidConfigurationException,
    XksKeyNotFoundException,
)


def _field_of(error: KmsError, refused: CreateKeyRequest, kms: Kms, call: Call) -> str:
    """The member of the draft that a refusal is about; the empty text, if it is about none of them."""
    if isinstance(error, AccessDeniedException):
        return ""
    if isinstance(error, _OF_AN_EXTERNAL_KEY):
        return "xks_key_id"
    without_policy = evolve(refused, policy=None)
    if refusal_of(lambda: service.handle(kms, without_policy, call)) is None:
        return "policy"
    return "custom_key_store_id" if refused.custom_key_store_id is not None else ""


def _of_the_tags(tags: tuple[TagDraft, ...]) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, each in enumerate(tags):
        made, field = Tag(tag_key=each.key, tag_value=each.value), f"tags.{index}"
        yield from unfit(field, made) or _refused(field, made)
        if each.key in seen:
            yield Problem(field, "Duplicate tag keys")
        seen.add(each.key)
    if len(tags) > tag.MAXIMUM_TAGS:
        yield Problem("tags", "Too many tags")


def _refused(field: str, made: Tag) -> tuple[Problem, ...]:
    """What AWS KMS refuses in a tag that the API takes."""
    refused = refusal_of(lambda: tag.check((made,)))
    return () if refused is None else (Problem(field, told(refused)),)
