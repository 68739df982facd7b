"""
The command line, run as a shell runs it.
"""

from __future__ import annotations

import base64
import json
import os
import re
import shlex
import signal
import stat
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request as HttpRequest, urlopen

import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from kmsmodel import __main__
from kmsmodel.cli import commands
from kmsmodel.cli.tour import CLOSING, OPENING
from kmsmodel.crypto.seeded_hsm import SeededHsm
from kmsmodel.crypto.software_cluster import SoftwareCluster
from kmsmodel.errors import InvalidCiphertextException
from kmsmodel.exploration import diagrams
from kmsmodel.key.key_metadata import KeyMetadata
from kmsmodel.key.key_spec import KEY_MATERIAL_LENGTH, SM4_KEY_LENGTH, WRAPPING
from kmsmodel.local import LocalKms
from kmsmodel.machine.key_state import KEY_STATE_TABLE, ROWS, refusal
from kmsmodel.operations.encryption import DecryptRequest, EncryptRequest
from kmsmodel.operations.importing import GetParametersForImportResponse, ImportKeyMaterialRequest
from kmsmodel.operations.keys import ListKeysRequest
from kmsmodel.words.enumerations import (
    AlgorithmSpec,
    ExpirationModelType,
    KeySpec,
    KeyState,
    OriginType,
    WrappingKeySpec,
)
from tests.attested import NITRO, public_key
from tests.basics import ACCOUNT, KEY_ID
from tests.operations.steps import arn_of, create, describe, local_kms, parameters

PAGE = Path(__file__).parents[2] / "docs" / "command-line.md"

PUBLIC_KEY = SeededHsm().wrapping_key(WrappingKeySpec.RSA_2048, "wrapping key").public_key


def run(*words: str, stdin: bytes = b"") -> Result:
    return CliRunner().invoke(commands, words, input=stdin, prog_name="kmsmodel")


def printed(*words: str) -> str:
    """What a command prints that goes well."""
    result = run(*words)
    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout


def failed(*words: str, stdin: bytes = b"") -> str:
    """The one line that a command fails with."""
    result = run(*words, stdin=stdin)
    assert (result.exit_code, result.stdout) == (1, "")
    (line,) = result.stderr.splitlines()
    return line


def misused(*words: str) -> str:
    """The last line of what a command says that was not understood."""
    result = run(*words)
    assert (result.exit_code, result.stdout) == (2, "")
    usage, *_, last = result.stderr.splitlines()
    assert usage.startswith("Usage: kmsmodel")
    return last


def program(*words: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "kmsmodel", *words)


# ---- kmsmodel


def test_it_tells_its_version() -> None:
    told = f"kmsmodel {version('kmsmodel')}\n"
    assert printed("--version") == told
    run = subprocess.run(program("--version"), capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout, run.stderr) == (0, told, "")


@pytest.mark.parametrize("command", ["", *commands.commands])
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_each_command_tells_how_it_is_used_with_an_example(command: str, option: str) -> None:
    text = printed(*command.split(), option)
    assert text.startswith(f"Usage: kmsmodel {command}")
    assert re.search(rf"  Examples?:\n    kmsmodel {command or 'states'}", text)
    assert max(map(len, text.splitlines())) <= 80


def test_each_example_of_the_help_is_understood(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "kmsmodel.server", _server(_serve_nobody))
    Path("WrappingPublicKey.bin").write_bytes(PUBLIC_KEY)
    for command in ("", *commands.commands):
        text = printed(*command.split(), "--help").partition("Example")[2].replace("\\\n", "")
        for line in re.findall(r"^ +kmsmodel (.*)$", text, re.MULTILINE):
            printed(*shlex.split(re.split("[|>]", line)[0]))
    assert Path("EncryptedKeyMaterial.bin").exists()


def test_the_example_of_serve_can_be_pasted_where_nothing_is_configured() -> None:
    """A client of AWS asks for a Region, and for credentials."""
    text = printed("serve", "--help")
    exported, _, asked = text.partition("    aws kms ")
    assert asked
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"):
        assert re.search(rf"^    export .*\b{name}=\w", exported, re.MULTILINE)


@pytest.mark.parametrize("needed", ["click", "rich"])
def test_without_its_extra_it_says_which_to_install(needed: str) -> None:
    script = (
        f"import sys; sys.modules[{needed!r}] = None; from kmsmodel.__main__ import main; main()"
    )
    run = subprocess.run(
        (sys.executable, "-c", script), capture_output=True, text=True, check=False
    )
    message = (
        "Error: the command line needs an extra: pip install '.[cli]' in a clone of kmsmodel\n"
    )
    assert (run.returncode, run.stdout, run.stderr) == (1, "", message)


