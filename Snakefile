# The packaged workflow, so that `snakemake` works in a clone too.
from clika.workflow import snakefile


include: str(snakefile())


# An included default target is none of this file.
rule everything:
    default_target: True
    input:
        rules.all.input,
