"""`python -m lrscore certify image PATH|NAME`."""

from __future__ import annotations

import argparse
from dataclasses import replace

from lrscore.catalogue import find_catalogue
from lrscore.cli.image_options import (
    add_noise_options,
    add_picture_options,
    fitted_settings,
    image_settings,
    model_name,
    picture_size,
)
from lrscore.cli.image_summary import print_image_summary
from lrscore.cli.labelled import add_label_options, load_labelled, reference_of, target_file
from lrscore.cli.model_options import add_model_options, image_how, placed, understood
from lrscore.cli.options import add_sampling_options, add_settings, check_output, seeded
from lrscore.cli.progress import progress_bar
from lrscore.cli.promise import warn_if_hopeless
from lrscore.images.settings import ImageSettings


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    add = parser.add_argument
    add(
        "source",
        metavar="SOURCE",
        help="a picture file, DATASET:SPLIT:ID, FOLDER:SPLIT:ID, scene:SEED or the name of a bundled scene",
    )
    add_picture_options(parser)
    add_model_options(parser)
    add_noise_options(parser)
    add_settings(parser, ImageSettings, "focus", "tolerance", "runner_up", "hierarchy")
    add_label_options(parser)
    add(
        "--targets",
        metavar="MASK",
        help="count the pixels that are not 0 in this mask as well; stored and verified",
    )
    add_sampling_options(parser, ImageSettings)


def copies_of(settings: ImageSettings) -> int:
    """Noisy copies that a run sends through the model."""
    return len(settings.shared_copies()) * (settings.pilot_samples + settings.samples)


def run(options: argparse.Namespace) -> None:
    """Sample, certify, print a summary, write the file."""
    check_output(options.out)
    settings = image_settings(options)
    catalogue = find_catalogue()
    loaded = load_labelled(catalogue, options, picture_size(options.size))
    height, width = loaded.image.shape[1:]
    settings.regions(height, width)  # does the grid fit?
    how = image_how(options, (height, width), copies_of(settings))
    model = catalogue.load_image_model(model_name(options), **understood(catalogue.load_image_model, how))
    settings = fitted_settings(options, settings, model, [(height, width)])
    for name, remark in (
        (loaded.title, loaded.remark),
        ("model", getattr(model, "remark", "")),
        ("precision", getattr(model, "chosen", "")),
    ):
        if remark:
            print(f"{name}: {remark}")
    matched, sentence = reference_of(loaded, model, settings, options.void)
    if sentence:
        print(sentence)
    targets = None if options.targets is None else target_file(options.targets, catalogue, loaded)
    warn_if_hopeless(settings, height * width, "pixels")
    generator, device = seeded(options.seed, options.device)

    from lrscore.images.certify import certify_image

    with progress_bar("noisy copies") as progress:
        certificate = certify_image(
            placed(model, device),
            loaded.image,
            settings,
            generator=generator,
            device=device,
            progress=progress,
        )
    certificate = replace(certificate, provenance={**certificate.provenance, "title": loaded.title})
    if matched is not None:
        certificate = certificate.with_reference(matched)
    curve = certificate.collective(certificate.default_budgets(), method=options.method)
    certificate = replace(certificate, curves=(curve,))
    if targets is not None:
        certificate = certificate.with_targets("targets", targets, method=options.method)
    certificate.save(options.out)
    print_image_summary(certificate)
    print(f"written to {options.out}")
