//! The idempotency_key family.
