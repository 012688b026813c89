"""The command line `sharpeyes`: one module per group of verbs, each named once in COMMANDS."""

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType

import click

# A verb is loaded when it is asked for, so that a quick look at one camera need not wait for the maps.
COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "account": "web.cli.accounts:account",
        "backup": "web.cli.backup:backup_command",
        "cover": "web.cli.cover:cover_command",
        "demo": "web.cli.demo:demo",
        "discover": "web.cli.discovery:discover_command",
        "export": "web.cli.imports:export_",
        "import": "web.cli.imports:import_",
        "judge": "web.cli.judge:judge_command",
        "look": "web.cli.look:look_command",
        "migrate": "web.cli.migrate:migrate_command",
        "network": "web.cli.networks:network_group",
        "rejudge": "web.cli.rejudge:rejudge_command",
        "report": "web.cli.report:report_command",
        "restore": "web.cli.backup:restore_command",
        "round": "web.cli.worker:one_round",
        "site": "web.cli.site:site_command",
        "worker": "web.cli.worker:worker",
    }
)


class Verbs(click.Group):
    """The verbs of COMMANDS, each loaded when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all verbs."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a verb, or None when there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command


@click.group(cls=Verbs)
def main() -> None:
    """Places, equipment and events of a geospatial grid: import, look, report."""
