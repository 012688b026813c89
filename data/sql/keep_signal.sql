INSERT INTO signals (button_id, path, kind, nonce, sent_at, way, body)
VALUES (:button, CAST(:path AS ltree), :kind, :nonce, :sent_at, :way, CAST(:body AS jsonb))
