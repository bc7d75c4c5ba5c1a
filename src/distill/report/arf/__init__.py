"""The tables of the ARF paper (arXiv 2511.03005)."""
