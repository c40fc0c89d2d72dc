"""Colours as each sight meets them, and the contrast of two of them (WCAG 2.2)."""

from colorspacious import cspace_convert

SIGHTS = (None, "deuteranomaly", "protanomaly", "tritanomaly")
SMALLEST_GRAPHIC_CONTRAST = 3.0  # WCAG 2.2, graphics


def rgb(colour: str) -> list[float]:
    return [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]


def as_seen(colour: str, sight: str | None) -> list[float]:
    if sight is None:
        return rgb(colour)
    space = {"name": "sRGB1+CVD", "cvd_type": sight, "severity": 100}
    return list(cspace_convert(rgb(colour), space, "sRGB1"))


def contrast(ink: str, paper: str) -> float:
    def luminance(colour: str) -> float:
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb(colour)]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(ink), luminance(paper)), reverse=True)
    return (light + 0.05) / (dark + 0.05)
