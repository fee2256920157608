"""Makes and measures models: the synthetic lifter, annotation, datasets, training, evaluation and the benchmark.

`cli` alone imports it, and it imports any room below; no lifter's command needs it but `doctor`.
"""
