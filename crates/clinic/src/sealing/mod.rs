//! Sealed groups of a record, and the blind indexes by which they are found (ENC-1).
