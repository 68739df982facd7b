# What the project uses of gmalg.
