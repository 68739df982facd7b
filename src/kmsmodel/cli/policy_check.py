"""
``kmsmodel policy check``: whether the key policies in files and folders keep rules.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from kmsmodel.cli.policy_files import (
    ACCOUNT,
    ASSUME,
    FILES,
    FORMAT,
    PARAMETERS,
    job,
    known,
)
from kmsmodel.cli.terminal import Terminal, printable
from kmsmodel.cli.usage import examples

if TYPE_CHECKING:
    from kmsmodel.pipeline.files import Known
    from kmsmodel.pipeline.results import Report, Result


@click.command(
    epilog=examples(
        "  kmsmodel policy check vault.json --account 111122223333",
        "  kmsmodel policy check infrastructure/ --rules rules.toml --format sarif",
    )
)
@click.argument("files", nargs=-1, required=True, type=FILES, metavar="FILES...")
@ACCOUNT
@click.option(
    "--rules",
    "rules_name",
    default="standard",
    show_default=True,
    metavar="RULES",
    help="The name of a rule or of a set of them (standard, strict), or a rules file in TOML.",
)
@click.option(
    "--iam",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="A directory of IAM, in which the callers that a rules file names are looked up.",
)
@PARAMETERS
@ASSUME
@FORMAT
@click.pass_context
def check(
    ctx: click.Context,
    *,
    files: tuple[Path, ...],
    account: str | None,
    rules_name: str,
    iam: Path | None,
    parameters: tuple[str, ...],
    assume: tuple[str, ...],
    form: str,
) -> None:
    """
    Check key policies against rules.

    FILES are key policies as JSON or as `aws kms get-key-policy` prints them, templates of CloudFormation or CDK, plans
    of Terraform by `terraform show -json`, policies of IAM by `aws iam get-account-authorization-details`, or folders
    of them; - is standard input.
    """
    from kmsmodel.pipeline.rules_file import RulesFileError
    from kmsmodel.pipeline.runs import load_rules

    besides = known(account, parameters, assume, iam)
    try:
        rules = load_rules(rules_name, besides)
    except RulesFileError as error:
        raise click.BadParameter(str(error), param_hint="--rules") from error
    results = _results(files, rules_name, besides)
    report = rules.report(results, datetime.now().astimezone().date())
    _tell(report, form)
    ctx.exit(report.status)


def _results(files: Iterable[Path], rules_name: str, besides: Known) -> list[Result]:
    from rich.progress import Progress

    from kmsmodel.pipeline.files import within
    from kmsmodel.pipeline.runs import results

    jobs = [each for path in files for each in (within(path) if path.is_dir() else (job(path),))]
    with Progress(console=Console(stderr=True), transient=True, disable=len(jobs) < _MANY) as bar:
        task = bar.add_task("checking", total=len(jobs))
        return results(jobs, rules_name, besides, done=lambda: bar.advance(task))


_MANY = 20
"""A bar shows the progress of so many files."""


def _tell(report: Report, form: str) -> None:
    from kmsmodel.pipeline import as_json, junit, markdown, sarif

    match form:
        case "json":
            click.echo(as_json.written(report))
        case "sarif":
            click.echo(sarif.written(report))
        case "junit":
            click.echo(junit.written(report, "kmsmodel policy check"))
        case "markdown":
            click.echo(printable(markdown.written(report)))
        case _:
            for each in report.results:
                _print(Terminal(), each)
            for assumed in report.assumes:
                Terminal().print(f"assumed: {assumed}")
    if form != "markdown":
        for remark in report.remarks:
            click.echo(remark, err=True)


def _print(terminal: Terminal, result: Result) -> None:
    from kmsmodel.pipeline.results import Outcome

    match result.outcome:
        case Outcome.PROVED | Outcome.NOTED:
            terminal.print(f"{result.title}: proved", style="green")
        case Outcome.FOUND:
            terminal.print(f"{result.title}: found", style="red")
            if result.finding:
                terminal.print(f"  {result.headline}")
                if result.place is not None:
                    terminal.print(f"  at       {result.place}")
            terminal.print("\n".join(result.details))
        case Outcome.ACCEPTED:
            accepted = result.accepted
            until = "" if accepted is None else f" until {accepted.expires}: {accepted.reason}"
            terminal.print(f"{result.title}: accepted{until}", style="yellow")
        case Outcome.UNKNOWN | Outcome.NOT_UNDERSTOOD:
            said = f"{result.title}: {result.outcome.words}: {result.headline}"
            terminal.print(said, style="yellow")
