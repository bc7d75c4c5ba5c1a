"""What FAIR reports: the students' accuracy, the gates, the reviewers."""
