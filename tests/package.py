"""
Does the package work where nothing else is? `make package` says.

The wheel and the sdist are built, and installed into environments of their own: alone, and with each extra by itself.
There each is imported. Nothing of this tree is on the way.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REQUIREMENTS = ROOT / "requirements"

MODULES = {
    "": "kmsmodel",
    "aioboto": "kmsmodel.boto",
    "attestation": "kmsmodel.testing.attestation",
    "boto": "kmsmodel.boto",
    "china": "gmalg",
    "cli": "kmsmodel.cli",
    "ed25519ph": "kmsmodel.crypto.ed25519ph",
    "iam": "kmsmodel.iam_file",
    "ml-kem-512": "kyber_py",
    "moto": "kmsmodel.moto",
    "server": "kmsmodel.server",
    "testing": "kmsmodel.testing.requests",
}
"""What each extra is for: a module that cannot be imported without it."""

_BY_ITSELF = """
import kmsmodel
from kmsmodel import *
local = LocalKms()
key_id = local.handle(CreateKeyRequest()).key_metadata.key_id
sealed = local.handle(EncryptRequest(key_id=key_id, plaintext=b"x")).ciphertext_blob
assert local.handle(DecryptRequest(ciphertext_blob=sealed)).plaintext == b"x"
assert "site-packages" in kmsmodel.__file__
"""


def extras() -> list[str]:
    """The extras that the project has."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return list(project["optional-dependencies"])


def main() -> int:
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run(sys.executable, "-m", "hatchling", "build", "--directory", str(folder), cwd=ROOT)
        (wheel,), (sdist,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
        for what, made in tried(folder, wheel, sdist):
            print(f"{what:14} {made}", flush=True)
    print(f"{time.monotonic() - began:.0f} s")
    return 0


def tried(folder: Path, wheel: Path, sdist: Path) -> Iterator[tuple[str, str]]:
    """What was installed and imported, one after another. Raises CalledProcessError."""
    for extra in ["", *extras()]:
        python = installed(folder / f"with-{extra}", wheel, extra)
        run(python, "-I", "-W", "error", "-c", "import kmsmodel", cwd=folder)
        run(python, "-I", "-c", f"import {MODULES[extra]}", cwd=folder)
        if not extra:
            run(python, "-I", "-W", "error", "-c", _BY_ITSELF, cwd=folder)
        yield extra or "alone", f"import {MODULES[extra]}"
    python = installed(folder / "of-sdist", sdist, "")
    run(python, "-I", "-W", "error", "-c", _BY_ITSELF, cwd=folder)
    yield "sdist", "import kmsmodel"


def installed(folder: Path, package: Path, extra: str) -> str:
    """The interpreter of a new environment with this package and extra, in the versions of the locks."""
    lock = REQUIREMENTS / ("aioboto.txt" if extra == "aioboto" else "dev.txt")
    run("uv", "venv", "--quiet", "--no-config", "--python", sys.executable, str(folder))
    python = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    what = f"kmsmodel[{extra}] @ {package.as_uri()}" if extra else str(package)
    install = ("uv", "pip", "install", "--quiet", "--no-config", "--python", str(python))
    run(*install, "--constraint", str(lock), what)
    return str(python)


def run(program: str, *words: str, cwd: Path | None = None) -> None:
    program = str(Path(sys.executable).with_name("uv")) if program == "uv" else program
    subprocess.run([program, *words], check=True, cwd=cwd, timeout=300)


if __name__ == "__main__":
    sys.exit(main())
