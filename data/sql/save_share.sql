INSERT INTO cell_shares (
    area_id, px_per_m, seen_m2, seen_now_m2, seen_by_2_m2, least_m2, most_m2, sectors_m2, worst_camera_id, worst_m2,
    roads_m, roads_seen_m, roads_now_m, crossings, crossings_seen, crossings_now, buildings, buildings_seen,
    buildings_now, places, places_seen, places_now, incidents, incidents_seen, incidents_now, unseen_places,
    unseen_places_now, gaps, gaps_now)
VALUES (
    :area_id, :px_per_m, :seen_m2, :seen_now_m2, :seen_by_2_m2, :least_m2, :most_m2, :sectors_m2, :worst_camera_id,
    :worst_m2, :roads_m, :roads_seen_m, :roads_now_m, :crossings, :crossings_seen, :crossings_now, :buildings,
    :buildings_seen, :buildings_now, :places, :places_seen, :places_now, :incidents, :incidents_seen,
    :incidents_now, :unseen_places, :unseen_places_now, ST_SetSRID(ST_GeomFromWKB(:gaps), 4326),
    ST_SetSRID(ST_GeomFromWKB(:gaps_now), 4326))
ON CONFLICT (area_id, px_per_m) DO UPDATE SET
    seen_m2 = excluded.seen_m2, seen_now_m2 = excluded.seen_now_m2, seen_by_2_m2 = excluded.seen_by_2_m2, least_m2 =
    excluded.least_m2, most_m2 = excluded.most_m2, sectors_m2 = excluded.sectors_m2, worst_camera_id =
    excluded.worst_camera_id, worst_m2 = excluded.worst_m2, roads_m = excluded.roads_m, roads_seen_m =
    excluded.roads_seen_m, roads_now_m = excluded.roads_now_m, crossings = excluded.crossings, crossings_seen =
    excluded.crossings_seen, crossings_now = excluded.crossings_now, buildings = excluded.buildings, buildings_seen
    = excluded.buildings_seen, buildings_now = excluded.buildings_now, places = excluded.places, places_seen =
    excluded.places_seen, places_now = excluded.places_now, incidents = excluded.incidents, incidents_seen =
    excluded.incidents_seen, incidents_now = excluded.incidents_now, unseen_places = excluded.unseen_places,
    unseen_places_now = excluded.unseen_places_now, gaps = excluded.gaps, gaps_now = excluded.gaps_now
