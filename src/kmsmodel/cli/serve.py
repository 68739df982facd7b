"""
``kmsmodel serve``: AWS KMS on a port of this machine.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

import click

from kmsmodel.cli.files import FILE, STANDARD, read
from kmsmodel.cli.usage import examples

if TYPE_CHECKING:
    from collections.abc import Callable

    from kmsmodel.calls.iam import Iam
    from kmsmodel.hsm.key_stores import KeyStores
    from kmsmodel.hsm.port import Hsm
    from kmsmodel.seeds import Seed

Said_co = TypeVar("Said_co", covariant=True)


class Parse(Protocol[Said_co]):
    """Reads the text of a file of a name."""

    def __call__(self, text: str, name: str, *, is_json: bool) -> Said_co: ...


@click.command(
    epilog=examples(
        "  kmsmodel serve --port 8080",
        "  export AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any",
        "  export AWS_DEFAULT_REGION=us-west-2",
        "  aws kms create-key --origin EXTERNAL --endpoint-url http://127.0.0.1:8080",
        "  kmsmodel serve --console",
    )
)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8080,
    show_default=True,
    help="The port to listen on.",
)
@click.option(
    "--host-name",
    "host_names",
    multiple=True,
    help="A name, besides localhost, that the server's own routes below /_kmsmodel/ may be asked by. Can be repeated.",
)
@click.option(
    "--console",
    is_flag=True,
    help="Serve the console for browsers as well, at /console/.",
)
@click.option(
    "--account",
    show_default="that of the seed, or 111122223333",
    help="The account of all callers whose access key id is not an account of twelve digits.",
)
@click.option(
    "--region",
    show_default="that of the seed, or us-west-2",
    help="The Region of all requests that do not name one.",
)
@click.option(
    "--iam",
    type=FILE,
    help="A file of users, groups and roles, as YAML or JSON: callers are then found by their access keys.",
)
@click.option(
    "--attestation-root",
    type=FILE,
    help="A file of certificates, as PEM: attestation documents that go back to one of them are valid.",
)
@click.option(
    "--seed",
    type=FILE,
    help="A file of KMS keys to begin with, as TOML or JSON: their ids, aliases, tags, policies and key material.",
)
@click.option(
    "--key-stores",
    type=FILE,
    help="A file of AWS CloudHSM clusters and external key store proxies for custom key stores, as TOML or JSON.",
)
@click.option(
    "--hsm-seed",
    help="Draw the same key material and ids at each start, for tests that repeat. Never for secrets: anyone who knows "
    "it knows the keys.",
)
def serve(  # noqa: PLR0917 - click gives them by name
    host: str,
    port: int,
    host_names: tuple[str, ...],
    console: bool,
    account: str | None,
    region: str | None,
    iam: Path | None,
    attestation_root: Path | None,
    seed: Path | None,
    key_stores: Path | None,
    hsm_seed: str | None,
) -> None:
    """
    Serve AWS KMS on this machine, until Ctrl-C.

    The AWS CLI and every AWS SDK can use it. It keeps all KMS keys in memory, and they are lost when it stops. What
    AWS's errors leave out, it tells on standard error.
    """
    try:
        from kmsmodel.server import serve as serve_until_interrupted
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "kmsmodel":
            raise
        needed = "serve needs an extra: pip install '.[server]' in a clone of kmsmodel"
        raise click.ClickException(needed) from error
    import logging

    from kmsmodel.crypto.seeded_hsm import SeededHsm
    from kmsmodel.crypto.software_hsm import SoftwareHsm
    from kmsmodel.hsm.key_stores import NO_KEY_STORES
    from kmsmodel.planting import local_kms
    from kmsmodel.seeds import Seed, SeedError

    if (iam, seed, key_stores).count(STANDARD) > 1:
        raise click.UsageError("Only one FILE can be standard input.")
    roots = b"" if attestation_root is None else read(attestation_root)
    try:
        hsm = (
            SoftwareHsm(attestation_roots=roots)
            if hsm_seed is None
            else SeededHsm(hsm_seed, attestation_roots=roots)
        )
    except ValueError as error:
        raise click.ClickException(f"{attestation_root}: no X.509 certificates in PEM") from error
    directory = None if iam is None else read_iam(iam)
    stores = NO_KEY_STORES if key_stores is None else read_key_stores(key_stores, hsm)
    planted = Seed() if seed is None else read_seed(seed)
    try:
        local = local_kms(
            planted,
            account=account,
            region=region,
            hsm=hsm,
            iam=directory,
        )
    except SeedError as error:
        raise click.ClickException(str(error)) from error
    except ValueError as error:
        raise click.UsageError(f"{error}.") from error
    local.key_stores = stores
    logging.basicConfig(format="%(message)s")
    logging.getLogger("kmsmodel").setLevel(logging.INFO)  # the notes of errors
    serve_until_interrupted(local, host=host, port=port, host_names=host_names, console=console)


def read_iam(file: Path) -> Iam:
    """
    The directory of IAM in a file, which may also be what AWS prints of an account.

    Raises ClickException for anything else, OSError if it cannot be read.
    """
    from kmsmodel.pipeline.files import read_iam as parse

    name = "standard input" if file == STANDARD else str(file)
    try:
        content = read(file) if file == STANDARD else file.read_bytes()
        return parse(content.decode("utf-8"), name)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "kmsmodel":
            raise
        needed = "--iam needs an extra: pip install '.[iam]' in a clone of kmsmodel"
        raise click.ClickException(needed) from error
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{name}: {error}") from error
    except ValueError as error:
        raise click.ClickException(str(error)) from error


def read_seed(file: Path) -> Seed:
    """The seed in a file. Raises ClickException for anything else, OSError if it cannot be read."""
    from kmsmodel import seed_file

    return _said(file, seed_file.read, seed_file.parse)


def read_key_stores(file: Path, hsm: Hsm) -> KeyStores:
    """The clusters and proxies in a file. Raises ClickException for anything else, OSError if it cannot be read."""
    from kmsmodel import key_store_file

    return _said(
        file, partial(key_store_file.read, hsm=hsm), partial(key_store_file.parse, hsm=hsm)
    )


def _said(file: Path, read_file: Callable[[Path], Said_co], parse: Parse[Said_co]) -> Said_co:
    """What a file says, or standard input, which is JSON if it begins with a brace."""
    try:
        if file != STANDARD:
            return read_file(file)
        text = read(STANDARD).decode("utf-8-sig").lstrip()
        return parse(text, "standard input", is_json=text.startswith("{"))
    except ValueError as error:  # of the file, or of its encoding
        raise click.ClickException(str(error)) from error
