"""HTTP in, jobs out. Knows the queue and the shelf by their protocols; never imports torch, clipit or the worker."""
