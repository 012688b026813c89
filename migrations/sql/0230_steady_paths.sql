-- While an import of many areas runs in one transaction, statistics gathered beside it see none of its rows. A join
-- then walks all areas once for each of them, for many minutes; hashed, it takes as long as it should.
ALTER FUNCTION refresh_paths() SET enable_nestloop = off;
