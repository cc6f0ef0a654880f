"""The report is one self-contained, well-formed document that says what the page says."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

from tests.ui.toy import toy_certificate
from ui.images.curves import compute_curves
from ui.images.export import Exported
from ui.images.report import html_report
from ui.style.theme import LIGHT
from ui.style.words import share

VOID_TAGS = {"meta", "img", "br"}


class Balance(HTMLParser):
    """Fails on tags that do not nest."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.links += [value for name, value in attrs if name in ("src", "href")]
        if tag not in VOID_TAGS:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def report(**changes: object) -> str:
    certificate = toy_certificate()
    certificate = replace(certificate, settings=replace(certificate.settings, **changes))
    curves = compute_curves(certificate, "correct")
    return html_report(Exported(certificate, curves, 40, "correct", LIGHT, "A <toy> street"))


def test_the_report_is_balanced_and_needs_no_other_file():
    parser = Balance()
    parser.feed(report())
    assert parser.open == []
    assert parser.links
    assert all(link.startswith("data:image/png;base64,") for link in parser.links)
    assert "<script" not in report()
    assert "A &lt;toy&gt; street" in report()


def test_the_report_says_what_the_page_says():
    certificate = toy_certificate()
    curves = compute_curves(certificate, "correct")
    text = report()
    assert share(int(curves.envelope[40]), curves.outputs) in text
    assert certificate.guarantee() in text
    assert "python -m lrscore certify image" in text
    for name in ("alpha", "grid", "samples counted", "seed", "versions"):
        assert f"<th>{name}</th>" in text


def test_an_invalid_correction_is_marked_in_the_report():
    text = report(correction="paper-holm")
    assert "NOT a certificate" in text
    assert "NOT VALID" in text
