"""The run around a training: its folder, lock, checkpoints, seeds and end.

All that touches Lightning's internals is here, with a word on the version it was seen in.
"""
