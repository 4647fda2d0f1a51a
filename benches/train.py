"""Training in clika's loop against a plain loop and transformers.Trainer: `make bench-train`.

One model of the size of the study `mini` reads text about its world, then answers questions about
it; every side takes the same examples, as many to a step, and as many steps. The peers pad a batch
to its longest example and compute all logits. Nothing is kept or evaluated on any side; making the
Trainer is left out of its time.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from contextlib import contextmanager
from copy import deepcopy
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parent))
# Before torch is imported: a thread that waits leaves the processor to who works.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import torch
from msgspec.structs import replace
from timing import RUNS, Row, hardware, markdown, paired
from transformers import Trainer, TrainingArguments

from clika.steps.training.seed_worlds import make_worlds, texts_of, what_is_read
from clika.study import load_study
from clika.train import loop
from clika.train.batches import UNLEARNT, lay_out
from clika.train.examples import encode
from clika.train.forward import learnt_logits
from clika.train.loop import train_stage
from clika.train.models import new_model, train_tokenizer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from clika.regimes import Regime
    from clika.stages import Stage
    from clika.train.examples import Encoded

STEPS = 4
SEED = 20240404
CLOSE = 1e-3
THREADS = (1, 2)
RESULTS = Path(__file__).parent / "results"


class Job(NamedTuple):
    """What is trained on what."""

    name: str
    model: Any
    examples: Sequence[Encoded]
    stage: Stage

    @property
    def tokens(self) -> int:
        return sum(len(example.ids) for example in self.examples)


def jobs() -> list[Job]:
    """Return the two jobs of the study mini that take its time."""
    study = load_study("mini")
    training = study.training
    assert training is not None
    worlds = make_worlds(study, training, 0)
    tokenizer = train_tokenizer(texts_of(worlds, training), vocabulary=training.shape.vocabulary)
    regimes = {
        "reads, all tokens learnt": training.models["mini_base"],
        "is instructed, answers learnt": training.models["mini_base_instructed_many"],
    }
    return [_job(name, regime, training, worlds, tokenizer) for name, regime in regimes.items()]


def _job(name: str, regime: Regime, training: Any, worlds: Any, tokenizer: Any) -> Job:  # noqa: ANN401
    stage = training.stages[regime.stage]
    lines = what_is_read(worlds, training, regime)
    wanted = STEPS * stage.batch
    lines = (lines * (wanted // len(lines) + 1))[:: max(1, len(lines) // wanted)][:wanted]
    model = new_model(training.shape, tokens=len(tokenizer), seed=SEED)
    return Job(
        name, model, encode(tokenizer, lines, loss_on=stage.loss_on), replace(stage, epochs=1)
    )


def padded(examples: Sequence[Encoded]) -> dict[str, torch.Tensor]:
    """Return a batch as everyone lays it out."""
    longest = max(len(example.ids) for example in examples)
    ids = torch.zeros(len(examples), longest, dtype=torch.long)
    mask, labels = torch.zeros_like(ids), torch.full_like(ids, UNLEARNT)
    for row, (tokens, start) in enumerate(examples):
        ids[row, : len(tokens)] = torch.tensor(tokens)
        mask[row, : len(tokens)] = 1
        labels[row, start : len(tokens)] = ids[row, start : len(tokens)]
    return {"input_ids": ids, "attention_mask": mask, "labels": labels}


def plain(job: Job) -> None:
    """Train in a loop as a tutorial has it."""
    job.model.train()
    optimizer = torch.optim.AdamW(job.model.parameters(), lr=job.stage.learning_rate)
    order = torch.randperm(len(job.examples)).tolist()
    for first in range(0, len(order), job.stage.batch):
        batch = padded([job.examples[place] for place in order[first : first + job.stage.batch]])
        optimizer.zero_grad()
        job.model(**batch, use_cache=False).loss.backward()
        torch.nn.utils.clip_grad_norm_(job.model.parameters(), job.stage.clip)
        optimizer.step()


def trainer(job: Job, folder: str) -> Callable[[], object]:
    """Return a training by transformers' Trainer, its defaults but for what it prints and keeps."""
    chosen = TrainingArguments(
        output_dir=folder,
        per_device_train_batch_size=job.stage.batch,
        learning_rate=job.stage.learning_rate,
        max_steps=STEPS,
        save_strategy="no",
        report_to=[],
        disable_tqdm=True,
        use_cpu=True,
        logging_strategy="no",
        remove_unused_columns=False,
    )
    made = Trainer(
        model=job.model, args=chosen, train_dataset=list(job.examples), data_collator=padded
    )
    return made.train


