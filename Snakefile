# The packaged workflow, so that `snakemake` works in a clone too.
from clika.workflow import snakefile


include: str(snakefile())
