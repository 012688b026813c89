"""The command line `sharpeyes`: one module per group of verbs, each named once in COMMANDS."""

import click

from web.cli.look import judge_command, look_command

COMMANDS: tuple[click.Command, ...] = (
    look_command,
    judge_command,
)


@click.group()
def main() -> None:
    """Places, equipment and events of a geospatial grid: import, look, report."""


for command in COMMANDS:
    main.add_command(command)
