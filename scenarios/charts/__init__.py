"""Charts of plans for people: one chart a file, each a frame of what is drawn and its picture."""
