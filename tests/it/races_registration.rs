//! races_registration
