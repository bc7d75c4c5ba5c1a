"""The pages that `make review` shows in the browser; each has `page(params)`."""
