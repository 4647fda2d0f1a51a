"""``clika profile``."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

__all__ = ["profile"]


@click.command()
@click.argument("name")
@click.option(
    "--into",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="A folder that is not there yet.",
)
def profile(name: str, *, into: Path) -> None:
    """Copy the profile NAME of the workflow, to be changed for a cluster of your own.

    The profiles are apptainer, kubernetes and slurm. `clika reproduce --profile DIR` uses the copy;
    that of kubernetes is a manifest, which `kubectl apply` uses.
    """
    from clika.workflow.profiles import MANIFEST, copy_profile, packaged_profiles

    path = copy_profile(name, into)
    if path.name == MANIFEST:
        click.echo(f"{path}. Change it, then: kubectl apply -f {shlex.quote(str(path))}")
        return
    # A packaged name counts before a folder of that name.
    folder = f"./{into}" if str(into) in packaged_profiles() else str(into)
    click.echo(f"{path}. Change it, then: clika reproduce STUDY --profile {shlex.quote(folder)}")
