"""The workbench's pages *Revisions*, *Results* and *Try it* alone: ?page=results shows the second.

What comes last counts the runs, so that a test can wait for the answer to what it did.
"""

import streamlit as st

from distill.params import load
from distill.workbench import results, revisions, try_it

PAGES = {"results": results, "try": try_it}
st.set_page_config(layout="wide")
PAGES.get(st.query_params.get("page", ""), revisions).page(load())
st.session_state["runs"] = st.session_state.get("runs", 0) + 1
st.html(f'<div id="distill-run" data-run="{st.session_state["runs"]}"></div>')
