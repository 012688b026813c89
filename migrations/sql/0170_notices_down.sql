DROP TRIGGER notices_follow ON areas;
DROP FUNCTION notices_follow();
DROP TABLE notice_lines, notices, notice_rules, notice_channels;
