//! The axial family.
