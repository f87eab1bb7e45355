curl -H 'Content-Type: application/json' -d '{"title": "A test: nothing is broken", "status": "resolved", "dedup_key": "test"}' {{ url }}
