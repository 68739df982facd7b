"""Ways to test the model, and to test with it."""
