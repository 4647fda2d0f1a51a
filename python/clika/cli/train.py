"""``clika train``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from clika.cli.options import results_option
from clika.cli.wording import counted

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["train"]


@click.command()
@click.argument("study")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Seed.")
@click.option(
    "--base", required=True, metavar="MODEL", help="Train this model and all that go on from it."
)
@results_option
def train(study: str, *, seed: int, base: str, results: Path) -> None:
    """Train the models of STUDY that share a base, ask them, teach them and ask them again.

    A run that was stopped goes on where it was, by the same command, and ends in the same weights.
    It needs PyTorch: pip install 'clika[inference]'.
    """
    from clika.cli.training_display import training_display
    from clika.steps.train import train as run
    from clika.study import load_study
    from clika.workflow.gpus import own_gpu

    chosen = load_study(study, results)
    device = None if chosen.training is None else chosen.training.device
    with own_gpu(device, tell=click.echo), training_display() as tell:
        report = run(chosen, seed=seed, base=base, results=results, tell=tell)
    models = ", ".join(report.models)
    click.echo(f"{counted(len(report.models), 'model')}: {models}.")
    click.echo(f"{counted(report.cells, 'cell')} of conductivity. {report.path}")
