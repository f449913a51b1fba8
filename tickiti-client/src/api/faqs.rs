//! The faqs family.
