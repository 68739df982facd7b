"""
The command line, ``kmsmodel``: its commands, and what all of them share.

Exit status: 0 when all went well, 1 when it did not, 2 when the command was not understood, 130 when it was
interrupted. What went wrong is told in one line on standard error; key material never is.
"""

from __future__ import annotations

from typing import Any, final

import click

from kmsmodel.cli import demo, key_material, serve, states
from kmsmodel.cli.usage import examples


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


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=examples("  kmsmodel states --state PendingImport"),
)
@click.version_option(package_name="kmsmodel", message="kmsmodel %(version)s")
def commands() -> None:
    """
    An executable model of AWS KMS.

    Look at the life of a KMS key, make and wrap key material for import, or serve AWS KMS on this machine.
    """


commands.add_command(demo.demo)
commands.add_command(serve.serve)
commands.add_command(key_material.generate)
commands.add_command(key_material.wrap)
commands.add_command(states.states)
