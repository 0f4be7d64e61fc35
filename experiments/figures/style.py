"""A colour for each data set: sample-wise blue, class-wise orange, darker with epsilon."""

COLOURS = {
    "clean": "#4d4d4d",
    "S2": "#9ecae1",
    "S4": "#4292c6",
    "S8": "#08519c",
    "C2": "#fdbe85",
    "C4": "#fd8d3c",
    "C8": "#a63603",
    "S8*": "#6baed6",
    "C8*": "#e6550d",
    "G8": "#31a354",
}