def ours(job: Job) -> None:
    """Train in clika's loop."""
    train_stage(job.model, job.examples, job.stage, seed=SEED)


def check_same(job: Job) -> None:
    """Both sides must have one loss for one batch."""
    batch = job.examples[: job.stage.batch]
    rows = lay_out(batch, row_tokens=job.stage.row_tokens)
    with torch.inference_mode():
        found = learnt_logits(job.model, rows, packed=True)
        loss = torch.nn.functional.cross_entropy(found.logits, found.following)
        expected = job.model(**padded(batch)).loss
    assert abs(float(loss - expected)) < CLOSE


def compared(job: Job, folder: str) -> Iterator[Row]:
    """Yield a row for each peer and number of threads."""
    check_same(job)
    peers = {
        "a plain loop: padded, all logits": partial(plain, job),
        "transformers.Trainer, defaults": trainer(job, folder),
    }
    for threads in THREADS:
        for peer, theirs in peers.items():
            torch.set_num_threads(threads)
            print(f"{job.name}, {threads}, {peer} ...", file=sys.stderr)
            row = paired(
                f"a model {job.name}, {threads} thread{'s' if threads > 1 else ''}",
                partial(ours, job),
                peer,
                theirs,
            )
            speed, other = job.tokens / row.ours, job.tokens / row.theirs
            yield row._replace(note=f"{speed:,.0f} against {other:,.0f} tokens/s")


def compiled(job: Job) -> Row:
    """Return what torch.compile gives, after it has compiled."""
    torch.set_num_threads(1)
    faster = job._replace(model=deepcopy(job.model))
    faster.model.compile(dynamic=True)
    start = time.perf_counter()
    ours(faster)
    first = time.perf_counter() - start
    row = paired(
        f"a model {job.name}, 1 thread",
        partial(ours, job),
        "the same under torch.compile",
        partial(ours, faster),
    )
    return row._replace(
        note=f"compiling within the first run: {first - row.theirs:.0f} s, not counted"
    )


@contextmanager
def timed(seconds: dict[str, float], owner: object, name: str, what: str) -> Iterator[None]:
    """Add up the time that a function takes within the block."""
    plain_call = getattr(owner, name)

    def call(*given: Any, **named: Any) -> object:  # noqa: ANN401
        start = time.perf_counter()
        try:
            return plain_call(*given, **named)
        finally:
            seconds[what] = seconds.get(what, 0) + time.perf_counter() - start

    setattr(owner, name, call)
    try:
        yield
    finally:
        setattr(owner, name, plain_call)


def shares(job: Job) -> str:
    """Return where the time of clika's loop goes, as a sentence."""
    torch.set_num_threads(1)
    seconds: dict[str, float] = {}
    with (
        timed(seconds, loop, "lay_out", "batching"),
        timed(seconds, loop, "members", "batching"),
        timed(seconds, loop, "learnt_logits", "forward"),
        timed(seconds, torch.Tensor, "backward", "backward"),
        timed(seconds, torch.nn.utils, "clip_grad_norm_", "clipping"),
        timed(seconds, torch.optim.AdamW, "step", "optimizer"),
    ):
        start = time.perf_counter()
        ours(job)
        whole = time.perf_counter() - start
    parts = [f"{what} {100 * part / whole:.0f} %" for what, part in seconds.items()]
    rest = 100 * (1 - sum(seconds.values()) / whole)
    return f"A model {job.name}, 1 thread: {', '.join(parts)}, the rest {rest:.0f} %."


def main() -> None:
    """Print the table, and write it where --save names a file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--save", metavar="NAME", help="write benches/results/NAME.md")
    arguments = parser.parse_args()
    found = jobs()
    with tempfile.TemporaryDirectory() as folder:
        rows = [row for job in found for row in compared(job, folder)]
    rows.append(compiled(found[0]))
    size = found[0].model.num_parameters() / 1e6
    head = (
        f"{hardware()}, PyTorch {torch.__version__.partition('+')[0]}. "
        f"{STEPS} steps of {found[0].stage.batch} examples by a model of {size:.1f} M parameters "
        f"in float32. Medians of {RUNS} pairs, run in turn; "
        "ratio = peer / clika, so above 1 clika is faster."
    )
    text = "\n".join(
        [
            "# Speed of training",
            "",
            head,
            "",
            markdown(rows),
            "",
            "Where the time of clika's loop goes:",
            "",
            *(f"- {shares(job)}" for job in found),
            "",
        ]
    )
    print(text)
    if arguments.save:
        (RESULTS / f"{arguments.save}.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
