"""The national results as published, as a data file, and the loader that checks them."""
