# From the record to the tables; no model, no GPU, no network.


rule load:
    input:
        INVENTORY if ORIGIN == "responses" else [],
        MODELS_ASKED,
    output:
        DATABASE,
    log:
        f"{FOLDER}/logs/load.log",
    benchmark:
        f"{FOLDER}/logs/load.tsv"
    container:
        IMAGES.get("scoring")
    threads: THREADS
    resources:
        mem_mb=growing(4000),
        runtime=30,
    params:
        surroundings=SURROUNDINGS["scoring"],
        study=STUDY,
        origin=ORIGIN,
        results=subpath(output[0], ancestor=2),
    shell:
        "clika load {params.study} --from {params.origin} --database {output:q}"
        " --results {params.results:q} --threads {threads} > {log:q} 2>&1"


if SHARDS == 1:

    rule score:
        input:
            DATABASE,
        output:
            **SCORED,
        log:
            f"{FOLDER}/logs/score.log",
        benchmark:
            f"{FOLDER}/logs/score.tsv"
        container:
            IMAGES.get("scoring")
        threads: THREADS
        resources:
            mem_mb=growing(4000),
            runtime=60,
        params:
            surroundings=SURROUNDINGS["scoring"],
            study=STUDY,
            results=subpath(output.performance, ancestor=3),
            scores=subpath(output.performance, parent=True),
            tables=subpath(output.cells, parent=True),
        shell:
            "clika score {params.study} --ci --database {input:q} --scores {params.scores:q}"
            " --tables {params.tables:q} --results {params.results:q} --threads {threads} --quiet"
            " > {log:q} 2>&1"

else:

    rule score_share:
        input:
            DATABASE,
        output:
            f"{FOLDER}/scores/shards/{{share}}-of-{SHARDS}.parquet",
        log:
            f"{FOLDER}/logs/score_share/{{share}}-of-{SHARDS}.log",
        benchmark:
            f"{FOLDER}/logs/score_share/{{share}}-of-{SHARDS}.tsv"
        container:
            IMAGES.get("scoring")
        threads: SHARE_THREADS
        resources:
            mem_mb=growing(4000),
            runtime=30,
        params:
            surroundings=SURROUNDINGS["scoring"],
            study=STUDY,
            shards=SHARDS,
            results=subpath(output[0], ancestor=4),
            scores=subpath(output[0], ancestor=2),
        shell:
            "clika score {params.study} --shard {wildcards.share}/{params.shards}"
            " --database {input:q} --scores {params.scores:q} --results {params.results:q}"
            " --threads {threads} > {log:q} 2>&1"

    # The intervals are of items, which no share of sums has: this one job computes them.
    rule merge:
        input:
            database=DATABASE,
            shards=expand(
                f"{FOLDER}/scores/shards/{{share}}-of-{SHARDS}.parquet",
                share=range(1, SHARDS + 1),
            ),
        output:
            **SCORED,
        log:
            f"{FOLDER}/logs/merge.log",
        benchmark:
            f"{FOLDER}/logs/merge.tsv"
        container:
            IMAGES.get("scoring")
        threads: THREADS
        resources:
            mem_mb=growing(4000),
            runtime=60,
        params:
            surroundings=SURROUNDINGS["scoring"],
            study=STUDY,
            results=subpath(output.performance, ancestor=3),
            scores=subpath(output.performance, parent=True),
            tables=subpath(output.cells, parent=True),
        shell:
            "clika merge {params.study} {input.shards:q} --ci --database {input.database:q}"
            " --scores {params.scores:q} --tables {params.tables:q}"
            " --results {params.results:q} --threads {threads} --quiet > {log:q} 2>&1"
