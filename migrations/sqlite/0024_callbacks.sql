-- The hidden webhook of an operation's callback goes once nothing refers to it, neither an operation nor a delivery: whether one does is
-- looked up from its side.

CREATE INDEX operations_calling_back ON operations (callback_id) WHERE callback_id IS NOT NULL;
