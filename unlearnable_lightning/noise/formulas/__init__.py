"""The closed forms themselves, a pure function each: tensors in, tensors out, no Lightning.

A file of `methods/` makes a module of each. They are apart because a module cannot be defined
without Lightning, which takes twice as long to import as torch.
"""
