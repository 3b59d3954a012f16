"""What users write: the strict base of all options, the types of their fields, the keys that arms share."""
