"""The thesis's experiments as a graph of files; see README.md beside this file."""
