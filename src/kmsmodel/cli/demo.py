"""
``kmsmodel demo``: a tour through the life of a KMS key.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import click
from rich.console import Console

from kmsmodel.cli.usage import examples


@click.command(epilog=examples("  kmsmodel demo | less"))
def demo() -> None:
    """
    Take a KMS key with imported key material through its life.

    Each request and response is printed as with the AWS CLI, in lines of 80 columns. Nothing is kept, and AWS is not
    called.
    """
    from kmsmodel.cli.tour import Tour, take
    from kmsmodel.cli.transcript import Transcript
    from kmsmodel.local import LocalKms

    with TemporaryDirectory() as folder:
        take(Tour(LocalKms(), Transcript(Console(highlight=False)), Path(folder)))
