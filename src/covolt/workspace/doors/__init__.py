"""The doors of the workspace over HTTP, a module for each group of them."""
