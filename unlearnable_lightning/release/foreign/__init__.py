"""What the foreign formats share: how their bytes are read, and what the numbers in them mean."""
