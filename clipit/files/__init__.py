"""Files of a drawing: the picture and the film of its making, both carrying their recipe."""
