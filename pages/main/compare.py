"""Two certificates, one budget."""

import streamlit as st

from lrscore.errors import CertificateFileError
from ui.chrome import heading
from ui.comparison import Side, comparable, comparison_figure, comparison_panels, number_rows, setting_rows
from ui.curves import slider_digits, slider_step
from ui.gallery import title_of
from ui.library import SHELF_WORDS, Entry, list_entries
from ui.panels import viewer_regions
from ui.resources import curves_of, file_key, read_certificate
from ui.stage import runs_folder
from ui.theme import current_theme
from ui.viewer import image_viewer
from ui.words import axis_name

heading("Two certificates, one budget", "Compare")
entries = {entry.identity: entry for entry in list_entries(runs_folder())}


def words(identity: str) -> str:
    entry = entries[identity]
    return f"{title_of(entry.path.stem)} · {SHELF_WORDS[entry.shelf]} · {entry.modified}"


def choose(name: str, first: int) -> Entry:
    names = list(entries)
    linked = st.query_params.get(name)
    if linked in entries and st.session_state.get(f"linked_{name}") != linked:
        st.session_state[name] = st.session_state[f"linked_{name}"] = linked
    identity = st.selectbox(
        f"Certificate {name.upper()}", names, index=min(first, len(names) - 1), format_func=words, key=name
    )
    st.query_params[name] = st.session_state[f"linked_{name}"] = identity
    return entries[identity]


def side(name: str, entry: Entry) -> Side:
    certificate = read_certificate(entry.path)
    curves = curves_of(file_key(entry.path), certificate.settings, "correct", certificate)
    return Side(name, title_of(certificate.provenance.get("title") or entry.path.stem), certificate, curves)


if not entries:
    st.info("There is nothing to compare yet. Certify a scene first.", icon=":material/compare:")
    st.stop()
left, right = st.columns(2)
with left:
    entry_a = choose("a", 0)
with right:
    entry_b = choose("b", 1)
try:
    a, b = side("A", entry_a), side("B", entry_b)
except CertificateFileError as error:
    st.error(str(error), icon=":material/broken_image:")
    st.stop()

largest = max(float(a.curves.epsilons[-1]), float(b.curves.epsilons[-1]))
epsilon = st.slider(
    "Adversary's budget ε",
    0.0,
    largest,
    min(0.1, largest),
    slider_step(largest),
    f"%.{slider_digits(largest)}f",
    key="budget",
    bind="query-params",
)
if not comparable(a.certificate, b.certificate):
    st.info(
        "The pictures differ in size or the budgets in norm: there is no difference map.",
        icon=":material/info:",
    )
if a.certificate.shape == b.certificate.shape:
    panels = comparison_panels(a, b, epsilon, "correct")
    image_viewer(panels, key="comparison_viewer", regions=viewer_regions(a.certificate), height=420)
chart, table = st.columns([3, 2], gap="large")
with chart:
    figure = comparison_figure(a, b, epsilon, current_theme(), what=axis_name(a.certificate, "correct"))
    st.plotly_chart(
        figure, theme=None, config={"displayModeBar": False}, alt="Certified share of A and B by budget."
    )
with table:
    rows = number_rows(a, b, epsilon) + setting_rows(a.certificate, b.certificate)
    st.table(
        {"": [row[0] for row in rows], "A": [row[1] for row in rows], "B": [row[2] for row in rows]},
        hide_index=True,
    )
