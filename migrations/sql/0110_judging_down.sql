DROP TABLE picture_references, picture_thresholds CASCADE;
