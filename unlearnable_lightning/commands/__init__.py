"""Plain commands beside `fit`, `validate`, `test` and `predict`: one file, one command.

`unlearnable NAME …` calls the function NAME of the file NAME.py with the arguments of its
signature. A file here imports what is slow within its function, so that `--help` does not
wait for torch.
"""
