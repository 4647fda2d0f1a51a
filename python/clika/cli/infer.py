"""``clika infer``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from clika.cli.options import in_folder, model_threads_option, results_option
from clika.cli.wording import counted

if TYPE_CHECKING:
    from pathlib import Path

    from clika.infer.prompts import PromptKind

__all__ = ["infer"]


@click.command()
@click.argument("study")
@click.option("--model", required=True, metavar="NAME", help="What to call the model.")
@click.option(
    "--from",
    "source",
    required=True,
    metavar="DIR",
    help="Its directory, as save_pretrained writes it, or a .gguf file.",
)
@click.option(
    "--prompt",
    type=click.Choice(["letter", "full-option"]),
    default="letter",
    show_default=True,
    help="List the options and score their letters, or score the options' texts.",
)
@click.option("--generate", is_flag=True, help="Let the model write its answer, likeliest first.")
@click.option(
    "--longest",
    type=click.IntRange(min=1),
    default=32,
    show_default=True,
    help="With --generate: the most tokens of an answer.",
)
@click.option(
    "--task", "tasks", multiple=True, metavar="TASK", help="Ask this task only. Repeat for more."
)
@click.option(
    "--device", default=None, help="cpu, cuda, cuda:1, ...; by default a GPU where there is one."
)
@click.option(
    "--batch-tokens",
    type=click.IntRange(min=1),
    default=None,
    help="The most tokens of a batch, padding among them; by default 4,096 on a "
    "processor and 16,384 on a GPU.",
)
@click.option(
    "--context",
    default="",
    metavar="TEXT",
    help="What else the answers are to be told apart by, such as versions; kept with them.",
)
@click.option(
    "--replace",
    is_flag=True,
    help="Ask again where the answers that are there were asked otherwise.",
)
@click.option(
    "--wait",
    is_flag=True,
    help="Wait where another process asks the same, and keep its answers; without, refuse.",
)
@click.option(
    "--model-code",
    is_flag=True,
    help="Run the Python files that DIR brings, where its settings name them. They may do whatever "
    "you may: read them first, or run this in an image.",
)
@click.option("--network", is_flag=True, help="Allow DIR to be a name in the Hugging Face hub.")
@results_option
@model_threads_option
def infer(
    study: str,
    *,
    model: str,
    source: str,
    prompt: PromptKind,
    generate: bool,
    longest: int,
    tasks: tuple[str, ...],
    device: str | None,
    batch_tokens: int | None,
    context: str,
    replace: bool,
    wait: bool,
    model_code: bool,
    network: bool,
    results: Path,
    threads: int | None,
) -> None:
    """Ask a model the items of STUDY.

    The items are those that `clika ingest atlas` or `clika ingest bmlama` left. What was asked is
    kept: a run that was stopped goes on where it was, by the same command. It needs PyTorch: pip
    install 'clika[inference]'.
    """
    from functools import partial

    from clika.cli.progress import progress_bar
    from clika.infer.backend import Loading
    from clika.steps.infer import InferChoices
    from clika.steps.infer import infer as run
    from clika.study import load_study
    from clika.workflow.gpus import own_gpu

    chosen = load_study(study, results)
    choices = InferChoices(
        model=model,
        source=source,
        prompt=prompt,
        longest=longest if generate else None,
        tasks=tasks,
        loading=Loading(network, device, threads, batch_tokens, model_code),
        context=context,
        replace=replace,
    )
    tell = partial(click.echo, err=True)
    with (
        own_gpu(device, tell=tell),
        progress_bar(f"infer {model}", unit="questions") as advance,
    ):
        report = run(
            chosen,
            choices=choices,
            results=results,
            progress=advance,
            wait=tell if wait else None,
        )
    parts = [f"{counted(report.asked, 'question')} asked"]
    if report.kept:
        parts.append(f"{report.kept:,} kept from a run that was stopped")
    if report.there:
        parts.append(f"there already: {', '.join(report.there)}")
    click.echo(f"{report.model}: {'; '.join(parts)}.")
    folder = in_folder(results)
    rule = " --rule robust" if generate else ""
    click.echo(f"Now: clika load {study}{folder} && clika score {study}{rule}{folder}")
