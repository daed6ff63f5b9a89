-- Migration 0017: nothing
--
-- The number is held for a change that is made elsewhere at the same time; its file takes the place of this one.
SELECT 1;
