"""What leaves the dashboard: numbers, pictures, the certificate file, and the command that makes it again."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

from lrscore.images.certificate import ImageCertificate
from lrscore.images.settings import ImageSettings
from lrscore.images.view_text import written_views
from ui.certification.export import certificate_bytes, certify_command, file_stem
from ui.certification.notebook import Told, notebook
from ui.charts.chart import Chart
from ui.charts.paper import Format, paper_figure
from ui.charts.svg import chart_svg
from ui.images.branch_and_bound.work import SharpPoint, with_proofs
from ui.images.curves import CurveSet
from ui.images.facts import axis_name, claim
from ui.images.plots import curve_chart
from ui.images.states import Count, StateMap, pixel_states
from ui.style.palette import STATES
from ui.style.pictures import encode_png, grey_picture, styles_picture
from ui.style.theme import LIGHT, Theme
from ui.style.words import fewest_samples
from ui.widgets.tables import latex_table

_LEVELS = "levels.csv"


@dataclass(frozen=True, eq=False)
class Exported:
    """What was on screen when the download buttons were drawn; makes the files, needing nothing else.

    Args:
        certificate, curves: what every number comes from.
        index: position of the budget.
        count: what is counted.
        theme: of the reader.
        title: of the picture.
        counting_all, counting_correct: what branch and bound has proven, for the certificate's file.
    """

    certificate: ImageCertificate
    curves: CurveSet
    index: int
    count: Count
    theme: Theme
    title: str
    counting_all: tuple[SharpPoint, ...] = ()
    counting_correct: tuple[SharpPoint, ...] = ()

    @property
    def epsilon(self) -> float:
        """The budget."""
        return float(self.curves.epsilons[self.index])

    @property
    def epsilon_text(self) -> str:
        """The budget as the page writes it."""
        return self.curves.said(self.index)

    @property
    def counts_correct(self) -> bool:
        """Whether wrong pixels are left out."""
        return self.count == "correct" and self.certificate.reference is not None

    @property
    def what(self) -> str:
        """Name of the certified share."""
        return axis_name(self.certificate, self.count)

    @property
    def states(self) -> StateMap:
        """Of the pixels."""
        return pixel_states(self.certificate, self.epsilon, self.curves.allocation[self.index], self.count)

    @property
    def stem(self) -> str:
        """Start of the files' names: picture and settings."""
        settings = self.certificate.settings
        grid = f"{settings.grid[0]}x{settings.grid[1]}"
        noise = f"{settings.noise}-{settings.levels_in_words()}"
        return file_stem(self.title, grid, noise, f"{fewest_samples(self.certificate.trials)}-samples")

    @property
    def counted(self) -> str:
        """What is counted, in a file's name."""
        return "correct-pixels" if self.counts_correct else "all-pixels"

    @property
    def place(self) -> str:
        """Budget and what is counted, in a file's name."""
        return f"eps-{self.epsilon_text}_{self.counted}"

    @property
    def file_name(self) -> str:
        """Name, without ending, of a file that shows what was on screen."""
        return f"{self.stem}_{self.place}"

    def certificate_file(self) -> bytes:
        """The netCDF file, with everything that branch and bound has proven."""
        return certificate_bytes(with_proofs(self.certificate, self.counting_all, self.counting_correct))

    def chart(self) -> Chart:
        """The curves, with the budget marked."""
        norm = self.certificate.noise.norm
        return curve_chart(self.curves, self.index, self.theme, what=self.what, norm=norm)

    def curve_svg(self) -> str:
        """The chart as a drawing."""
        return chart_svg(self.chart(), self.theme)

    def curve_csv(self) -> str:
        """The curves as comma-separated values: one row per budget, counts and what they are a share of."""
        buffer, curves = io.StringIO(), self.curves
        writer = csv.writer(buffer, lineterminator="\n")
        writer.writerow(["epsilon", "naive", "paper", "envelope", "proven", "ceiling", "outputs"])
        columns = (
            curves.epsilons,
            curves.naive,
            curves.paper,
            curves.envelope,
            curves.proven,
            curves.ceiling,
        )
        for epsilon, *counts in zip(*columns, strict=True):
            writer.writerow([f"{epsilon:.10g}", *(int(count) for count in counts), curves.outputs])
        return buffer.getvalue()

    def paper_chart(self, form: Format, width: float) -> bytes:
        """The chart for a paper, so many millimetres wide, in print colours."""
        norm = self.certificate.noise.norm
        return paper_figure(
            curve_chart(self.curves, self.index, LIGHT, what=self.what, norm=norm), form, width=width
        )

    def curve_latex(self) -> str:
        """The curves as a LaTeX table."""
        return latex_table(self.curve_csv(), f"{self.what.capitalize()} against the budget: {self.title}")

    def notebook(self) -> str:
        """A notebook of this state, with the certificate in it."""
        certificate, index = self.certificate, self.index
        sharp = self.curves.exact is not None and self.curves.exact[index] > self.curves.envelope[index]
        words = f"At least {int(self.curves.proven[index]):,} of {self.curves.outputs:,}: "
        return notebook(
            Told(
                title=self.title,
                claim=words + claim(certificate, self.count, self.epsilon_text) + ".",
                command=reproduce_command(certificate),
                content=self.certificate_file(),
                budgets="certificate.default_budgets(61)",
                here=f"certificate.noise.budget(np.array([{self.epsilon!r}]))",
                targets="certificate.correct()" if self.counts_correct else "None",
                axis="np.sqrt(budgets)" if certificate.noise.norm == "l2" else "budgets",
                what=f"budget eps ({certificate.noise.norm} norm)",
                outputs=self.curves.outputs,
                method="exact" if sharp else "envelope",
            )
        )

    def overlay_png(self, factor: int = 4) -> bytes:
        """The states over the picture."""
        ground = grey_picture(self.certificate.image)
        painted = styles_picture(ground, self.states.numbers, STATES, dark=self.theme.dark, factor=factor)
        return encode_png(painted)


