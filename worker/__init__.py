"""The worker: claim a job, paint it, publish it, tell its visitor by mail. Knows jobs and clipit."""
