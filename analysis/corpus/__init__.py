"""A hundred thousand reports: the same tables as of a study, in Parquet shards.

`sources` finds the reports, `chunk` makes the tables of some; `build` has that done by several
processes (`workers`), takes over what has not changed (`merge`) and writes. A corpus's folder is a
study's folder with `shards/` in it, so `Study` opens it, and what is asked of it (`study.query`),
and the notebooks, are those of a study.
"""

__all__ = ["build", "workers"]
