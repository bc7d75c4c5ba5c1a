"""The workbench's pages *Revisions* and *Results* alone: ?page=results shows the second."""

import streamlit as st

from arf.params import load
from arf.workbench import results, revisions

st.set_page_config(layout="wide")
(results if st.query_params.get("page") == "results" else revisions).page(load())
