"""
The command line, ``kmsmodel``.

Exit status: 0 when all went well, 1 when it did not, 2 when the command was not understood, 130 when it was
interrupted. What went wrong is told in one line on standard error; key material never is.
"""

# ruff: noqa: PLC0415 - a command loads what it needs, and the others do not wait for it.

from __future__ import annotations

import os
import sys
from base64 import b64decode
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, final

import click
from attrs import frozen
from rich.console import Console
from rich.text import Text

from kmsmodel.key_spec import WRAPPING
from kmsmodel.key_state import KEY_STATE_TABLE, refusal
from kmsmodel.shapes import AlgorithmSpec, KeySpec, KeyState, OriginType


@final
class _Commands(click.Group):
    """Commands that tell in one line what goes wrong with files."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            ctx.exit(130)
        except BrokenPipeError:  # whoever reads has had enough, and click knows what to do
            raise
        except OSError as error:
            name = "" if error.filename is None else f"{error.filename}: "
            raise click.ClickException(f"{name}{error.strerror or error}") from error


def _examples(*lines: str) -> str:
    return "\n".join(("\b", "Example:" if len(lines) == 1 else "Examples:", *lines))


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=_examples("  kmsmodel states --state PendingImport"),
)
@click.version_option(package_name="kmsmodel", message="kmsmodel %(version)s")
def commands() -> None:
    """
    An executable model of AWS KMS.

    Look at the life of a KMS key, make and wrap key material for import, or serve AWS KMS on this machine.
    """


@commands.command(epilog=_examples("  kmsmodel demo | less"))
def demo() -> None:
    """
    Walk a KMS key with imported key material through its life.

    Each request and answer is printed as the AWS CLI would print it. Nothing is kept, and nothing leaves this machine.
    """
    from kmsmodel.demo import main

    main()


# ---- serve


@commands.command(
    epilog=_examples(
        "  kmsmodel serve --port 8080",
        "  aws kms create-key --origin EXTERNAL --endpoint-url http://127.0.0.1:8080",
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
    "--account",
    default="000000000000",
    show_default=True,
    help="The account of the callers, unless their access key id is an account of twelve digits.",
)
@click.option(
    "--region",
    default="us-west-2",
    show_default=True,
    help="The Region, unless a request names another.",
)
@click.option(
    "--seed",
    help="Draw the same keys and ids each time, for tests that repeat. Never for secrets: who knows the seed knows "
    "the keys.",
)
def serve(host: str, port: int, account: str, region: str, seed: str | None) -> None:
    """
    Serve AWS KMS on this machine, until Ctrl-C.

    The AWS CLI and any AWS SDK can ask it. It keeps all KMS keys in memory, and forgets them when it ends.
    """
    try:
        from kmsmodel.server import serve as serve_until_interrupted
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "kmsmodel":
            raise
        needed = "serve needs an extra: pip install 'kmsmodel[server]'"
        raise click.ClickException(needed) from error
    from kmsmodel.local import LocalKms
    from kmsmodel.seeded_hsm import SeededHsm

    hsm = None if seed is None else SeededHsm(seed)
    local = LocalKms(account=account, region=region, hsm=hsm)
    try:
        local.step(lambda kms, _: (kms, None))  # refuses what is no account or no Region
    except ValueError as error:
        raise click.UsageError(f"{error}.") from error
    serve_until_interrupted(local, host=host, port=port)


# ---- generate and wrap

_STANDARD = Path("-")
"""Standard input or output."""

_FILE = click.Path(dir_okay=False, allow_dash=True, path_type=Path)

_ALGORITHMS = [
    algorithm for algorithm in AlgorithmSpec if any(algorithm in each for each in WRAPPING.values())
]


@commands.command(
    epilog=_examples(
        "  kmsmodel generate --output PlaintextKeyMaterial.bin",
        "  kmsmodel generate --key-spec RSA_2048 --output PrivateKey.der",
    )
)
@click.option(
    "--key-spec",
    type=click.Choice(tuple(WRAPPING)),
    default=KeySpec.SYMMETRIC_DEFAULT,
    show_default=True,
    metavar="KEY_SPEC",
    help=f"The key spec of the KMS key: {', '.join(WRAPPING)}.",
)
@click.option(
    "--output",
    type=_FILE,
    required=True,
    metavar="FILE",
    help="Where to write the key material; - is standard output.",
)
@click.option("--force", is_flag=True, help="Write over a file that is there.")
def generate(*, key_spec: KeySpec, output: Path, force: bool) -> None:
    """
    Make key material that can be imported.

    For a symmetric encryption key or an HMAC key it is random bytes, as many as AWS KMS would generate; for an RSA or
    ECC key, a private key in PKCS #8, DER. Keep it safe: if it expires or is deleted, nothing but the same key material
    can be imported again.
    """
    from kmsmodel.software_hsm import SoftwareHsm

    material = SoftwareHsm().generate(key_spec, "key material")
    _write(output, material.reveal(), force=force)


@commands.command(
    epilog=_examples(
        "  kmsmodel wrap --algorithm RSAES_OAEP_SHA_256 \\",
        "      --public-key WrappingPublicKey.bin \\",
        "      --key-material PlaintextKeyMaterial.bin \\",
        "      --output EncryptedKeyMaterial.bin",
    )
)
@click.option(
    "--algorithm",
    type=click.Choice(_ALGORITHMS),
    required=True,
    metavar="ALGORITHM",
    help=f"The WrappingAlgorithm that GetParametersForImport was asked for: {', '.join(_ALGORITHMS)}.",
)
@click.option(
    "--public-key",
    type=_FILE,
    required=True,
    metavar="FILE",
    help="The PublicKey that it gave: DER, PEM, or base64 as the AWS CLI prints it.",
)
@click.option(
    "--key-material",
    type=_FILE,
    required=True,
    metavar="FILE",
    help="The key material: bytes, or for an RSA or ECC key a private key in PKCS #8, DER.",
)
@click.option(
    "--output",
    type=_FILE,
    required=True,
    metavar="FILE",
    help="Where to write the EncryptedKeyMaterial.",
)
@click.option("--force", is_flag=True, help="Write over a file that is there.")
def wrap(
    *, algorithm: AlgorithmSpec, public_key: Path, key_material: Path, output: Path, force: bool
) -> None:
    """
    Encrypt key material for its way into AWS KMS.

    This is step 3 of importing key material, for AWS itself as for this model. A FILE of - is standard input or output.
    """
    sources = (public_key, key_material)
    if sources == (_STANDARD, _STANDARD):
        raise click.UsageError("Only one FILE can be standard input.")
    wrapped = _wrapped(algorithm, _public_key(public_key), _read(key_material))
    if output.exists() and any(
        output.samefile(source) for source in sources if source != _STANDARD
    ):
        raise click.ClickException(f"{output} is what was read, and is not written over")
    _write(output, wrapped, force=force)


def _wrapped(algorithm: AlgorithmSpec, public_key: bytes, material: bytes) -> bytes:
    from kmsmodel.wrapping import wrap_key_material

    try:
        return wrap_key_material(public_key, algorithm, material)
    except ValueError as error:
        raise click.ClickException(
            f"{len(material)} bytes are too many for {algorithm} and this public key; "
            f"a private key is wrapped by {AlgorithmSpec.RSA_AES_KEY_WRAP_SHA_256}"
        ) from error


def _public_key(file: Path) -> bytes:
    """The RSA public key in a file, as GetParametersForImport gave it: DER."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        PublicFormat,
        load_der_public_key,
        load_pem_public_key,
    )

    content = _read(file)
    try:
        if b"-----BEGIN" in content:
            key = load_pem_public_key(content)
        else:
            key = load_der_public_key(_from_base64(content) or content)
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, RSAPublicKey):
        raise click.ClickException(f"{file} is no RSA public key in DER, PEM or base64")
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _from_base64(content: bytes) -> bytes | None:
    """What base64 stands for, in quotation marks or not, on several lines or not; None for what is none."""
    try:
        return b64decode(b"".join(content.split()).strip(b'"'), validate=True)
    except ValueError:
        return None


