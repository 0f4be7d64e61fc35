"""The documentation site: pages that are made from the code, beside those of docs/."""
