"""One file per noise: a pure function of images, labels and a random generator."""
