"""
The command line, ``kmsmodel``: its commands, and what all of them share.

The exit status is 0 if all went well, 1 if it did not, 2 if the command was not understood, and 130 if it was
interrupted; ``policy`` has another, 3. One line on standard error says what went wrong; it never shows key material.
"""

from __future__ import annotations

from typing import Any, final

import click

from kmsmodel.cli import demo, key_material, policy, policy_check, policy_diff, serve, states
from kmsmodel.cli.usage import examples


@final
class _Commands(click.Group):
    """Commands that say in one line what went wrong with a file."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            ctx.exit(130)
        except BrokenPipeError:  # the reader has closed the pipe, and click knows what to do
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

    See the life of a KMS key, make and wrap key material for import, ask who may use a key and why, or serve AWS KMS on
    this machine.
    """


commands.add_command(demo.demo)
commands.add_command(serve.serve)
commands.add_command(key_material.generate)
commands.add_command(key_material.wrap)
commands.add_command(states.states)
policy.policy.add_command(policy_check.check)
policy.policy.add_command(policy_diff.diff)
commands.add_command(policy.policy)
