"""Ways of scoring a rep, made from good reps alone, and the protocol by which they are compared."""
