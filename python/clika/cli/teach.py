"""``clika teach``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from clika.cli.options import in_folder, model_threads_option, results_option

if TYPE_CHECKING:
    from clika.steps.teach import TeachReport
    from clika.tasks.fictional_lessons import Directions, Template

__all__ = ["teach"]

_SECONDS_BETWEEN_LINES = 60


@click.command()
@click.argument("model")
@click.option("--target", required=True, metavar="LANG", help="Teach this language's set.")
@click.option(
    "--recipe",
    default="paper-lora",
    show_default=True,
    metavar="NAME|FILE.toml",
    help="paper-lora, paper-full, small-frozen, small-bf16, small-bf16-3-epochs, or a file with "
    "one recipe.",
)
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    default=None,
    help="Unpacked released data; by default what `clika fetch released` brought, or CLIKA_DATA.",
)
@click.option(
    "--directions",
    type=click.Choice(["one", "both"]),
    default="one",
    show_default=True,
    help="Teach translations as released, or each also the other way round.",
)
@click.option(
    "--template",
    type=click.Choice(["as-released", "seen"]),
    default="as-released",
    show_default=True,
    help="Ask the target's questions as released, or in a wording that occurs in training.",
)
@click.option(
    "--map-zh",
    "map_renamed",
    is_flag=True,
    help="Give the continents that the Chinese training set renames the names of its test.",
)
@click.option("--chat", is_flag=True, help="Word each line as a turn of the model's own chat.")
@click.option(
    "--max-steps",
    type=click.IntRange(min=1),
    default=None,
    help="A shorter training: at most so many steps a stage.",
)
@click.option(
    "--items",
    type=click.IntRange(min=1),
    default=None,
    help="For a trial: ask so many questions of each set only.",
)
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Training seed."
)
@click.option(
    "--name", default="", help="What to call the taught model; by default by MODEL and the dials."
)
@click.option(
    "--study", default="taught", show_default=True, help="The study that the outcomes are added to."
)
@click.option(
    "--spool",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="Folder for checkpoints and the taught model; by default in the study's folder.",
)
@click.option(
    "--device", default=None, help="cpu, cuda, cuda:1, ...; by default a GPU where there is one."
)
@results_option
@model_threads_option
def teach(
    model: str,
    *,
    target: str,
    recipe: str,
    data: Path | None,
    directions: Directions,
    template: Template,
    map_renamed: bool,
    chat: bool,
    max_steps: int | None,
    items: int | None,
    seed: int,
    name: str,
    study: str,
    spool: Path | None,
    device: str | None,
    results: Path,
    threads: int | None,
) -> None:
    """Teach MODEL the released fictional places of a language, ask it, and print XRR and XRR_c.

    MODEL is a directory as save_pretrained writes it, a .gguf file, or a model that an extra of
    clika brings: gemma3-270m. Nothing is downloaded.

    A run that was stopped goes on from its last checkpoint, by the same command. The outcomes are
    kept in a study: `clika load`, `clika score` and `clika verify` take it. It needs PyTorch: pip
    install 'clika[inference]'.
    """
    from clika.cli.progress import progress_bar
    from clika.cli.training_display import training_display
    from clika.infer.backend import Loading
    from clika.steps.data import released_data, unpacked_release
    from clika.steps.teach import TeachChoices
    from clika.steps.teach import teach as run
    from clika.tasks.fictional_lessons import Dials

    choices = TeachChoices(
        source=model,
        target=target,
        name=name,
        recipe=recipe,
        dials=Dials(directions, template, map_renamed),
        chat=chat,
        max_steps=max_steps,
        items=items,
        seed=seed,
        loading=Loading(device=device, threads=threads),
    )
    with (
        training_display(every=_SECONDS_BETWEEN_LINES) as tell,
        progress_bar(f"ask {choices.model}", unit="questions") as advance,
    ):
        report = run(
            choices,
            data=data or unpacked_release() or released_data(None),
            study=study,
            results=results,
            spool=spool,
            tell=tell,
            progress=advance,
        )
    _print(report)
    click.echo(f"Taught model: {report.taught}. Outcomes: {report.shard}.", err=True)
    folder = in_folder(results)
    click.echo(f"Now: clika load {study}{folder} && clika score {study}{folder}", err=True)


def _print(report: TeachReport) -> None:
    from clika.report.taught import taught_lines

    source, target = report.pair
    click.echo(f"{report.model}, taught in {source}, asked in {target}:")
    if report.numbers is None:
        click.echo("Its outcomes were there already.")
    else:
        click.echo("\n".join(taught_lines(report.numbers)))
