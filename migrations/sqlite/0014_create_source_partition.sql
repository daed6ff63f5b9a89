-- Migration 0014: large sources of labels get partitions of their own
--
-- PostgreSQL only: SQLite has no partitions, and checks rows of any number one by one.
SELECT 1;
