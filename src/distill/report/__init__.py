"""The paper's tables and what else metrics/ holds, one file a subject."""
