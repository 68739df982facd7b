"""
``kmsmodel demo``: a walk through the life of a KMS key.
"""

from __future__ import annotations

import click

from kmsmodel.cli.usage import examples


@click.command(epilog=examples("  kmsmodel demo | less"))
def demo() -> None:
    """
    Walk a KMS key with imported key material through its life.

    Each request and answer is printed as the AWS CLI would print it. Nothing is kept, and nothing leaves this machine.
    """
    from kmsmodel.cli.walk import main

    main()
