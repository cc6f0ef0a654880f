"""What leaves the dashboard: numbers, pictures, the certificate file, and the command that makes it again."""

from __future__ import annotations

import csv
import io

from lrscore.images.certificate import ImageCertificate
from lrscore.images.settings import ImageSettings
from ui.certification.export import certify_command
from ui.images.curves import CurveSet
from ui.images.states import StateMap
from ui.style.palette import STATES
from ui.style.pictures import encode_png, grey_picture, styles_picture


def curve_csv(curves: CurveSet) -> str:
    """The curves as comma-separated values: one row per budget, counts and what they are a share of."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(["epsilon", "naive", "paper", "envelope", "proven", "ceiling", "outputs"])
    columns = (curves.epsilons, curves.naive, curves.paper, curves.envelope, curves.proven, curves.ceiling)
    for epsilon, *counts in zip(*columns, strict=True):
        writer.writerow([f"{epsilon:.10g}", *(int(count) for count in counts), curves.outputs])
    return buffer.getvalue()


def overlay_png(
    certificate: ImageCertificate, states: StateMap, *, dark: bool = False, factor: int = 4
) -> bytes:
    """The states over the picture as a PNG file."""
    ground = grey_picture(certificate.image)
    return encode_png(styles_picture(ground, states.numbers, STATES, dark=dark, factor=factor))


def reproduce_command(certificate: ImageCertificate) -> str:
    """The command line that samples the same certificate again."""
    options = _options(certificate.settings)
    return certify_command("image", certificate.provenance, options, title="PICTURE", model="street-unet")


def _options(settings: ImageSettings) -> list[tuple[str, ...]]:
    rows, cols = settings.grid
    options: list[tuple[str, ...]] = [
        ("--grid", f"{rows}x{cols}"),
        ("--levels", f"{settings.level_min:g}:{settings.level_max:g}")
        if settings.levels is None
        else ("--level-matrix", "LEVELS.csv"),
        ("--noise", settings.noise),
        ("--pilot-samples", str(settings.pilot_samples)),
        ("--samples", str(settings.samples)),
        ("--alpha", f"{settings.alpha:g}"),
        ("--correction", settings.correction),
    ]
    if settings.interpolation != "linear":
        options.append(("--interpolation", settings.interpolation))
    if settings.per_group:
        options.append(("--per-group",))
    if settings.mask_distance is not None:
        options.append(("--mask-distance", str(settings.mask_distance)))
    if settings.two_views:
        options.append(("--two-views",))
    if settings.focus:
        options.append(("--focus", ",".join(f"{epsilon:g}" for epsilon in settings.focus)))
        options.append(("--tolerance", f"{settings.tolerance:g}"))
    if settings.tolerated > 1:
        options.append(("--tolerated", str(settings.tolerated)))
    return options
