"""`python -m lrscore certify image PATH|NAME`."""

from __future__ import annotations

import argparse
from dataclasses import replace

from lrscore.cli.catalogue import find_catalogue
from lrscore.cli.image_options import (
    add_noise_options,
    add_picture_options,
    image_settings,
    model_name,
    picture_size,
)
from lrscore.cli.image_summary import print_image_summary
from lrscore.cli.options import add_sampling_options, check_output, seeded, sequence
from lrscore.cli.tables import progress_bar
from lrscore.images.references import OTHER_CLASSES, match_reference
from lrscore.images.settings import ImageSettings


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    defaults = ImageSettings()
    add = parser.add_argument
    add("source", metavar="PATH|NAME", help="a picture file or the name of a bundled scene")
    add_picture_options(parser)
    add_noise_options(parser)
    add(
        "--focus",
        type=sequence,
        default=(),
        help="adaptive sampling: the eps to look at, separated by commas",
    )
    add("--tolerance", type=float, default=defaults.tolerance, help="when adaptive sampling may stop")
    add("--reference", help="index mask with the true classes in the model's numbering (255 = void)")
    add_sampling_options(parser, defaults)


def run(options: argparse.Namespace) -> None:
    """Sample, certify, print a summary, write the file."""
    check_output(options.out)
    settings = image_settings(options)
    catalogue = find_catalogue()
    loaded = catalogue.load_image(options.source, picture_size(options.size))
    if loaded.remark:
        print(f"{loaded.title}: {loaded.remark}")
    height, width = loaded.image.shape[1:]
    settings.regions(height, width)  # does the grid fit?
    reference, names = loaded.reference, loaded.class_names
    if options.reference is not None:
        reference, names = catalogue.load_reference(options.reference, (height, width)), ()
    model = catalogue.load_image_model(model_name(options))
    matched = match_reference(reference, names, tuple(getattr(model, "class_names", ())))
    if reference is not None and matched is None:
        print(OTHER_CLASSES)
    generator, device = seeded(options.seed, options.device)

    from lrscore.images.certify import certify_image

    with progress_bar("noisy copies") as progress:
        certificate = certify_image(
            model, loaded.image, settings, generator=generator, device=device, progress=progress
        )
    certificate = replace(certificate, provenance={**certificate.provenance, "title": loaded.title})
    if matched is not None:
        certificate = certificate.with_reference(matched)
    curve = certificate.collective(certificate.default_budgets(), method=options.method)
    certificate = replace(certificate, curves=(curve,))
    certificate.save(options.out)
    print_image_summary(certificate)
    print(f"written to {options.out}")
