"""A vocabulary of a student's own, made of the one of the model that it starts from."""
