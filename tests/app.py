"""The workbench's pages *Revisions* and *Results* alone: ?page=results shows the second.

What comes last counts the runs, so that a test can wait for the answer to what it did.
"""

import streamlit as st

from distill.params import load
from distill.workbench import results, revisions

st.set_page_config(layout="wide")
(results if st.query_params.get("page") == "results" else revisions).page(load())
st.session_state["runs"] = st.session_state.get("runs", 0) + 1
st.html(f'<div id="distill-run" data-run="{st.session_state["runs"]}"></div>')
