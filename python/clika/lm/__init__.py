"""What is true of any causal language model of transformers, whether it is trained or asked.

Everything that loads torch is imported when it is called.
"""
