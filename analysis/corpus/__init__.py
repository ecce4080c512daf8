"""A hundred thousand reports: the same tables as of a study, in Parquet shards.

`sources` finds the reports, `shards` says which report lies where and reads tables back, `chunk`
makes the tables of some reports; `build` has that done by several processes (`workers`), takes over
what has not changed (`merge`) and writes; `query` asks the shards with DuckDB and `scan`. A
corpus's folder is a study's folder with `shards/` in it, so `Study` opens it and the notebooks take
it as `data`.
"""

__all__ = ["build", "query", "workers"]
