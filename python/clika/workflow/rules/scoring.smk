# From the record to the tables; no model, no GPU, no network.


rule load:
    input:
        INVENTORY if ORIGIN == "responses" else [],
    output:
        DATABASE,
    log:
        f"{FOLDER}/logs/load.log",
    benchmark:
        f"{FOLDER}/logs/load.tsv"
    threads: workflow.cores
    params:
        study=STUDY,
        origin=ORIGIN,
        results=subpath(output[0], ancestor=2),
    shell:
        "clika load {params.study} --from {params.origin} --database {output:q}"
        " --results {params.results:q} --threads {threads} > {log} 2>&1"


rule score:
    input:
        DATABASE,
    output:
        performance=SCORES[0],
        consistency=SCORES[1],
        cells=CELLS_TABLE,
        intervals=INTERVALS_TABLE,
        tables=PAPER_TABLES,
    log:
        f"{FOLDER}/logs/score.log",
    benchmark:
        f"{FOLDER}/logs/score.tsv"
    threads: workflow.cores
    params:
        study=STUDY,
        results=subpath(output.performance, ancestor=3),
        scores=subpath(output.performance, parent=True),
        tables=subpath(output.cells, parent=True),
    shell:
        "clika score {params.study} --ci --database {input:q} --scores {params.scores:q}"
        " --tables {params.tables:q} --results {params.results:q} --threads {threads} --quiet"
        " > {log} 2>&1"
