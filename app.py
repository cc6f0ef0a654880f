"""The dashboard's server: `streamlit run app.py`. What a browser sees begins in `ui/shell.py`."""

import streamlit as st

app = st.App("ui/shell.py")
