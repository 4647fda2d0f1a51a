"""What the estimates of a plan assume: each a number with its meaning."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["MEANINGS", "Assumptions"]


@dataclass(frozen=True)
class Assumptions:
    """The numbers that estimates rest on where nothing was measured; :data:`MEANINGS` says each.

    Attributes
    ----------
    tflops, gpu_gib
        Of one GPU: what it sustains, in 10^12 operations a second, and its memory.
    small_model_share
        Share of that speed at which small models are trained.
    processor_tflops
        What one thread of a processor sustains.
    parameter_bytes
        Of weights as makers publish them.
    activation_share
        Of the weights' memory, beside them.
    load_gb
        That a disk gives in a second, in 10^9 bytes.
    readings
        Of each model's weights: for their digest, which answers carry, and to load them.
    bytes_per_token, own_bytes_per_token
        Of a published model's tokenizer, and of one that a study trains.
    prompt_tokens
        Of a prompt whose item is not at hand.
    wording_bytes
        Of a prompt, beside question and options.
    written_cost
        What a written token takes, in read ones.
    answer_bytes
        Of an answer in shards and database.
    """

    tflops: float = 100.0
    gpu_gib: float = 80.0
    small_model_share: float = 0.2
    processor_tflops: float = 0.04
    parameter_bytes: float = 2.0
    activation_share: float = 0.2
    load_gb: float = 0.5
    readings: float = 2.0
    bytes_per_token: float = 2.0
    own_bytes_per_token: float = 4.0
    prompt_tokens: float = 100.0
    wording_bytes: float = 40.0
    written_cost: float = 10.0
    answer_bytes: float = 100.0


#: What each number means and where it comes from; ``{}`` is its place.
MEANINGS: Mapping[str, str] = {
    # A third of the 312 that NVIDIA's data sheet of the A100 gives for bfloat16.
    "tflops": "one GPU sustains {} TFLOP/s (--tflops; 100 is a third of an A100's peak)",
    "gpu_gib": "one GPU has {} GiB of memory (--gpu-memory)",
    "small_model_share": "models as small as those of this study keep it to {} of that",
    # 10,900 tokens a second by a model of 0.7 million parameters: benches/results.
    "processor_tflops": "one thread of a processor sustains {} TFLOP/s, by `make bench-train`",
    "parameter_bytes": "a parameter takes {} bytes, but for models whose files are here",
    "activation_share": "beside the weights memory holds {} of their size",
    "load_gb": "a disk gives {} GB of weights a second",
    "readings": "each byte of the weights is read {} times, for a digest and to load it",
    "bytes_per_token": "a token is {} bytes of text: English has more, other scripts about that",
    "own_bytes_per_token": "a token of a tokenizer trained here is {} bytes of text",
    "prompt_tokens": "a prompt has {} tokens: no texts of the items are here",
    "wording_bytes": "the wording of a prompt adds {} bytes to question and options",
    "written_cost": "a token that a model writes takes as long as {} that it reads",
    # Measured on the release: 24 in shards and 47 in the database, with two rules and no scores.
    "answer_bytes": "an answer takes {} bytes in shards and database",
}
