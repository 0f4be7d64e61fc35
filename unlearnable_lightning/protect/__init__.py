"""A folder of pictures in, the same folder with noise out."""
