# The models that a study has asked: a job for each, which loads it once and asks all its tasks.

if study.asked:

    # The job enters its answers in the inventory, so that is no output of one rule; of its items alone do the answers
    # of a model depend.
    rule infer:
        input:
            ancient(INVENTORY),
            lambda wildcards: asked_files(study.asked[wildcards.model]),
        output:
            touch(f"{FOLDER}/shards/{ASKED}/{{model}}.done"),
        log:
            f"{FOLDER}/logs/infer/{{model}}.log",
        benchmark:
            f"{FOLDER}/logs/infer/{{model}}.tsv"
        container:
            lambda wildcards: IMAGES.get(study.asked[wildcards.model].image)
        threads: lambda wildcards: study.asked[wildcards.model].threads
        resources:
            **gpu(lambda wildcards: study.asked[wildcards.model].on_gpu),
            mem_mb=growing(16000),
            runtime=720,
        params:
            study=STUDY,
            results=subpath(output[0], ancestor=4),
            asked_items=items_key(study, Path(INVENTORY).parent),
            prompts=wording_digest(),
            files=lambda wildcards: state_of_files(
                asked_files(study.asked[wildcards.model])
            ),
            options=lambda wildcards: asking_options(study.asked[wildcards.model]),
        shell:
            "clika infer {params.study} --model {wildcards.model:q} {params.options:q}"
            " --results {params.results:q} > {log:q} 2>&1"
