"""Rule-based stand-ins for the teacher, the editor, the annotator and the judge."""
