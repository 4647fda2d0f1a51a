# From the answers and outcomes to the verdicts on the claims of a study.


# Verdicts other than the expected ones are a result, which the run ends by telling, and no failure.
rule verify:
    input:
        DATABASE,
    output:
        f"{FOLDER}/verdicts.json",
    log:
        f"{FOLDER}/logs/verify.log",
    benchmark:
        f"{FOLDER}/logs/verify.tsv"
    container:
        IMAGES.get("scoring")
    threads: THREADS
    resources:
        mem_mb=growing(4000),
        runtime=30,
    params:
        surroundings=SURROUNDINGS["scoring"],
        study=STUDY,
        results=subpath(output[0], ancestor=2),
        # Edited claims are judged anew.
        claims=claims_key(study),
    shell:
        "clika verify {params.study} --exit-zero --database {input:q} --verdicts {output:q}"
        " --results {params.results:q} --threads {threads} > {log:q} 2>&1"
