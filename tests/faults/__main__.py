"""The command line of `scripts/sweep-faults`."""

import os
import random
import sys
from collections.abc import Sequence

import click

from faults.scenarios import SCENARIOS
from faults.sweep import Players, cases, sweep, table


@click.command("sweep-faults")
@click.option("--command", "commands", multiple=True, metavar="NAME", help="Only these commands, or scenarios of them.")
@click.option("--fault", "faults", multiple=True, metavar="NAME", help="Only these faults, as `502` or `interleaved`.")
@click.option("--call", "calls", multiple=True, type=int, metavar="N", help="Only at these calls, counted from 1.")
@click.option("--sample", type=int, metavar="N", help="Only so many cases, chosen by chance.")
@click.option("--seed", default=0, show_default=True, help="Of that chance.")
@click.option("--processes", default=os.cpu_count() or 1, show_default=True)
@click.option("--list", "is_listed", is_flag=True, help="Print the cases, and play none.")
def main(
    *,
    commands: Sequence[str],
    faults: Sequence[str],
    calls: Sequence[int],
    sample: int | None,
    seed: int,
    processes: int,
    is_listed: bool,
) -> None:
    """Let every call of every command that writes on GitHub fail in every way; exit 1 where one case did not hold."""
    names = [name for name, one in SCENARIOS.items() if not commands or {name, one.command} & {*commands}]
    players = Players()
    try:
        every = [case for name in names for case in cases(name, players.undisturbed(name))]
    finally:
        players.close()
    chosen = [it for it in every if (not faults or it.kind in faults) and (not calls or it.at in calls)]
    random.Random(seed).shuffle(chosen)
    chosen = chosen[:sample]
    if is_listed:
        click.echo("\n".join(map(str, chosen)))
        return
    played = sweep(chosen, processes, lambda text: click.echo(text, err=True))
    order = {case: index for index, case in enumerate(every)}
    click.echo(table(sorted(played, key=lambda one: order[one.case])))
    sys.exit(any(one.wrongs for one in played))


if __name__ == "__main__":
    main()
