"""AWS's vocabulary, how it is checked, and how it reads in JSON."""
