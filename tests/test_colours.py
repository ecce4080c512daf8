"""Colours stay apart for the colour-blind and in grey: distances computed, not asserted."""

from itertools import combinations

import numpy as np
import pytest
from matplotlib import colors, rcParams

from analysis import figures
from analysis.figures import PRESETS
from analysis.figures.look import ACCENT, MAIN, SOFT
from analysis.figures.over_time import LOOKS

Lab = tuple[float, float, float]

AREAS, LINES, GREY = 20.0, 12.0, 12.0
"""Least distances (CIEDE2000) of the colours of areas and of lines; the least step of lightness."""

VISION = {
    "normal": np.eye(3),
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
}
"""Machado, Oliveira & Fernandes (2009), severity 1, on linear RGB."""


def lab(color: str, vision: str = "normal") -> Lab:
    """A colour as CIE L*a*b* (D65), as somebody sees it."""
    srgb = np.array(colors.to_rgb(color))
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    to_xyz = [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
    seen = np.clip(np.array(VISION[vision]) @ linear, 0, 1)
    xyz = np.array(to_xyz) @ seen / np.array([0.95047, 1, 1.08883])
    x, y, z = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def distance(one: Lab, other: Lab) -> float:
    """CIEDE2000, as Sharma, Wu & Dalal (2005) write it down."""
    (l1, a1, b1), (l2, a2, b2) = one, other
    mean = (np.hypot(a1, b1) + np.hypot(a2, b2)) / 2
    more = 1.5 - 0.5 * np.sqrt(mean**7 / (mean**7 + 25**7))
    c1, c2 = np.hypot(more * a1, b1), np.hypot(more * a2, b2)
    h1, h2 = (np.degrees(np.arctan2(b, more * a)) % 360 for a, b in ((a1, b1), (a2, b2)))
    turn = (h2 - h1 + 180) % 360 - 180 if c1 * c2 else 0.0
    hue, light, chroma = h1 + turn / 2 if c1 * c2 else h1 + h2, (l1 + l2) / 2, (c1 + c2) / 2

    def wave(times: int, shift: int) -> float:
        return float(np.cos(np.radians(times * hue + shift)))

    t = 1 - 0.17 * wave(1, -30) + 0.24 * wave(2, 0) + 0.32 * wave(3, 6) - 0.2 * wave(4, -63)
    by_light = (l2 - l1) / (1 + 0.015 * (light - 50) ** 2 / np.sqrt(20 + (light - 50) ** 2))
    by_chroma = (c2 - c1) / (1 + 0.045 * chroma)
    by_hue = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn / 2)) / (1 + 0.015 * chroma * t)
    bend = 60 * np.exp(-((((hue % 360) - 275) / 25) ** 2))
    blue = -2 * np.sqrt(chroma**7 / (chroma**7 + 25**7)) * np.sin(np.radians(bend))
    return float(np.sqrt(by_light**2 + by_chroma**2 + by_hue**2 + blue * by_chroma * by_hue))


def cycle(preset: str, names: list[str]) -> list[str]:
    """What the colours of a style sheet's cycle are."""
    with figures.style(preset):
        colours = rcParams["axes.prop_cycle"].by_key()["color"]
    return [colours[int(name[1:])] for name in names]


def nearest(colours: list[str], vision: str) -> float:
    seen = [lab(f"#{colour.lstrip('#')}", vision) for colour in colours]
    return min(distance(one, other) for one, other in combinations(seen, 2))


@pytest.mark.parametrize(
    ("one", "other", "published"),
    [  # Sharma, Wu & Dalal (2005), table 1
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, 0, 0), (50, -1, 2), 2.3669),
        ((50, 2.5, 0), (50, 0, -2.5), 4.3065),
        ((50, 2.5, 0), (73, 25, -18), 27.1492),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_the_distance_is_the_published_one(one: Lab, other: Lab, published: float) -> None:
    assert distance(one, other) == pytest.approx(published, abs=5e-5)


def test_the_simulation_leaves_grey_and_takes_red_and_green_together() -> None:
    for vision in ("deuteranopia", "protanopia"):
        assert distance(lab("#808080", vision), lab("#808080")) < 0.1
        assert (
            nearest(["#d62728", "#6b7a2a"], vision) < nearest(["#d62728", "#6b7a2a"], "normal") / 2
        )


@pytest.mark.parametrize("preset", PRESETS)
def test_colours_of_areas_stay_apart_for_all_eyes_and_in_grey(preset: str) -> None:
    areas = cycle(preset, [MAIN, ACCENT, SOFT])
    assert min(nearest(areas, vision) for vision in VISION) >= AREAS
    light = sorted(lab(f"#{colour.lstrip('#')}")[0] for colour in areas)
    assert min(np.diff(light)) >= GREY


@pytest.mark.parametrize("preset", PRESETS)
def test_lines_stay_apart_by_colour_or_by_marker_and_dash(preset: str) -> None:
    assert len({(marker, str(dash)) for _, marker, dash in LOOKS}) == len(LOOKS) == 18
    lines = cycle(preset, sorted({color for color, _, _ in LOOKS}))
    apart = min(nearest(lines, vision) for vision in VISION) >= LINES
    assert apart or PRESETS[preset].hatched  # black and white: marker and dash alone
