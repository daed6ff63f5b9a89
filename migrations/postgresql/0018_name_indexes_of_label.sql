-- Migration 0018: the unique keys of label are indexes with names
--
-- SQLite only. In PostgreSQL a large source has a partition of its own, whose keys are made when it is full.
SELECT 1;
