"""The steps that make files, one module for each verb of the command line."""