def _read(file: Path) -> bytes:
    content = sys.stdin.buffer.read() if file == _STANDARD else file.read_bytes()
    if not content:
        raise click.ClickException(f"{file} is empty")
    return content


def _write(file: Path, content: bytes, *, force: bool) -> None:
    """Write a file; if it is new, only its owner may read it."""
    if file == _STANDARD:
        click.echo(content, nl=False)
        return

    def opener(path: str, flags: int) -> int:
        return os.open(path, flags, 0o600)

    try:
        with open(file, "wb" if force else "xb", opener=opener) as opened:
            opened.write(content)
    except FileExistsError as error:
        raise click.ClickException(f"{file} exists; --force writes over it") from error


# ---- states


@final
@frozen
class _Key:
    """A KMS key of which nothing else is known."""

    key_state: str
    origin: str
    arn: str = "<ARN>"


_Answers = Mapping[tuple[str, KeyState], str]
"""What AWS KMS answers to an operation in a key state."""

_Origins = Mapping[KeyState, Sequence[OriginType]]
"""The origins of the keys that can be in a key state."""

_STATES = tuple(KeyState(state) for state in next(iter(KEY_STATE_TABLE.values())).cells)
"""The key states in the order of AWS's table."""

_OK = "ok"
_NO_KEY = "(no key)"
_INDENT = " " * 4


