"""What a run writes beside its checkpoints, and when it stops."""
