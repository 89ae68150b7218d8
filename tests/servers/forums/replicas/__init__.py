"""Forum software that can't be installed here: its pages, made from a town in memory as its templates make them."""
