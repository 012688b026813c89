"""The command line `sharpeyes`: one module per group of verbs, each named once in COMMANDS."""

import click

from web.cli.accounts import account
from web.cli.backup import backup_command, restore_command
from web.cli.demo import demo
from web.cli.imports import export_, import_
from web.cli.look import judge_command, look_command
from web.cli.migrate import migrate_command
from web.cli.worker import one_round, worker

COMMANDS: tuple[click.Command, ...] = (
    account,
    look_command,
    judge_command,
    migrate_command,
    backup_command,
    restore_command,
    import_,
    export_,
    worker,
    one_round,
    demo,
    import_,
    export_,
)


@click.group()
def main() -> None:
    """Places, equipment and events of a geospatial grid: import, look, report."""


for command in COMMANDS:
    main.add_command(command)