def test_what_is_missing_for_another_reason_is_not_taken_for_an_extra(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in [name for name in sys.modules if name.startswith("kmsmodel.cli")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "kmsmodel.machine.key_state", None)
    with pytest.raises(ModuleNotFoundError):
        __main__.main()


def test_an_unknown_command_is_not_understood() -> None:
    assert misused("conquer") == "Error: No such command 'conquer'."


@pytest.mark.parametrize(
    "words",
    [
        ("states",),
        ("demo",),
        ("generate", "--output", "-"),
        ("--help",),
    ],
    ids=" ".join,
)
def test_a_reader_who_has_had_enough_is_no_trouble(words: tuple[str, ...]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        run = subprocess.run(program(*words), stdout=writer, stderr=subprocess.PIPE, check=False)
    finally:
        os.close(writer)
    assert (run.returncode, run.stderr) == (1, b"")


def test_a_command_that_is_interrupted_ends_with_130(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    files = ("--public-key", str(fifo), "--key-material", "-", "--output", "-")
    command = program("wrap", "--algorithm", "RSAES_OAEP_SHA_256", *files)
    # What a shell starts in the background ignores this signal, and so do its children.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    finally:
        signal.signal(signal.SIGINT, before)
    with process, fifo.open("wb"):  # opens as soon as it is read
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, b"", b"")


@pytest.mark.parametrize("begun", ["Pending", "pend"])
def test_bash_can_complete_what_is_typed(begun: str) -> None:
    typed = {"COMP_WORDS": f"kmsmodel states --state {begun}", "COMP_CWORD": "3"}
    environment = {**os.environ, "_KMSMODEL_COMPLETE": "bash_complete", **typed}
    run = subprocess.run(program(), env=environment, capture_output=True, text=True, check=True)
    states = [state for state in STATES if state.startswith("Pending")]
    assert run.stdout.splitlines() == [f"plain,{state}" for state in states]


# ---- demo


def test_the_demo_is_plain_text_in_a_pipe() -> None:
    run = subprocess.run(program("demo"), capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith("\n".join(OPENING))
    assert run.stdout.endswith("{}\n{}\n".format(*CLOSING))
    assert "\x1b" not in run.stdout


# ---- serve


def _server(serve: Any) -> ModuleType:
    module = ModuleType("kmsmodel.server")
    vars(module)["serve"] = serve
    return module


def _serve_nobody(
    _local: LocalKms, *, host: str, port: int, host_names: tuple[str, ...], console: bool
) -> None:
    pass


def _served(monkeypatch: pytest.MonkeyPatch, *words: str) -> tuple[LocalKms, str, int]:
    """What the server is given to serve, and where."""
    given: list[tuple[LocalKms, str, int]] = []

    def serve(
        local: LocalKms, *, host: str, port: int, host_names: tuple[str, ...], console: bool
    ) -> None:
        assert host_names == (("kms", "kms.test") if "--host-name" in words else ())
        assert console is ("--console" in words)
        given.append((local, host, port))

    monkeypatch.setitem(sys.modules, "kmsmodel.server", _server(serve))
    assert printed("serve", *words) == ""
    (one,) = given
    return one


def test_it_serves_an_aws_kms_without_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    local, host, port = _served(monkeypatch)
    assert (host, port) == ("127.0.0.1", 8080)
    assert (local.account, local.region) == (ACCOUNT, "us-west-2")
    assert local.handle(ListKeysRequest()).keys == ()


def test_where_and_for_whom_it_serves_can_be_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    words = (
        "--host ::1 --port 0 --account 444455556666 --region eu-west-1 "
        "--host-name kms --host-name kms.test --console"
    )
    local, host, port = _served(monkeypatch, *words.split())
    assert (host, port) == ("::1", 0)
    assert arn_of(create(local)).startswith("arn:aws:kms:eu-west-1:444455556666:key/")


def test_equal_seeds_draw_equal_keys_and_no_seed_draws_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def key_id(*words: str) -> str:
        local, _, _ = _served(monkeypatch, *words)
        return create(local).key_id

    for seed in ("a", ""):
        assert key_id("--hsm-seed", seed) == key_id("--hsm-seed", seed)
    assert (
        len(
            {
                key_id("--hsm-seed", "a"),
                key_id("--hsm-seed", "b"),
                key_id("--hsm-seed", ""),
                key_id(),
            }
        )
        == 4
    )
    assert key_id() != key_id()


@pytest.mark.parametrize(
    "words, message",
    [
        (("--account", "123"), "account must be an account id of twelve digits."),
        (("--region", "Mars"), "region must be the name of a Region, such as us-west-2."),
        (("--port", "-1"), "Invalid value for '--port': -1 is not in the range 0<=x<=65535."),
    ],
)
def test_what_cannot_be_served_is_not_understood(
    words: tuple[str, ...], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "kmsmodel.server", _server(None))
    assert misused("serve", *words) == f"Error: {message}"


def test_an_address_that_cannot_be_had_is_told_in_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def serve(*_: object, **__: object) -> None:
        raise OSError(98, "Address already in use")

    monkeypatch.setitem(sys.modules, "kmsmodel.server", _server(serve))
    assert failed("serve") == "Error: Address already in use"


def test_users_and_roles_may_be_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "iam.yaml"
    file.write_text("accounts: {111122223333: {users: {Ada: {access_keys: [AKIA1]}}}}\n")
    local, _, _ = _served(monkeypatch, "--iam", str(file))
    assert local.who("AKIA1").keys() == {"caller"}
    file.write_text("accounts:\n  111122223333: {user: {}}\n")
    line = failed("serve", "--iam", str(file))
    known = "scps, policies, groups, users, roles"
    assert line == f"Error: {file}, line 2: user is not one of {known}"
    assert "No such file" in failed("serve", "--iam", str(tmp_path / "missing.yaml"))
    result = run("serve", "--iam", "-", stdin=b"accounts: {")
    assert result.stderr.startswith("Error: standard input, line 1: ")


@pytest.mark.parametrize("seed", [(), ("--hsm-seed", "a")])
def test_the_roots_of_attestation_documents_may_be_in_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, seed: tuple[str, ...]
) -> None:
    file = tmp_path / "root.pem"
    file.write_bytes(NITRO.root)
    local, _, _ = _served(monkeypatch, "--attestation-root", str(file), *seed)
    document = NITRO.attestation_document(
        at=local.clock.now(), public_key=public_key(), pcrs={0: bytes(48)}
    )
    assert local.hsm.attestation(document, local.clock.now()).pcrs == {0: bytes(48)}
    file.write_text("not a certificate")
    line = failed("serve", "--attestation-root", str(file), *seed)
    assert line == f"Error: {file}: no X.509 certificates in PEM"
    assert "No such file" in failed("serve", "--attestation-root", str(tmp_path / "missing"))


def test_keys_to_begin_with_may_be_in_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "seed.toml"
    file.write_text(f'keys = [{{ key_id = "{KEY_ID}", aliases = ["alias/orders"] }}]\n')
    local, _, _ = _served(monkeypatch, "--seed", str(file))
    arn = f"arn:aws:kms:us-west-2:{ACCOUNT}:key/{KEY_ID}"
    assert local.dispatch("DescribeKey", {"KeyId": "alias/orders"})["KeyMetadata"]["Arn"] == arn
    file.write_text(f'account = "444455556666"\nkeys = [{{ key_id = "{KEY_ID}" }}]\n')
    local, _, _ = _served(monkeypatch, "--seed", str(file), "--region", "eu-central-1")
    (key,) = local.dispatch("ListKeys", {})["Keys"]
    assert key["KeyArn"] == f"arn:aws:kms:eu-central-1:444455556666:key/{KEY_ID}"
    file.write_text('keys = [{ key_id = "orders" }]\n')
    expected = "keys[0].key_id: a key id is a UUID, or mrk- and 32 hexadecimal digits"
    assert failed("serve", "--seed", str(file)) == f"Error: {file}:1: {expected}"
    file.write_text("keys = 5\n")
    assert failed("serve", "--seed", str(file)) == f"Error: {file}:1: keys must be a list"
    assert "No such file" in failed("serve", "--seed", str(tmp_path / "missing.toml"))
    for stdin in (b'{"keys": 5}', b"keys = 5"):
        result = run("serve", "--seed", "-", stdin=stdin)
        assert result.stderr == "Error: standard input:1: keys must be a list\n"


def test_what_lies_behind_custom_key_stores_may_be_in_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "stores.toml"
    file.write_text('clusters = [{ cluster_id = "cluster-aaaaaaaaaaa" }]\n')
    words = ("--key-stores", str(file), "--hsm-seed", "a")
    (one, _, _), (two, _, _) = (_served(monkeypatch, *words) for _ in range(2))
    (cluster,), (same,) = one.key_stores.clusters, two.key_stores.clusters
    assert isinstance(cluster, SoftwareCluster)
    assert isinstance(same, SoftwareCluster)
    assert (cluster.cluster_id, cluster.secret) == ("cluster-aaaaaaaaaaa", same.secret)
    file.write_text("clusters = 5\n")
    line = failed("serve", "--key-stores", str(file))
    assert line == f"Error: {file}: clusters must be a list"
    assert "No such file" in failed("serve", "--key-stores", str(tmp_path / "missing.toml"))
    for stdin in (b'{"clusters": 5}', b"clusters = 5"):
        result = run("serve", "--key-stores", "-", stdin=stdin)
        assert result.stderr == "Error: standard input: clusters must be a list\n"


def test_json_on_standard_input_may_begin_with_a_byte_order_mark() -> None:
    result = run("serve", "--seed", "-", stdin=b'\xef\xbb\xbf {"keys": 5}')
    assert result.stderr == "Error: standard input:1: keys must be a list\n"


def test_only_one_file_comes_from_standard_input() -> None:
    result = run("serve", "--seed", "-", "--key-stores", "-")
    assert result.stderr.endswith("Error: Only one FILE can be standard input.\n")


def test_equal_seeds_of_the_hsm_open_each_others_ciphertexts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "seed.toml"
    file.write_text(f'keys = [{{ key_id = "{KEY_ID}" }}]\n')
    words = ("--seed", str(file), "--hsm-seed")
    (one, _, _), (two, _, _) = (_served(monkeypatch, *words, "a") for _ in range(2))
    other, _, _ = _served(monkeypatch, *words, "b")
    sealed = one.handle(EncryptRequest(key_id=KEY_ID, plaintext=b"x")).ciphertext_blob
    assert two.handle(DecryptRequest(ciphertext_blob=sealed)).plaintext == b"x"
    with pytest.raises(InvalidCiphertextException):
        other.handle(DecryptRequest(ciphertext_blob=sealed))


def test_without_the_extra_of_the_file_it_says_which_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    monkeypatch.delitem(sys.modules, "kmsmodel.iam_file", raising=False)
    needed = "Error: --iam needs an extra: pip install '.[iam]' in a clone of kmsmodel"
    (tmp_path / "iam.yaml").touch()
    assert failed("serve", "--iam", str(tmp_path / "iam.yaml")) == needed


def test_without_the_extra_of_the_server_it_says_which_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delitem(sys.modules, "kmsmodel.server", raising=False)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    needed = "Error: serve needs an extra: pip install '.[server]' in a clone of kmsmodel"
    assert failed("serve") == needed
    monkeypatch.setitem(sys.modules, "kmsmodel.server", None)
    assert isinstance(run("serve").exception, ModuleNotFoundError)


def test_aws_kms_is_served_until_it_is_interrupted() -> None:
    command = program("serve", "--port", "0", "--hsm-seed", "a")
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        headers = {
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": "TrentService.CreateKey",
        }
        with urlopen(HttpRequest(address, b'{"Origin": "EXTERNAL"}', headers)) as response:
            metadata = json.load(response)["KeyMetadata"]
        headers["X-Amz-Target"] = "TrentService.CreateKey"
        with pytest.raises(HTTPError) as refused:
            urlopen(HttpRequest(address, b'{"Policy": "no policy"}', headers))
        refused.value.close()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert (metadata["KeyState"], metadata["AWSAccountId"]) == ("PendingImport", ACCOUNT)
    assert (process.returncode, out) == (0, "")
    who = f"CreateKey by arn:aws:iam::{ACCOUNT}:root in us-west-2: MalformedPolicyDocumentException"
    assert err.splitlines()[0] == who
    assert err.splitlines()[1].startswith("  the key policy is not JSON: ")


# ---- generate


def _external(
    key_spec: KeySpec, algorithm: AlgorithmSpec = AlgorithmSpec.RSAES_OAEP_SHA_256
) -> tuple[LocalKms, str, GetParametersForImportResponse]:
    """A KMS, the ARN of a key of origin EXTERNAL in it, and what step 2 gives."""
    local = local_kms()
    usages = {
        KeySpec.SYMMETRIC_DEFAULT: "ENCRYPT_DECRYPT",
        **{spec: "GENERATE_VERIFY_MAC" for spec in KeySpec if spec.startswith("HMAC_")},
    }
    usage = usages.get(key_spec, "SIGN_VERIFY")
    arn = arn_of(create(local, origin="EXTERNAL", key_spec=key_spec, key_usage=usage))
    return local, arn, parameters(local, arn, algorithm)


def _imported(local: LocalKms, arn: str, token: bytes, wrapped: bytes) -> KeyState:
    """The key state after key material was imported."""
    request = ImportKeyMaterialRequest(
        key_id=arn,
        import_token=token,
        encrypted_key_material=wrapped,
        expiration_model=ExpirationModelType.KEY_MATERIAL_DOES_NOT_EXPIRE,
    )
    local.handle(request)
    state = describe(local, arn).key_state
    assert state is not None
    return KeyState(state)


@pytest.mark.parametrize("key_spec", list(WRAPPING))
def test_what_is_generated_and_wrapped_can_be_imported(key_spec: KeySpec, tmp_path: Path) -> None:
    material, wrapped = tmp_path / "material", tmp_path / "wrapped"
    algorithm = list(WRAPPING[key_spec])[-1]
    local, arn, given = _external(key_spec, algorithm)
    (tmp_path / "public").write_bytes(given.public_key)
    assert printed("generate", "--key-spec", key_spec, "--output", str(material)) == ""
    files = ("--public-key", str(tmp_path / "public"), "--key-material", str(material))
    assert printed("wrap", "--algorithm", algorithm, *files, "--output", str(wrapped)) == ""
    assert _imported(local, arn, given.import_token, wrapped.read_bytes()) is KeyState.Enabled


def test_a_private_key_in_pem_is_wrapped_as_it_is_in_der(tmp_path: Path) -> None:
    algorithm = AlgorithmSpec.RSA_AES_KEY_WRAP_SHA_256
    local, arn, given = _external(KeySpec.RSA_2048, algorithm)
    private_key = SeededHsm().rsa_key(2048, "in PEM")
    pem = private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for name, content in (("public", given.public_key), ("material", pem)):
        (tmp_path / name).write_bytes(content)
    files = ("--public-key", tmp_path / "public", "--key-material", tmp_path / "material")
    wrapped = tmp_path / "wrapped"
    words = [str(word) for word in (*files, "--output", wrapped)]
    assert printed("wrap", "--algorithm", algorithm, *words) == ""
    assert _imported(local, arn, given.import_token, wrapped.read_bytes()) is KeyState.Enabled


def test_a_symmetric_encryption_key_is_generated_unless_another_is_asked_for() -> None:
    lengths = {spec: len(_generated("--key-spec", spec)) for spec in KEY_MATERIAL_LENGTH}
    assert lengths == KEY_MATERIAL_LENGTH
    assert len(_generated()) == KEY_MATERIAL_LENGTH[KeySpec.SYMMETRIC_DEFAULT]
    assert _generated() != _generated()
    assert len(_generated("--region", "cn-north-1")) == SM4_KEY_LENGTH


def _generated(*words: str) -> bytes:
    result = run("generate", *words, "--output", "-")
    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout_bytes


@pytest.mark.parametrize(
    "key_spec, told", [("RSA_3072", "3072 bit"), ("ECC_NIST_P384", "secp384r1")]
)
def test_openssl_reads_a_private_key_that_was_generated(
    key_spec: str, told: str, tmp_path: Path
) -> None:
    file = tmp_path / "key.der"
    printed("generate", "--key-spec", key_spec, "--output", str(file))
    command = ("openssl", "pkey", "-inform", "DER", "-noout", "-text", "-in", str(file))
    assert told in subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("key_spec", sorted(map(str, set(KeySpec) - set(WRAPPING))))
def test_key_material_that_cannot_be_imported_is_not_generated(key_spec: str) -> None:
    assert f"'{key_spec}' is not one of" in misused(
        "generate", "--key-spec", key_spec, "--output", "-"
    )


# ---- files


def test_a_new_file_is_its_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "material"
    printed("generate", "--output", str(file))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_file_is_written_over_only_by_force(tmp_path: Path) -> None:
    file = tmp_path / "material"
    file.write_bytes(b"precious")
    message = f"Error: {file} exists; --force writes over it"
    assert failed("generate", "--output", str(file)) == message
    assert file.read_bytes() == b"precious"
    assert printed("generate", "--output", str(file), "--force") == ""
    assert len(file.read_bytes()) == 32


@pytest.mark.parametrize("source", ["public", "material"])
def test_what_was_read_is_not_written_over_even_by_force(source: str, tmp_path: Path) -> None:
    words = _wrap(tmp_path, source)
    before = (tmp_path / source).read_bytes()
    message = f"Error: {tmp_path / source} was read, and is not written over"
    assert failed(*words, "--force") == message
    assert (tmp_path / source).read_bytes() == before


def _wrap(folder: Path, output: str, public_key: bytes = PUBLIC_KEY) -> tuple[str, ...]:
    """A command to wrap key material, all of whose files are in the folder."""
    (folder / "public").write_bytes(public_key)
    (folder / "material").write_bytes(b"m" * 32)
    files = {"--public-key": "public", "--key-material": "material", "--output": output}
    words = (word for option, name in files.items() for word in (option, str(folder / name)))
    return ("wrap", "--algorithm", "RSAES_OAEP_SHA_256", *words)


def test_a_folder_that_is_not_there_is_told_in_a_line(tmp_path: Path) -> None:
    file = tmp_path / "no" / "material"
    assert failed("generate", "--output", str(file)) == f"Error: {file}: No such file or directory"
    assert misused("generate", "--output", str(tmp_path)).endswith("is a directory.")


# ---- wrap


PEM = b"-----BEGIN PUBLIC KEY-----\n%b-----END PUBLIC KEY-----\n"


@pytest.mark.parametrize("algorithm", list(WRAPPING[KeySpec.SYMMETRIC_DEFAULT]))
@pytest.mark.parametrize("form", ["DER", "PEM", "base64", "base64 in lines", "base64 in quotes"])
def test_a_public_key_may_have_any_form_that_people_have_it_in(
    form: str, algorithm: AlgorithmSpec, tmp_path: Path
) -> None:
    local, arn, given = _external(KeySpec.SYMMETRIC_DEFAULT, algorithm)
    forms = {
        "DER": given.public_key,
        "PEM": PEM % base64.encodebytes(given.public_key),
        "base64": base64.b64encode(given.public_key) + b"\n",
        "base64 in lines": base64.encodebytes(given.public_key),
        "base64 in quotes": b'"%b"\n' % base64.b64encode(given.public_key),
    }
    words = list(_wrap(tmp_path, "wrapped", forms[form]))
    words[words.index("--algorithm") + 1] = algorithm
    assert printed(*words) == ""
    wrapped = (tmp_path / "wrapped").read_bytes()
    assert _imported(local, arn, given.import_token, wrapped) is KeyState.Enabled


def test_openssl_unwraps_what_was_wrapped(tmp_path: Path) -> None:
    for command in (
        "openssl genrsa -out private.pem 2048",
        "openssl rsa -in private.pem -pubout -outform DER -out public",
    ):
        subprocess.run(command.split(), cwd=tmp_path, check=True, capture_output=True)
    printed(*_wrap(tmp_path, "wrapped", (tmp_path / "public").read_bytes()))
    command = (
        "openssl pkeyutl -decrypt -inkey private.pem -in wrapped -pkeyopt rsa_padding_mode:oaep "
        "-pkeyopt rsa_oaep_md:sha256 -pkeyopt rsa_mgf1_md:sha256"
    )
    opened = subprocess.run(command.split(), cwd=tmp_path, check=True, capture_output=True)
    assert opened.stdout == b"m" * 32


def test_key_material_may_come_by_standard_input_and_go_by_standard_output(tmp_path: Path) -> None:
    local, arn, given = _external(KeySpec.SYMMETRIC_DEFAULT)
    (tmp_path / "public").write_bytes(given.public_key)
    files = ("--public-key", str(tmp_path / "public"), "--key-material", "-", "--output", "-")
    result = run("wrap", "--algorithm", "RSAES_OAEP_SHA_256", *files, stdin=b"m" * 32)
    assert (result.exit_code, result.stderr) == (0, "")
    wrapped = result.stdout_bytes
    assert _imported(local, arn, given.import_token, wrapped) is KeyState.Enabled


def test_only_one_file_can_be_standard_input() -> None:
    files = ("--public-key", "-", "--key-material", "-", "--output", "-")
    message = "Error: Only one FILE can be standard input."
    assert misused("wrap", "--algorithm", "RSAES_OAEP_SHA_256", *files) == message


ECC_PUBLIC_KEY = SeededHsm().public_key(SeededHsm().generate(KeySpec.ECC_NIST_P256, "another"))


@pytest.mark.parametrize(
    "public_key",
    [
        b"not a key",
        b"bm90IGEga2V5",
        PUBLIC_KEY[:-1],
        PEM % b"bm90IGEga2V5",
        ECC_PUBLIC_KEY,
        base64.b64encode(ECC_PUBLIC_KEY),
    ],
)
def test_what_is_no_rsa_public_key_is_refused_and_nothing_written(
    public_key: bytes, tmp_path: Path
) -> None:
    message = f"Error: {tmp_path / 'public'} is not an RSA public key in DER, PEM or base64"
    assert failed(*_wrap(tmp_path, "wrapped", public_key)) == message
    assert not (tmp_path / "wrapped").exists()


def test_key_material_that_is_too_long_is_refused_and_not_shown(tmp_path: Path) -> None:
    words = _wrap(tmp_path, "wrapped")
    (tmp_path / "material").write_bytes(b"secret" * 100)
    assert failed(*words) == (
        "Error: 600 bytes are too many for RSAES_OAEP_SHA_256 and this public key; "
        "a private key is wrapped by RSA_AES_KEY_WRAP_SHA_256"
    )
    assert not (tmp_path / "wrapped").exists()


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    words = _wrap(tmp_path, "wrapped")
    (tmp_path / "material").write_bytes(b"")
    assert failed(*words) == f"Error: {tmp_path / 'material'} is empty"
    assert failed(*words[:-3], "-", *words[-2:], stdin=b"") == "Error: - is empty"
    (tmp_path / "public").unlink()
    assert failed(*words) == f"Error: {tmp_path / 'public'}: No such file or directory"


@pytest.mark.parametrize("algorithm", ["RSAES_PKCS1_V1_5", "SM2PKE", "ROT13"])
def test_an_algorithm_that_nothing_can_be_imported_under_is_not_understood(algorithm: str) -> None:
    files = ("--public-key", "p", "--key-material", "m", "--output", "o")
    assert f"'{algorithm}' is not one of" in misused("wrap", "--algorithm", algorithm, *files)


# ---- states


STATES = [KeyState(state) for state in KEY_STATE_TABLE["Encrypt"].cells]

_REPLICATED = [OriginType.AWS_KMS, OriginType.EXTERNAL]

ORIGINS = {
    KeyState.PendingImport: [OriginType.EXTERNAL],
    KeyState.Unavailable: [OriginType.AWS_CLOUDHSM, OriginType.EXTERNAL_KEY_STORE],
    KeyState.Creating: _REPLICATED,
    KeyState.Updating: _REPLICATED,
    KeyState.PendingReplicaDeletion: _REPLICATED,
}
"""Which keys can be in a key state that not all can be in."""


def _possible(state: KeyState) -> list[OriginType]:
    return ORIGINS.get(state, list(OriginType))


def _told(operation: str, state: KeyState, origin: OriginType) -> str:
    """What AWS KMS answers, as the command line tells it."""
    metadata = KeyMetadata(key_id="", arn="<ARN>", key_state=state, origin=origin)
    error = refusal(operation, metadata)
    return "ok" if error is None else f"{error.code}: {error.message}"


def _list(*words: str) -> dict[str, str]:
    """Each answer, and the text below it."""
    text = printed("states", *words).partition("\n\n")[0]
    lines: dict[str, str] = {}
    answer = ""
    for line in text.splitlines()[1:]:
        if line.startswith(" "):
            lines[answer] = f"{lines[answer]} {line.strip()}".strip()
        else:
            answer = line
            lines[answer] = ""
    return lines


def _table(*words: str) -> tuple[list[str], dict[str, list[str]], dict[str, str]]:
    """The key states, the answers to each operation in them, and which keys it takes."""
    table, notes, _ = printed("states", *words).split("\n\n")
    _, *lines = table.splitlines()
    heads = [re.sub(r"^[ |]*", "", line) for line in lines if line.startswith((" ", "|"))]
    texts = {"ok": "ok"}
    for note in notes.splitlines():
        mark, texts[mark] = note.split(maxsplit=1)
    answers: dict[str, list[str]] = {}
    only: dict[str, str] = {}
    for line in lines[len(heads) :]:
        operation, *marks = line.split(maxsplit=len(STATES) + 1)
        answers[operation] = [texts[mark] for mark in marks[: len(STATES)]]
        only[operation] = "".join(marks[len(STATES) :])
    return heads, answers, only


def test_the_whole_table_is_awss() -> None:
    heads, answers, only = _table()
    assert heads == [*STATES, "only of origin"]
    assert list(answers) == list(KEY_STATE_TABLE)
    for operation, row in KEY_STATE_TABLE.items():
        accepts = [origin for origin in OriginType if origin in row.accepts]
        every = len(accepts) == len(OriginType)
        assert only[operation] == ("" if every else ", ".join(accepts))
        for state, answer in zip(STATES, answers[operation], strict=True):
            asked = [origin for origin in _possible(state) if origin in accepts]
            asked = asked or _possible(state)
            if not set(asked) & row.accepts and len(asked) > 1:
                assert answer == NOT_VALID
            else:
                assert {answer} == {_told(operation, state, origin) for origin in asked}


NOT_VALID = (
    "UnsupportedOperationException: <ARN> origin is <ORIGIN> which is not valid for this operation."
)


@pytest.mark.parametrize("origin", list(OriginType))
def test_of_one_origin_the_table_has_what_its_keys_are_answered(origin: OriginType) -> None:
    states = [state for state in STATES if origin in _possible(state)]
    assert _table("--origin", origin) == (
        states,
        {
            operation: [_told(operation, state, origin) for state in states]
            for operation in KEY_STATE_TABLE
        },
        dict.fromkeys(KEY_STATE_TABLE, ""),
    )


@pytest.mark.parametrize(
    "state, origin", [(state, origin) for state in STATES for origin in _possible(state)]
)
def test_of_one_key_state_each_operation_stands_below_its_answer(
    state: KeyState, origin: OriginType
) -> None:
    expected: dict[str, list[str]] = {}
    for operation in KEY_STATE_TABLE:
        expected.setdefault(_told(operation, state, origin), []).append(operation)
    told = _list("--state", state, "--origin", origin)
    assert told == {answer: ", ".join(names) for answer, names in expected.items()}
    assert next(iter(told)) == "ok"
    if len(_possible(state)) == 1:
        assert _list("--state", state) == told


@pytest.mark.parametrize("operation", list(ROWS))
@pytest.mark.parametrize("origin", list(OriginType))
def test_of_one_operation_each_key_state_stands_below_its_answer(
    operation: str, origin: OriginType
) -> None:
    expected: dict[str, list[str]] = {}
    for state in STATES:
        if origin in _possible(state):
            expected.setdefault(_told(operation, state, origin), []).append(state)
            one = _list("--operation", operation, "--origin", origin, "--state", state)
            assert one == {_told(operation, state, origin): operation}
    told = _list("--operation", operation, "--origin", origin)
    assert told == {answer: ", ".join(names) for answer, names in expected.items()}


def test_without_an_origin_it_says_which_keys_an_answer_is_for() -> None:
    assert _list("--operation", "ImportKeyMaterial") == {
        "ok": (
            "Enabled (EXTERNAL only), Disabled (EXTERNAL only), PendingImport, "
            "Updating (EXTERNAL only)"
        ),
        "KMSInvalidStateException: <ARN> is pending deletion.": "PendingDeletion (EXTERNAL only)",
        "KMSInvalidStateException: <ARN> is pending replica deletion.": (
            "PendingReplicaDeletion (EXTERNAL only)"
        ),
        "KMSInvalidStateException: <ARN> is creating.": "Creating (EXTERNAL only)",
        NOT_VALID: "Unavailable",
    }


@pytest.mark.parametrize("operation", ["CreateKey", "ListKeys", "MakeCoffee"])
def test_an_operation_on_no_key_is_not_understood(operation: str) -> None:
    told = misused("states", "--operation", operation)
    assert f"'{operation}' is not one of 'CancelKeyDeletion', 'CreateAlias', " in told


def test_what_is_chosen_may_be_typed_in_any_case_and_is_told_in_awss() -> None:
    asked = ("--state", "PendingImport", "--operation", "Encrypt", "--origin", "EXTERNAL")
    expected = printed("states", *asked)
    assert printed("states", *map(str.lower, asked)) == expected
    assert printed("states", "--format", "MERMAID") == diagrams.mermaid()
    assert len(_generated("--key-spec", "hmac_384")) == 48
    told = misused("states", "--state", "pendingExport")
    assert "'pendingExport' is not one of 'Enabled', 'Disabled', 'PendingDeletion', " in told


def test_a_wrapping_algorithm_may_be_typed_in_any_case(tmp_path: Path) -> None:
    words = _wrap(tmp_path, "wrapped")
    assert (
        printed(*(word.replace("RSAES_OAEP_SHA_256", "rsaes_oaep_sha_256") for word in words)) == ""
    )
    assert len((tmp_path / "wrapped").read_bytes()) == 256


def test_a_key_state_that_no_key_of_an_origin_can_be_in_is_not_understood() -> None:
    told = misused("states", "--origin", "AWS_KMS", "--state", "PendingImport")
    assert told == "Error: A KMS key of origin AWS_KMS is never PendingImport."


def _moves(*words: str) -> list[tuple[str, ...]]:
    _, _, moves = printed("states", *words).partition("What moves a KMS key\n")
    heads, *lines = (tuple(re.split("  +", line)) for line in moves.splitlines())
    assert heads == ("from", "to", "by")
    return lines


def test_all_that_moves_a_key_is_told() -> None:
    assert _moves() == [
        (arrow.before or "(no key)", arrow.after or "(no key)", label)
        for arrow in diagrams.arrows()
        for label in arrow.labels
    ]


def test_what_moves_a_key_is_told_of_its_key_state_the_operation_and_its_origin() -> None:
    of_state = ("--state", "PendingImport")
    assert _moves(*of_state) == [
        ("PendingImport", "Enabled", "ImportKeyMaterial"),
        ("PendingImport", "PendingDeletion", "ScheduleKeyDeletion"),
        ("PendingImport", "PendingReplicaDeletion", "ScheduleKeyDeletion"),
    ]
    assert _moves(*of_state, "--operation", "ImportKeyMaterial") == _moves(*of_state)[:1]
    assert _moves("--operation", "CancelKeyDeletion", "--origin", "EXTERNAL_KEY_STORE") == [
        ("PendingDeletion", "Disabled", "CancelKeyDeletion"),
        ("PendingDeletion", "Unavailable", "CancelKeyDeletion"),
    ]
    assert "What moves" not in printed("states", "--operation", "Encrypt")


@pytest.mark.parametrize("words", [(), *(("--state", state) for state in STATES)], ids=" ".join)
def test_it_can_be_read_in_80_columns(words: tuple[str, ...]) -> None:
    """But for one message of AWS's, which is longer than that by itself."""
    lines = printed("states", *words).splitlines()
    long = [line for line in lines if len(line) > 80]
    assert all("which is not valid for this operation." in line for line in long)
    assert not any(line.endswith(" ") for line in lines)


def test_it_is_in_colour_on_a_terminal_only() -> None:
    asked = ("states", "--state", "Disabled")
    terminal = {"FORCE_COLOR": "1", "TERM": "xterm"}
    told = CliRunner().invoke(commands, asked, env=terminal).stdout
    assert "\x1b[32mok\x1b[0m" in told
    assert re.sub("\x1b[^m]*m", "", told) == printed(*asked)


def test_each_format_prints_what_its_name_says() -> None:
    assert printed("states", "--format", "text") == printed("states")
    assert printed("states", "--format", "mermaid") == diagrams.mermaid()
    picture = f"```mermaid\n{diagrams.mermaid()}```\n"
    markdown = f"{diagrams.key_state_table()}\n{picture}"
    assert printed("states", "--format", "markdown") == markdown


def test_the_command_that_the_page_of_the_tables_names_prints_that_page() -> None:
    command, page = diagrams.COMMAND.split(" >")
    text = (PAGE.parents[1] / page).read_text("utf-8")
    assert printed(*command.split()[1:]) == text, f"Print it again: {diagrams.COMMAND}"


@pytest.mark.parametrize("form", ["markdown", "mermaid", "page"])
@pytest.mark.parametrize(
    "words",
    [("--state", "Enabled"), ("--operation", "Encrypt"), ("--origin", "EXTERNAL")],
    ids=" ".join,
)
def test_only_text_tells_of_some_keys_alone(form: str, words: tuple[str, str]) -> None:
    message = "Error: --state, --operation and --origin go with --format text."
    assert misused("states", "--format", form, *words) == message


# ---- the page of the docs


def test_the_page_shows_what_is_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    local, arn, given = _external(KeySpec.SYMMETRIC_DEFAULT)
    monkeypatch.chdir(tmp_path)
    Path("WrappingPublicKey.b64").write_bytes(base64.b64encode(given.public_key))
    blocks = re.findall(r"```console\n\$ (.*?[^\\])\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert len(blocks) == 7
    for line, shown in blocks:
        output = ""
        stdin = b""
        for command in line.replace("\\\n", "").split(" | "):
            program_name, *words = shlex.split(command)
            assert program_name == "kmsmodel"
            result = run(*words, stdin=stdin)
            output, stdin = result.output, result.stdout_bytes
        assert output == shown
    wrapped = Path("EncryptedKeyMaterial.bin").read_bytes()
    assert _imported(local, arn, given.import_token, wrapped) is KeyState.Enabled
    assert Path("EncryptedPrivateKey.bin").exists()
