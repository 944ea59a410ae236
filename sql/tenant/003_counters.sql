-- Adds slots that no key belongs to. They only count bytes: a write that replaces a
-- value, or a deletion, locks its row, then adds the difference to the counter of its
-- worker. Otherwise the writers of one store would wait for each other's commits in
-- the slots of their keys.
--
-- The order of locks is slots of keys, rows, one counter. Nothing waits for another
-- lock while it holds a counter. Older programs never write to counters.
--
-- kv_slot.version of a slot of keys is now at least the version of each of its
-- keys, and may be greater: see kv_set.

INSERT INTO {tenant}.kv_slot (slot) SELECT generate_series(16, 31);
