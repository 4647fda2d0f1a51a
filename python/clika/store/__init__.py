"""The store: Parquet shards are the record, ``clika.duckdb`` is derived from them.

This is the only package that imports duckdb, and ``sql/`` holds every query.
"""
