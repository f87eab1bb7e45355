curl -H 'Content-Type: application/json' -d '{"title": "A test: nothing is broken", "severity": "SEV3", "dedup_key": "test"}' {{ url }}
