"""The pages that `make workbench` shows in the browser; each has `page(params)`."""
