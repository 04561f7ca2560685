//! Reports: from draft to signature, and their numbers.