def reproduce_command(certificate: ImageCertificate) -> str:
    """The command line that samples the same certificate again, beside the files of `command_files`."""
    options = _options(certificate.settings)
    return certify_command("image", certificate, options, title="PICTURE", model="street-unet")


def command_files(settings: ImageSettings) -> dict[str, str]:
    """The file that the command reads, by name: edited noise levels as CSV, exactly."""
    if settings.levels is None:
        return {}
    return {_LEVELS: "".join(",".join(map(str, row)) + "\n" for row in settings.levels)}


def _noise_option(settings: ImageSettings) -> tuple[str, str]:
    if settings.views is not None:
        return "--views", written_views(settings.views)
    if settings.levels is not None:
        return "--level-matrix", _LEVELS
    return "--levels", f"{_exact(settings.level_min)}:{_exact(settings.level_max)}"


def _exact(number: float) -> str:
    """All digits of a number: another one gives other counts."""
    return repr(float(number)).removesuffix(".0")


def _options(settings: ImageSettings) -> list[tuple[str, ...]]:
    rows, cols = settings.grid
    options: list[tuple[str, ...]] = [
        ("--grid", f"{rows}x{cols}"),
        _noise_option(settings),
        ("--noise", settings.noise),
        ("--pilot-samples", str(settings.pilot_samples)),
        ("--samples", str(settings.samples)),
        ("--alpha", _exact(settings.alpha)),
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
        options.append(("--focus", ",".join(map(_exact, settings.focus))))
        options.append(("--tolerance", _exact(settings.tolerance)))
    if settings.tolerated > 1:
        options.append(("--tolerated", str(settings.tolerated)))
    for name in ("runner_up", "hierarchy"):
        if getattr(settings, name):
            options.append((f"--{name.replace('_', '-')}",))
    if settings.offered:
        options.append(("--offered", ",".join(map(str, settings.offered))))
    return options
