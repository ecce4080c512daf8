"""Provinces on a map: a square each, or the boundaries of a file of the user's own.

The squares are a schematic of ours and show no borders. Boundaries are drawn only from a file that
says under which approval number (审图号) its map was published, and the caption says it.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path as File
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import yaml
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch, PathPatch, Rectangle
from matplotlib.path import Path

from analysis import tables
from analysis.kit import InputError, fault

from .attention import axis, figure_of, known, number, why
from .look import (
    DEEP,
    MAIN,
    PRESET,
    SINGLE,
    SMALL,
    alike,
    blank,
    blended,
    canvas,
    fit,
    foot,
    height,
    ink_on,
    mark,
    numbered,
    region_in,
    say,
    style,
    tall,
    told,
)
from .matrix import MISSING

_EMPTY: dict[str, Any] = {"fc": "white", "ec": "#b0b0b0", "ls": (0, (2, 2)), "lw": 0.5}
_APPROVAL = ("审图号", "approval")
_STEPS = (1 / 3, 2 / 3, 1.0)
_SIDE = 0.94
_EARTH = 180  # degrees: coordinates beyond are of a map projected already


@cache
def tiles() -> dict[str, dict[str, Any]]:
    """Where each of the 34 stands, by the first two digits of its code, and what it is called."""
    text = File(__file__).with_name("tiles.yaml").read_text("utf-8")
    return dict(yaml.safe_load(text))


_ASPECT = 0.62  # of a tile on a slide, which is wider than high


def attention_tiles(
    table: pd.DataFrame,
    names: Mapping[str, str] | None = None,
    *,
    map_file: str = "",
    approval: str = "",
    value: str = "rate_chars",
    at: str = "year",
    lang: str = "zh",
    preset: str = PRESET,
) -> Figure:
    """The provinces in one year, shaded by the value: a square each, or on a map of one's own.

    InputError if the map cannot be read, is no GeoJSON of areas, or has no approval number.

    Parameters
    ----------
    table : `attention.ranked` of provinces; the others as in `attention_over_time`.
    map_file : a GeoJSON file whose features name a province by code or name in any property.
    approval : the map's 审图号, if the file has none in its top level or a feature's properties.
    """
    drawn = boundaries(map_file, approval) if map_file else None
    rows = known(numbered(table), value, at)
    rows = rows[rows["level"] == "province"]
    if rows["shown"].isna().all():
        return blank(lang, preset)
    most = rows["shown"].max() or 1.0
    with style(preset):
        lost = drawn.lost(rows) if drawn else []
        said = [axis(at, lang), say(lang, value)]
        if drawn:
            named = (
                say(
                    lang,
                    "unmatched",
                    regions=say(lang, "and").join(region_in(one, lang) for one in lost),
                )
                if lost
                else ""
            )
            about = {"file": drawn.about["file"], "number": drawn.about["approval"]}
            said += [say(lang, "approved", **about), named]
        else:
            said += [say(lang, "schematic"), say(lang, "iso_letters")]
        below = told(lang, *said)
        figure = canvas(SINGLE, 96 + tall(fit(below, SINGLE, 0.94, 6)))
        axes = figure.add_subplot()
        axes.set_axis_off()
        axes.set_aspect(drawn.aspect if drawn else _ASPECT if height() else 1)
        if drawn:
            figure.inputs = {**figure.inputs, "map": drawn.about}
            _on_map(axes, rows, drawn, most, lang)
        else:
            _squares(axes, rows, most, lang)
        year = say(lang, "year", year=rows["at"].iloc[0])
        axes.set_title(f"{figure_of(rows, names, lang)} · {year}")
        foot(figure, below, SINGLE, 6)
        taken = sum(len(drawn.of(row)) for row in tables.rows(rows)) if drawn else len(rows)
        _key(figure, rows, most, lang, apart=taken < len(drawn.areas if drawn else tiles()))
    return figure


def _fill(row: Any, most: float) -> dict[str, Any]:
    """How a province is filled: by its value, white at 0, crossed without one."""
    if pd.isna(row.shown):
        return MISSING
    return {"fc": blended(MAIN, row.shown / most * DEEP), "ec": "#b0b0b0", "lw": 0.4}


def _squares(axes: Axes, rows: pd.DataFrame, most: float, lang: str) -> None:
    """A square each; those of which there is no row are empty."""
    found = {row.region_code[:2]: row for row in tables.rows(rows)}
    said_as = alike(rows["shown"])
    axes.set_xlim(-0.5, max(one["at"][1] for one in tiles().values()) + 0.5)
    axes.set_ylim(max(one["at"][0] for one in tiles().values()) + 0.5, -0.5)
    for code, one in tiles().items():
        (y, x), row = one["at"], found.get(code)
        corner = (x - _SIDE / 2, y - _SIDE / 2)
        look = _EMPTY if row is None else _fill(row, most)
        drawn: list[Any] = [axes.add_patch(Rectangle(corner, _SIDE, _SIDE, **look))]
        text: dict[str, Any] = {"ha": "center", "color": ink_on(look["fc"])}
        if row is not None and pd.isna(row.shown):
            text["bbox"] = {"fc": "white", "ec": "none", "pad": 0.5}
        if row is None or pd.isna(row.shown):
            drawn.append(axes.text(x, y, one[lang], size=6.5, va="center", **text))
        else:
            drawn.append(axes.text(x, y - 0.04, one[lang], size=6.5, va="bottom", **text))
            drawn.append(axes.text(x, y + 0.06, said_as(row.shown), size=SMALL, va="top", **text))
        if row is not None:
            for artist in drawn:
                mark(artist, row.row_no, _tip(row, lang))


def _tip(row: Any, lang: str) -> str:
    said = why(row.missing, lang) if pd.isna(row.shown) else number(row.shown)
    return f"{row.region} {row.at}: {said}"


def _key(figure: Any, rows: pd.DataFrame, most: float, lang: str, *, apart: bool) -> None:
    """What the shades mean; only those that occur."""
    shades = [(0.0, "0")] if (rows["shown"] == 0).any() else []
    shades += [(step, number(most * step)) for step in _STEPS]
    look: dict[str, Any] = {"ec": "#b0b0b0", "lw": 0.4}
    handles = [Patch(fc=blended(MAIN, one * DEEP), label=label, **look) for one, label in shades]
    if rows["shown"].isna().any():
        handles.append(Patch(label=say(lang, "missing_cell"), **MISSING))
    if apart:
        handles.append(Patch(label=say(lang, "no_report_of"), **_EMPTY))
    where: dict[str, Any] = {"loc": "outside upper left", "ncols": 6, "frameon": False}
    where |= {"handlelength": 1.4, "handletextpad": 0.5, "columnspacing": 0.9}
    figure.legend(handles=handles, fontsize=6, **where)


# -- boundaries of the user's own -------------------------------------------------------------


class Map(NamedTuple):
    """Areas with what their properties say; `about` is the file for the record."""

    areas: list[tuple[set[str], Path]]
    about: dict[str, str]

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """Left, right, lower and upper end."""
        corners = np.vstack([np.asarray(path.vertices) for _, path in self.areas])
        (left, low), (right, high) = corners.min(axis=0), corners.max(axis=0)
        return left, right, low, high

    @property
    def aspect(self) -> float:
        """How much higher than wide a degree is in the middle; 1 where units are no degrees."""
        left, right, low, high = self.extent
        degrees = max(abs(left), abs(right)) <= _EARTH and max(abs(low), abs(high)) <= _EARTH / 2
        return 1 / math.cos(math.radians((low + high) / 2)) if degrees else 1.0

    def of(self, row: Any) -> list[Path]:
        """The areas of a province: those with its code or name, or the first two digits' name."""
        names = {row.region_code, row.region, tiles().get(row.region_code[:2], {}).get("zh", "")}
        return [path for said, path in self.areas if said & (names - {""})]

    def lost(self, rows: pd.DataFrame) -> list[str]:
        """The regions that are on no area."""
        return [row.region for row in tables.rows(rows) if not self.of(row)]


