//! The client against the facts of the API, and against an install that keeps state.

mod table;
