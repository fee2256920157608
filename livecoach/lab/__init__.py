"""Makes and measures models: the synthetic lifter, annotation, datasets, training, evaluation and the benchmark.

Only `cli` imports this room, which imports the rooms below it. Of a lifter's commands, `demo`, `doctor`, `home` and
`live --camera list` need it.
"""
