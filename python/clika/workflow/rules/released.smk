# The authors' released outputs: into shards, each file checked.


if SOURCE:

    # The login node of a cluster sees the source, and jobs may not.
    rule fetch:
        output:
            f"{RELEASED}/fetched.json",
        log:
            f"{FOLDER}/logs/fetch.log",
        benchmark:
            f"{FOLDER}/logs/fetch.tsv"
        localrule: True
        container:
            IMAGES.get("scoring")
        params:
            surroundings=SURROUNDINGS["scoring"],
            source=SOURCE,
            into=FETCH_INTO,
        shell:
            "clika fetch released --from {params.source:q} --into {params.into:q} > {log:q} 2>&1"


if RELEASED and ORIGIN == "responses":

    rule ingest:
        input:
            f"{RELEASED}/fetched.json",
        output:
            INVENTORY,
        log:
            f"{FOLDER}/logs/ingest.log",
        benchmark:
            f"{FOLDER}/logs/ingest.tsv"
        container:
            IMAGES.get("scoring")
        threads: THREADS
        resources:
            mem_mb=growing(4000),
            runtime=60,
        params:
            surroundings=SURROUNDINGS["scoring"],
            study=STUDY,
            data=subpath(input[0], parent=True),
            shards=subpath(output[0], parent=True),
        shell:
            "clika ingest released {params.study} --data {params.data:q}"
            " --shards {params.shards:q} --threads {threads} > {log:q} 2>&1"
