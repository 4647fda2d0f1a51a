# What is asked for, and where it goes.
from clika.report.names import CELLS, INTERVALS, table_names
from clika.steps.data import FETCH_INTO, released_folder
from clika.steps.evidence import claims_key
from clika.steps.origin import study_origin
from clika.steps.training.parts import PARTS, part_name
from clika.study import load_study

STUDY = config["study"]
RESULTS = config["results"]
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
