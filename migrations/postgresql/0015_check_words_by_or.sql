-- Migration 0015: lists of allowed words that cost nothing
--
-- SQLite only, which builds a temporary B-tree for each such list and row.
SELECT 1;
