# What is asked for, where it goes, and what a job runs in and may use.
import os
import shlex
import sys
from urllib.parse import unquote

from snakemake.settings.types import DeploymentMethod

from clika.report.names import CELLS, INTERVALS, table_names
from clika.infer.model_files import weights_at
from clika.infer.prompts import wording_digest
from clika.steps.asked_study import ASKED, asking_place, items_key
from clika.steps.data import FETCH_INTO, released_folder
from clika.steps.evidence import claims_key
from clika.steps.origin import study_origin
from clika.steps.training.parts import PARTS, part_name
from clika.study import load_study
from clika.workflow.surroundings import (
    find_images,
    package_versions,
    show_gpus_to_images,
)

# Snakemake reads a value as YAML and hands it to a shell on its way to a job: names come with %20 for a space.
STUDY = unquote(config["study"])
RESULTS = str(Path(unquote(config["results"])))
SHARDS = config["shards"]
FOLDER = f"{RESULTS}/{STUDY}"
DATABASE = f"{FOLDER}/clika.duckdb"
INVENTORY = f"{FOLDER}/shards/ingest.json"

study = load_study(STUDY, Path(RESULTS))
at_hand = study_origin(study, Path(INVENTORY))
ORIGIN = config["origin"] or at_hand.kind
SOURCE = config["source"] or str(at_hand.source or "")
# Empty: nothing to ingest.
RELEASED = str(released_folder()) if SOURCE else str(at_hand.data or "")

# What the trainings of a study of its own leave.
TRAINED = (
    [
        f"{FOLDER}/shards/{PARTS}/{part_name(seed, base)}"
        for seed in study.training.seeds
        for base in study.training.bases
    ]
    if study.training
    else []
)

# What asking the models of a study leaves beside their answers.
MODELS_ASKED = [f"{FOLDER}/shards/{ASKED}/{model}.done" for model in study.asked]

SCORES = expand(
    f"{FOLDER}/scores/{{name}}.parquet", name=["performance", "consistency"]
)
CELLS_TABLE = f"{FOLDER}/tables/{CELLS}.csv"
INTERVALS_TABLE = f"{FOLDER}/tables/{INTERVALS}.csv"
PAPER_TABLES = expand(f"{FOLDER}/tables/{{name}}.csv", name=table_names(study))
# Only what makes claims is verified.
VERDICTS = [f"{FOLDER}/verdicts.json"] if study.claims else []
# What scoring leaves, whole or from shares.
SCORED = dict(
    performance=SCORES[0],
    consistency=SCORES[1],
    cells=CELLS_TABLE,
    intervals=INTERVALS_TABLE,
    tables=PAPER_TABLES,
)

# Where jobs run in images, the image says all of what they run in; elsewhere, the versions of what their numbers
# may depend on do. Either is among a rule's params, so that a change makes its outputs again.
if DeploymentMethod.APPTAINER in workflow.deployment_settings.deployment_method:
    images = find_images(Path(unquote(config["images"])), study)
    IMAGES = {name: str(image.path) for name, image in images.items()}
    SURROUNDINGS = {name: image.digest for name, image in images.items()}
    # Of the environment nothing else enters; on a cluster this is read where the job is, with what Slurm gave it.
    show_gpus_to_images()
else:
    # Jobs call the clika that runs this workflow, also where its environment is not activated.
    shell.prefix(f"export PATH={shlex.quote(os.path.dirname(sys.executable))}:$PATH; ")
    IMAGES = {}
    SURROUNDINGS = {
        "scoring": package_versions("clika", "duckdb", "numpy"),
        "inference": package_versions("clika", "torch", "transformers"),
    }
    # Here is one environment for all models: what is installed says which transformers it is.
    SURROUNDINGS["legacy"] = SURROUNDINGS["inference"]

# Where jobs leave this machine, how many cores it has says nothing.
CORES = workflow.resource_settings.cores or 1
THREADS = config["threads"] or CORES
# Shares run side by side: on one machine they divide its cores.
SHARE_THREADS = config["threads"] or max(1, CORES // SHARDS)


def growing(amount):
    """Return a resource of which each attempt at a job asks for more."""
    return lambda wildcards, attempt: amount * attempt


def gpu(on_gpu):
    """Return how a job asks for a GPU, where it runs on one."""
    ask = {"gpu": (0, 1), "gres": ("", "gpu:1")}[config["gpu_request"]]
    return {config["gpu_request"]: lambda wildcards: ask[on_gpu(wildcards)]}


def asked_files(asked):
    """Return the files that the answers of a model depend on."""
    return weights_at(Path(asked.source), code=asked.model_code)


def state_of_files(paths):
    """Return names, sizes and times of files: others in their place may be older than what was made of these."""
    found = [(path.name, path.stat()) for path in paths]
    return " ".join(f"{name}:{at.st_size}:{at.st_mtime_ns}" for name, at in found)


def asking_options(asked):
    """Return the options of `clika infer` that a model is asked by."""
    options = [
        "--from",
        asked.source,
        "--prompt",
        asked.prompt,
        "--device",
        asked.device,
        # As the study says, however few cores there are: the last digits depend on it.
        "--threads",
        str(asked.threads),
        # In other surroundings the model is asked anew.
        "--replace",
        # A job whose workflow was killed may still be at it.
        "--wait",
        "--context",
        f"{SURROUNDINGS[asked.image]}; {asking_place(asked)}",
    ]
    if asked.model_code:
        options.append("--model-code")
    if asked.longest is not None:
        options += ["--generate", "--longest", str(asked.longest)]
    return options + [part for task in asked.tasks for part in ("--task", task)]
