"""A batch from Python: notebooks × parameter sets, as `gongbao render` runs them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.study import Study

from . import render as batch
from . import units


def render(
    params: str | Path | Sequence[Mapping[str, Any]] = (),
    *,
    notebooks: Sequence[str] = (),
    data: str | Path = "data",
    out: str | Path = "figures",
    lang: str = "",
    preset: str = "",
    jobs: int = 0,
    force: bool = False,
) -> pd.DataFrame:
    """Draw notebooks for parameter sets: figures with their bundles, and an index.html.

    Parameters
    ----------
    params : a .csv file (a row is a set, a column a parameter) or .yaml file, or the sets
        themselves, each a mapping of parameters; empty for one set of defaults.
    notebooks : names of notebooks; those that a .yaml file lists, else the three of a report.
    data : the study's folder. out : the folder that the units' folders are put into.
    lang : zh or en. preset : en-journal, zh-journal, slides, or a
        .mplstyle file. Both where a set says nothing else.
    jobs : units at a time (0: as many as the machine has room for).
    force : render what is up to date too.

    Returns
    -------
    DataFrame
        One row a unit: notebook, parameters, status (done, failed), error, folder, …, as
        results.csv has them. What failed keeps the others from nothing.

    Raises
    ------
    ProblemsError
        names every wrong name and value with its place, before anything starts.

    Examples
    --------
    >>> import analysis as gb
    >>> gb.render([{"top_n": 5}], notebooks=["keyword_frequency"]).status  # doctest: +SKIP
    """
    look = {name: one for name, one in (("lang", lang), ("preset", preset)) if one}
    names = list(notebooks)
    if isinstance(params, str | Path):
        sets = units.read_sets(Path(params))
        names = names or list(units.notebooks_of(Path(params)))
    else:
        given = [dict(one) for one in params] or [{}]
        sets = [(f"set {number}", one) for number, one in enumerate(given, start=1)]
    sets = [(place, look | values) for place, values in sets]
    planned = units.plan(names or units.NOTEBOOKS, sets, str(data))
    study = Study(data)
    ran = batch.run(
        planned,
        Path(out),
        title=study.title,
        lang=lang or study.lang,
        jobs=jobs or batch.jobs(),
        force=force,
    )
    return pd.DataFrame(ran)
