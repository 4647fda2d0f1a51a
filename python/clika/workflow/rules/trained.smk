# The models of a study of its own: trained, taught and asked, a job for each base and seed.

if study.kind == "trained" and ORIGIN == "responses":

    rule train:
        output:
            f"{FOLDER}/shards/{PARTS}/seed-{{seed}}-{{base}}.json",
        log:
            f"{FOLDER}/logs/train/seed-{{seed}}-{{base}}.log",
        benchmark:
            f"{FOLDER}/logs/train/seed-{{seed}}-{{base}}.tsv"
        container:
            IMAGES.get("inference")
        threads: study.training.threads
        resources:
            **gpu(lambda wildcards: study.training.on_gpu),
            mem_mb=growing(6000),
            runtime=240,
        params:
            surroundings=SURROUNDINGS["inference"],
            study=STUDY,
            results=subpath(output[0], ancestor=4),
            # Another recipe trains anew.
            training=study.training.digest,
        shell:
            "clika train {params.study} --seed {wildcards.seed} --base {wildcards.base}"
            " --results {params.results:q} > {log:q} 2>&1"

    rule gather:
        input:
            TRAINED,
        output:
            INVENTORY,
        log:
            f"{FOLDER}/logs/gather.log",
        benchmark:
            f"{FOLDER}/logs/gather.tsv"
        container:
            IMAGES.get("scoring")
        params:
            surroundings=SURROUNDINGS["scoring"],
            study=STUDY,
            results=subpath(output[0], ancestor=3),
        shell:
            "clika gather {params.study} --results {params.results:q} > {log:q} 2>&1"