def boundaries(path: str, approval: str = "") -> Map:
    """The areas of a GeoJSON file, see `attention_tiles`."""
    place = File(path)
    try:
        data = place.read_bytes()
        document = json.loads(data)
        features = document["features"]
        areas = [
            (_said(one), _path(one["geometry"]))
            for one in features
            if (one.get("geometry") or {}).get("type") in ("Polygon", "MultiPolygon")
        ]
    except OSError as error:
        raise InputError(f"the map cannot be read: {fault(error)}", path=place) from None
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        said = "is no GeoJSON of areas; export a FeatureCollection of polygons."
        raise InputError(said, path=place) from None
    if not areas:
        raise InputError("holds no area (Polygon or MultiPolygon).", path=place)
    properties = [document, *(one.get("properties") or {} for one in features)]
    found = (str(one[key]) for one in properties for key in _APPROVAL if one.get(key))
    if not (approval := approval or next(found, "")):
        said = (
            "has no 审图号: write it into the file (a property 审图号) or give it as `approval`; "
        )
        raise InputError(f"{said}without one a map of China may not be published.", path=place)
    digest = hashlib.sha256(data).hexdigest()
    return Map(areas, {"file": place.name, "sha256": digest, "approval": approval})


def _said(feature: Mapping[str, Any]) -> set[str]:
    """All values of a feature's properties, and its id, as text."""
    values = [feature.get("id"), *(feature.get("properties") or {}).values()]
    return {str(one) for one in values if isinstance(one, str | int)}


def _path(geometry: Mapping[str, Any]) -> Path:
    """An area with its holes."""
    rings = list(_rings(geometry))
    return Path.make_compound_path(*(Path(ring, closed=True) for ring in rings))


def _rings(geometry: Mapping[str, Any]) -> Iterator[list[tuple[float, float]]]:
    """The rings of an area, holes the other way round than outlines: so they stay holes."""
    whole = geometry["coordinates"]
    polygons: Iterable[Any] = [whole] if geometry["type"] == "Polygon" else whole
    for polygon in polygons:
        for at, points in enumerate(polygon):
            ring = [(float(point[0]), float(point[1])) for point in points]
            turn = sum(x * v - u * y for (x, y), (u, v) in pairwise([*ring, ring[0]]))
            yield ring if (turn > 0) == (at == 0) else ring[::-1]


def _on_map(axes: Axes, rows: pd.DataFrame, drawn: Map, most: float, lang: str) -> None:
    """The areas of all regions; others are dashed, as no area with a value is."""
    left, right, low, high = drawn.extent
    axes.set_xlim(left, right)
    axes.set_ylim(low, high)
    for _, path in drawn.areas:
        axes.add_patch(PathPatch(path, **_EMPTY))
    for row in tables.rows(rows):
        for path in drawn.of(row):
            area = axes.add_patch(PathPatch(path, **_fill(row, most)))
            mark(area, row.row_no, _tip(row, lang))
