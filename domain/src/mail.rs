//! What a mail server's answers mean.

pub mod refusal;
