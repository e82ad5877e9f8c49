-- SQLite has no policies: the store's conditions and its check of every row are the walls there.
SELECT 1;