@commands.command(
    epilog=_examples(
        "  kmsmodel states --state PendingImport",
        "  kmsmodel states --operation ScheduleKeyDeletion --origin EXTERNAL",
        "  kmsmodel states --format mermaid >key-states.mmd",
    )
)
@click.option(
    "--state",
    type=click.Choice(_STATES),
    metavar="STATE",
    help=f"Only of keys in this key state: {', '.join(_STATES)}.",
)
@click.option(
    "--operation",
    type=click.Choice(tuple(KEY_STATE_TABLE)),
    metavar="OPERATION",
    help="Only of this operation, such as Encrypt.",
)
@click.option(
    "--origin",
    type=click.Choice(OriginType),
    metavar="ORIGIN",
    help=f"Only of keys of this origin: {', '.join(OriginType)}.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(("text", "markdown", "mermaid")),
    default="text",
    show_default=True,
    help="As text; or all of it in Markdown; or the picture alone.",
)
def states(
    state: KeyState | None, operation: str | None, origin: OriginType | None, form: str
) -> None:
    """
    Tell what each key state permits, and what moves a KMS key.

    All of it is read from the code that decides it.
    """
    from kmsmodel.diagrams import arrows, key_state_table, mermaid

    if form != "text":
        if state or operation or origin:
            raise click.UsageError("--state, --operation and --origin go with --format text.")
        picture = f"```mermaid\n{mermaid()}```\n"
        click.echo(mermaid() if form == "mermaid" else f"{key_state_table()}\n{picture}", nl=False)
        return
    origins = {
        each: [
            one
            for one in OriginType
            if origin in {None, one} and any(arrow.after is each for arrow in arrows(one))
        ]
        for each in _STATES
        if state in {None, each}
    }
    if not any(origins.values()):
        raise click.UsageError(f"A KMS key of origin {origin} is never {state}.")
    answers = {
        (name, each): _answer(name, each, possible)
        for name in KEY_STATE_TABLE
        for each, possible in origins.items()
        if operation in {None, name} and possible
    }
    console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
    console.print("What AWS KMS answers in each key state", style="bold")
    if operation is None and state is None:
        _print_table(console, answers, origins)
    else:
        _print_list(console, answers, origins, by_state=state is None)
    moves = [
        _move(arrow.before or _NO_KEY, arrow.after or _NO_KEY, label)
        for arrow in arrows(origin)
        for label in arrow.labels
        if state in {None, arrow.before} and operation in {None, label}
    ]
    if moves:
        console.print("\nWhat moves a KMS key", style="bold")
        console.print("\n".join((_move("from", "to", "by"), *moves)))


def _answer(operation: str, key_state: KeyState, origins: Sequence[OriginType]) -> str:
    """What AWS KMS answers for keys of those origins that the operation takes; of all, if it takes none."""
    asked = _taken(operation, origins) or origins
    error = refusal(operation, _Key(key_state, asked[0]))
    if error is None:
        return _OK
    origin = asked[0] if len(asked) == 1 else "<ORIGIN>"
    return f"{error.code}: {error.message}".replace(f"origin is {asked[0]}", f"origin is {origin}")


def _taken(operation: str, origins: Sequence[OriginType]) -> Sequence[OriginType]:
    return [origin for origin in origins if origin in KEY_STATE_TABLE[operation].accepts]


def _only(operation: str, origins: Sequence[OriginType]) -> str:
    """The origins that an operation takes, if it takes some of these and not all."""
    taken = _taken(operation, origins)
    return "" if len(taken) in {0, len(origins)} else ", ".join(taken)


def _move(before: str, after: str, label: str) -> str:
    return f"{before:22}  {after:22}  {label}"


def _style(answer: str) -> str:
    return "green" if answer == _OK else "red"


def _print_table(console: Console, answers: _Answers, origins: _Origins) -> None:
    """Operations by key states; each column's head stands a line below the head before it."""
    operations = list(dict.fromkeys(operation for operation, _ in answers))
    key_states = list(dict.fromkeys(key_state for _, key_state in answers))
    notes = [answer for answer in dict.fromkeys(answers.values()) if answer != _OK]
    every = list(dict.fromkeys(origin for possible in origins.values() for origin in possible))
    only = {operation: _only(operation, every) for operation in operations}
    heads = [*key_states, *(["only of origin"] if any(only.values()) else [])]
    width = max(map(len, operations))
    for number, head in enumerate(heads):
        console.print(f"{'':{width}} {'|  ' * number}{head}")
    for operation in operations:
        line = Text(f"{operation:{width}}")
        for key_state in key_states:
            answer = answers[operation, key_state]
            mark = _OK if answer == _OK else str(notes.index(answer) + 1)
            line.append(f" {mark:2}", _style(answer))
        line.append(f" {only[operation]}")
        line.rstrip()
        console.print(line)
    console.print()
    for number, note in enumerate(notes, 1):
        console.print(f"{number:<2} {note}", style=_style(note))


def _print_list(console: Console, answers: _Answers, origins: _Origins, *, by_state: bool) -> None:
    """Each answer, and below it the key states or the operations that have it."""
    names: dict[str, list[str]] = {}
    for (operation, key_state), answer in answers.items():
        only = _only(operation, origins[key_state])
        name = key_state if by_state else operation
        names.setdefault(answer, []).append(f"{name} ({only} only)" if only else name)
    for answer in sorted(names, key=lambda answer: answer != _OK):
        console.print(answer, style=_style(answer))
        text = ", ".join(names[answer])
        console.print(click.wrap_text(text, console.width, _INDENT, _INDENT))
