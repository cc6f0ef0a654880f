"""The attack of `python -m lrscore attack` on image certificates."""

from __future__ import annotations

import argparse
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from lrscore.atomic import write_bytes
from lrscore.catalogue import find_catalogue
from lrscore.cli.made_with import refuse_another
from lrscore.cli.model_options import placed
from lrscore.cli.options import seeded
from lrscore.cli.progress import progress_bar
from lrscore.errors import CertificateFileError, InputError, SettingsError
from lrscore.images.attack.settings import AttackSettings
from lrscore.images.certificate import ImageCertificate
from lrscore.plain_text import TextError, plain_name

SUFFIX = ".npy"
OUT = f"attacked{SUFFIX}"
"""Where the attacked picture goes unless told otherwise."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Budget and effort."""
    defaults = AttackSettings(epsilon=0.0)
    add = parser.add_argument
    add("--eps", type=float, help="images: norm of the perturbation, in the norm of the certificate")
    add("--steps", type=int, default=defaults.steps, help="images: gradient steps")
    add(
        "--copies",
        type=int,
        default=defaults.copies,
        help="images: noisy copies of each group behind one step",
    )
    add(
        "--attack-samples",
        type=int,
        default=defaults.samples,
        help="images: fresh copies that test what changed",
    )


def run(certificate: ImageCertificate, options: argparse.Namespace) -> None:
    """Attack, write the perturbed picture, say what survived and what is certified.

    Raises:
        SettingsError: no budget, or effort out of range.
        InputError: another model than the certificate's.
    """
    if options.eps is None:
        raise SettingsError("an attack on an image needs a budget: --eps E")
    if Path(options.out).suffix.lower() != SUFFIX:
        raise CertificateFileError(f"cannot write {options.out}: the attacked picture is a {SUFFIX} file")
    pilot = max(8, options.attack_samples // 2)
    settings = AttackSettings(
        epsilon=options.eps,
        steps=options.steps,
        copies=options.copies,
        pilot_samples=pilot,
        samples=options.attack_samples,
    )
    generator, device = seeded(options.seed, options.device)
    model = placed(the_model(certificate, options.model), device)

    from lrscore.images.attack.attack import attack_image

    with progress_bar("passes") as progress:
        attack = attack_image(
            model, certificate, settings, generator=generator, device=device, progress=progress
        )
    budget = certificate.noise.budget(np.array([options.eps]))
    proven = certificate.collective(budget, targets=attack.attacked)
    content = BytesIO()
    np.save(content, attack.image, allow_pickle=False)
    write_bytes(options.out, content.getvalue())
    counted = int(attack.attacked.sum())
    spent = float(certificate.noise.epsilon(np.array([attack.spent.sum()]))[0])
    print(f"attack of {certificate.noise.norm} norm {options.eps:g} ({spent:.4g} spent)")
    print(f"on {counted:,} pixels that do not abstain:")
    print(f"  survived  {attack.surviving:,} ({int(attack.changed.sum()):,} shown to have changed)")
    print(f"  certified {int(proven.certified[0]):,} (no adversary of that norm leaves fewer)")
    print(f"attacked picture (channels, height, width) written to {options.out}")


def the_model(certificate: ImageCertificate, name: str | None) -> Any:
    """The model that the certificate was made with.

    Raises:
        InputError: it is another one.
    """
    told = certificate.provenance.get("model", "")
    if not (name or told):
        raise InputError("the certificate does not name its model: name it with --model")
    try:
        model = find_catalogue().load_image_model(name or plain_name(told, "its model"))
    except (InputError, TextError) as error:
        raise InputError(
            f"the certificate's model can not be loaded, name it with --model: {error}"
        ) from error
    refuse_another(certificate, model, name or told)
    return model
