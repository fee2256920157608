"""Makes and measures models: the synthetic lifter, annotation, datasets, training, evaluation and the benchmark.

`cli` alone imports this room, which imports any room below. Of a lifter's commands, only `doctor` needs it.
"""
