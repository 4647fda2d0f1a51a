"""Training causal language models in stages: pretrain, continue, instruct, teach.

Everything that loads torch is imported when it is called, so that reading a recipe stays light.
"""
